"""Figure 4e: what SweetNet knows of glycans, laid out by t-SNE and coloured by kingdom, ERM beside BayesMulti.

Source: Ye et al., arXiv:2412.02779, Fig. 4(e). Rows are levels of the crossbar, columns are methods.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

from suite.figures import Figure, style
from suite.figures.observed import observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.figure import SubFigure
    from pandas import DataFrame
    from xarray import DataTree

WORKLOAD, WHAT = "glycan_kingdom", "embedding"
COLUMNS = ("workload", "source", "contestant", "seed", "usability", "kingdom", "x", "y")
# The kingdoms that get a colour and a marker of their own; the others are too few to be told apart.
NAMED = {
    "Animalia": ("#D55E00", "o"),
    "Bacteria": ("#0072B2", "s"),
    "Plantae": ("#009E73", "^"),
    "Fungi": ("#CC79A7", "D"),
    "Excavata": ("#E69F00", "v"),
    "Riboviria": ("#000000", "P"),
}
OTHERS = ("others", (style.GREY, "x"))
ROW_IN = 2.6


def table(tree: DataTree) -> DataFrame:
    """One row per glycan, contestant and usability: of the first seed and realisation that the study asks for."""
    import pandas

    frames, seen = [], set()
    for one in observed(tree, WORKLOAD, WHAT):
        labels = {name: one.attrs[name] for name in ("source", "contestant", "seed", "usability")}
        shown = labels["contestant"], one.attrs["condition"]
        if shown in seen or math.isnan(labels["usability"]):
            continue
        seen.add(shown)
        x, y = one["place"].to_numpy().T
        frame = pandas.DataFrame({"kingdom": one["kingdom"].to_numpy(), "x": x, "y": y})
        frames.append(frame.assign(workload=WORKLOAD, **labels))
    return (
        pandas.concat(frames, ignore_index=True)[list(COLUMNS)] if frames else pandas.DataFrame(columns=list(COLUMNS))
    )


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A panel per method and level."""
    from matplotlib.figure import Figure as Drawing

    lines, levels = style.lines(rows["contestant"]), sorted(rows["usability"].unique(), reverse=True)
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, ROW_IN * len(levels) + 0.9))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    panels = inner.subplots(len(levels), len(lines), squeeze=False)
    for axes, (usability, (contestant, line)) in zip(panels.flat, product(levels, lines.items()), strict=True):
        _panel(axes, rows[(rows["contestant"] == contestant) & (rows["usability"] == usability)])
        axes.set_title(f"{line.label}, usability {usability:g}", loc="left", fontweight="bold")
    _legend(inner)
    return drawing


def _panel(axes: Axes, rows: DataFrame) -> None:
    for kingdom, (colour, marker) in (OTHERS, *NAMED.items()):
        some = rows[~rows["kingdom"].isin(list(NAMED))] if kingdom == OTHERS[0] else rows[rows["kingdom"] == kingdom]
        axes.scatter(some["x"], some["y"], s=5, c=colour, marker=marker, linewidths=0.4, alpha=0.7, label=kingdom)
    # Neither place nor scale of a t-SNE means anything: nearness alone does.
    axes.set_xticks([])
    axes.set_yticks([])


def _legend(inner: SubFigure) -> None:
    handles, labels = inner.axes[0].get_legend_handles_labels()
    inner.legend(handles, labels, loc="outside upper center", ncols=len(labels), markerscale=1.8)


def caption(rows: DataFrame) -> str:
    """Of which states, and how many glycans."""
    count = rows.groupby(["contestant", "usability"]).size().max()
    seeds = ", ".join(str(seed) for seed in sorted(rows["seed"].unique()))
    return (
        f"t-SNE of the 64 numbers before the classifier, {count} test glycans; each panel is laid out by itself, axes "
        f"have no unit. Seed {seeds}, one realisation where usability is below 1."
    )


FIGURE = Figure("Glycans, SweetNet: what is learned, by kingdom", (WORKLOAD,), table, draw, caption)
