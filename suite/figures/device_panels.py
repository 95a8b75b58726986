"""Panels of devices: one marker per device and method, filled where its curve was measured, hollow where made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import style
from suite.figures.summary import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree


@dataclass(frozen=True)
class Part:
    """The rows of one panel: of one workload, under the title that readers see."""

    title: str
    panel: Panel
    rows: DataFrame


def by_workload(rows: DataFrame, panels: Sequence[Panel]) -> list[Part]:
    """One part for each of the panels that there are rows of."""
    parts = (Part(panel.title, panel, rows[rows["workload"] == panel.workload]) for panel in panels)
    return [part for part in parts if len(part.rows)]


def draw_panels(
    shown: Sequence[Part],
    tree: DataTree,
    *,
    x: str,
    y: str,
    extra: Callable[[Axes, DataFrame, style.Line], None],
) -> Drawing:
    """Panels, two side by side, of the columns `x` and `y`; `extra` adds to the rows of one method in one panel."""
    from matplotlib.figure import Figure as Drawing
    from pandas import concat

    columns, height = min(2, len(shown)), -(-len(shown) // 2)
    width = style.SINGLE_COLUMN_IN if len(shown) == 1 else style.DOUBLE_COLUMN_IN
    drawing = Drawing(figsize=(width, style.PANEL_HEIGHT_IN * height + 1.4))
    inner, lines = (
        drawing.subfigures(1, 1, squeeze=False)[0, 0],
        style.lines(concat(part.rows["contestant"] for part in shown)),
    )
    for place, part in enumerate(shown, start=1):
        axes, panel = inner.add_subplot(height, columns, place), part.panel
        for contestant, line in lines.items():
            if len(ours := part.rows[part.rows["contestant"] == contestant]):
                extra(axes, ours, line)
                _markers(axes, ours, line, x, y)
        attrs = tree[panel.workload].attrs
        axes.set_title(part.title, loc="left", fontweight="bold")
        axes.set_title(source_of(attrs["source"], panel.score), loc="right", fontsize=style.SMALL_PT, color=style.GREY)
        axes.set_ylabel(attrs["measures"][panel.score]["title"])
    handles, labels = inner.axes[0].get_legend_handles_labels()
    inner.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return drawing


def source_words(rows: DataFrame) -> str:
    """How a caption tells measured curves from made-up ones."""
    measured = rows.loc[rows["curve_source"] == "measured", "specimen"].nunique()
    return f"filled: curve measured ({measured}), hollow: curve synthetic"


def _markers(axes: Axes, rows: DataFrame, line: style.Line, x: str, y: str) -> None:
    for source, size in (("synthetic", 3.2), ("measured", 5.0)):
        some = rows[rows["curve_source"] == source]
        filled = source == "measured"
        axes.plot(
            some[x],
            some[y],
            line.marker,
            color=line.colour,
            markerfacecolor=line.colour if filled else "none",
            markersize=size,
            markeredgewidth=0.7,
            label=line.label if filled else "_hollow",
        )
