"""Every score of every workload of a cube: a line per contestant, device and crossbar, against the level that varies.

Made for workloads, devices and methods that nobody here knows: it asks for no name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of
from suite.figures import Figure, style
from suite.figures.cube_lines import cube_lines, looks, score_title
from suite.figures.curves import curve_caption, legend, limits_of, usability_axis
from suite.statistics.lines import USABILITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

    from suite.figures.cube_lines import Look

# From this ratio of the largest to the smallest value on, an axis of times or the like is logarithmic.
_LOGARITHMIC = 100
_FEW_PANELS = 4
_PANEL_IN, _LEGEND_IN = 2.0, 0.16


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A panel per workload, score and axis, under one legend; sigma stands on top of the first row."""
    from matplotlib.figure import Figure as Drawing

    panels = list(rows.groupby(["workload", "score", "axis"], sort=False))
    columns = min(len(panels), 2 if len(panels) <= _FEW_PANELS else 3)
    height, width = math.ceil(len(panels) / columns), style.SINGLE_COLUMN_IN if columns == 1 else style.DOUBLE_COLUMN_IN
    lines, limits = looks(rows), limits_of(rows.loc[rows["axis"] == USABILITY, "x"])
    drawing = Drawing(figsize=(width, _PANEL_IN * height + _LEGEND_IN * math.ceil(len(lines) / columns) + 0.9))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    for place, ((workload, score, axis), own) in enumerate(panels, start=1):
        axes, attrs, on_top = inner.add_subplot(height, columns, place), tree[workload].attrs, False
        _panel(axes, own, lines, attrs["measures"][score], score)
        if axis != USABILITY:
            _level_axis(axes, own)
        elif on_top := place <= columns:
            usability_axis(axes, limits, panel_width_pt=72 * width / columns)
        else:
            axes.set_xlim(limits)
        axes.set_xlabel("Usability" if axis == USABILITY else axis)
        _title(axes, workload, source_of(attrs["source"], score), under=not on_top)
    legend(inner, width)
    return drawing


def _title(axes: Axes, workload: str, source: str, *, under: bool) -> None:
    """The name has a line of its own above the source: both would not fit on one. under: nothing stands between the
    title and the panel; a place that is given is not sought, which takes long."""
    place: dict[str, Any] = {"y": 1.0} if under else {}
    axes.set_title(f"{workload}\n", loc="left", fontweight="bold", **place)
    axes.set_title(source, loc="right", fontsize=style.SMALL_PT, color=style.GREY, **place)


def _panel(
    axes: Axes, rows: DataFrame, lines: Mapping[tuple[str, str], Look], measure: Mapping[str, Any], score: str
) -> None:
    for (contestant, line), look in lines.items():
        own = rows[(rows["contestant"] == contestant) & (rows["line"] == line)]
        if len(own):
            _line(axes, own, look)
    axes.axhline(measure["chance"], color=style.GREY, linestyle=":", linewidth=0.8, label="chance")
    axes.set_ylabel(score_title(measure, score))


def _line(axes: Axes, rows: DataFrame, look: Look) -> None:
    x, mean, spread = (rows[name].to_numpy() for name in ("x", "mean", "std"))
    joined = bool(rows["joined"].iloc[0])
    if joined and (rows["n_seeds"] > 1).any():
        spread = rows["std"].where(rows["n_seeds"] > 1).to_numpy()
        axes.fill_between(x, mean - spread, mean + spread, color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(
        x,
        mean,
        color=look.colour,
        marker=look.marker,
        markerfacecolor=look.colour if look.filled else "white",
        linestyle=look.dashes if joined else "",
        label=look.label,
    )


def _level_axis(axes: Axes, rows: DataFrame) -> None:
    low, high = rows["x"].min(), rows["x"].max()
    if low > 0 and high >= _LOGARITHMIC * low:
        axes.set_xscale("log")
    elif low == 0 and high >= _LOGARITHMIC * (above := rows.loc[rows["x"] > 0, "x"].min()):
        axes.set_xscale("symlog", linthresh=above)


FIGURE = Figure("Scores of the study", (), cube_lines, draw, curve_caption, of_every_study=True)
