"""Predicted scores of suggested recipes: a panel per workload, a group of methods per suggestion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import Figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree


def codesign_figure(predicted: DataFrame) -> Figure:
    """The figure of `suite.lab.fabrication.codesign.predicted_scores`; of each workload the first score is drawn."""
    return Figure(
        "Predicted scores on suggested devices", (), lambda tree: predicted, _draw, lambda table: _caption(table)
    )


def _caption(table: DataFrame) -> str:
    left_out = int(table["predicted_score"].isna().sum())
    gap = f" {left_out} predictions lie outside the cube's levels and are not drawn." if left_out else ""
    levels = " or ".join(f"{100 * level:.3g} %" for level in sorted(set(table["interval_level"])))
    return (
        f"Dots: the workload's score at the predicted sigma; bars: envelope of the recipe's {levels} interval of "
        f"usability and of the 95 % t band over seeds, where both are known.{gap} A prediction, not a measurement; "
        f"assumes a device that is {table['assumes'].iloc[0]}."
    )


def _draw(table: DataFrame, tree: DataTree) -> Drawing:
    from matplotlib.figure import Figure as Drawing

    shown = list(dict.fromkeys(table["workload"]))
    columns = min(2, len(shown))
    height = math.ceil(len(shown) / columns)
    width = style.SINGLE_COLUMN_IN if columns == 1 else style.DOUBLE_COLUMN_IN
    drawing = Drawing(figsize=(width, style.PANEL_HEIGHT_IN * height + 0.9))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    looks = style.lines(table["contestant"])
    for place, workload in enumerate(shown, start=1):
        measures = tree[workload].attrs["measures"]
        score = next(iter(measures))
        axes = inner.add_subplot(height, columns, place)
        _panel(axes, table[(table["workload"] == workload) & (table["score"] == score)], looks)
        axes.axhline(measures[score]["chance"], color=style.GREY, linestyle=":", linewidth=0.8, label="chance")
        axes.set_title(workload, loc="left", fontweight="bold")
        source = source_of(tree[workload].attrs["source"], score)
        axes.set_title(source, loc="right", fontsize=style.SMALL_PT, color=style.GREY)
        axes.set_ylabel(measures[score]["title"])
    inner.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return drawing


def _panel(axes: Axes, rows: DataFrame, looks: dict[str, style.Line]) -> None:
    step = 0.6 / len(looks)
    for place, (contestant, line) in enumerate(looks.items()):
        own = rows[rows["contestant"] == contestant]
        x = own["suggestion"].to_numpy() + step * (place - (len(looks) - 1) / 2)
        axes.plot(x, own["predicted_score"], color=line.colour, marker=line.marker, linestyle="", label=line.label)
        axes.vlines(x, own["score_low"], own["score_high"], color=line.colour, linewidth=0.9)
    axes.set_xticks(sorted(set(rows["suggestion"])))
    axes.set_xlabel("Suggestion")
