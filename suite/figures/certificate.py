"""The certificate's figure: certified accuracy against faulty cells, and the worst of random faults above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from suite.figures import Figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.lines import Line2D
    from pandas import DataFrame

TITLES = {"any": "any fault", "half_double": "halved or doubled", "dead": "dead (zero)"}


def certificate_figure(curves: DataFrame) -> Figure:
    """The figure of `suite.report.certificate.curves`: it reads no cube. One workload, one panel per kind of fault."""
    title = f"Certified accuracy of {curves['workload'].iloc[0]} under faulty cells"
    return Figure(title, (), lambda tree: curves, lambda table, tree: _draw(table), _caption)


def _draw(table: DataFrame) -> Drawing:
    from matplotlib.figure import Figure as Drawing
    from matplotlib.ticker import MaxNLocator

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN + 1.3))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    panels, lines = inner.subplots(1, len(TITLES), sharey=True), style.lines(table["contestant"])
    for axes, kind in zip(panels, TITLES, strict=True):
        _panel(axes, table[table["kind"] == kind], lines)
        axes.set_title(TITLES[kind], loc="left", fontweight="bold")
        axes.set_xlabel("Faulty cells")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    panels[0].set_ylabel("Accuracy")
    panels[0].set_ylim(-0.03, 1.03)
    inner.legend(handles=list(_key(table)), loc="outside upper center", ncols=3)
    return drawing


def _panel(axes: Axes, rows: DataFrame, lines: Mapping[str, style.Line]) -> None:
    for contestant, line in lines.items():
        mine = rows[rows["contestant"] == contestant]
        tried = mine[mine["patterns"] > 0]
        # Whole numbers of cells alone mean something: the step down lies between them.
        axes.step(mine["cells"], mine["certified"], where="mid", color=line.colour)
        axes.plot(tried["cells"], tried["worst"], color=line.colour, marker=line.marker, linestyle=":", linewidth=0.8)


def _key(table: DataFrame) -> Iterator[Line2D]:
    """What the colours are, then what lines and markers are."""
    from matplotlib.lines import Line2D

    rates = table.groupby("contestant")["p_zero"].first()
    for contestant, line in style.lines(table["contestant"]).items():
        yield Line2D([], [], color=line.colour, marker=line.marker, label=f"{line.label}, p₁ = {rates[contestant]:g}")
    yield Line2D([], [], color=style.GREY, label="certified")
    yield Line2D([], [], color=style.GREY, marker=".", linestyle=":", label="worst of random faults")


def _caption(table: DataFrame) -> str:
    """What is proved and what is tried, with the numbers behind it."""
    first, tried = table.iloc[0], table[table["patterns"] > 0]
    accuracies = "; ".join(
        f"{row.contestant} {100 * row.smoothed:.1f} % ({100 * row.plain:.1f} % without masks)"
        for row in table.drop_duplicates("contestant").itertuples()
    )
    return (
        f"Steps: share of {first['n_samples']} test samples whose label is proved to keep the majority of masks, "
        f"whatever cells fail of {first['n_cells']}, for all samples at once with {100 * first['confidence']:g} % "
        f"confidence ({first['masks']} masks). Markers: share that kept it in all of {tried['patterns'].max()} random "
        f"sets of faults ({first['pattern_masks']} masks each). Both are of the smoothed predictor, whose "
        f"accuracy without faults is {accuracies}."
    )
