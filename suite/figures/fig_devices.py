"""The measured devices: accuracy against usability, one marker per device; hollow where its curve was made up
(by older code).

Source of the devices: Ye et al., arXiv:2412.02779, and their later collection of 43 (`suite.data.facts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.figures import Figure, style
from suite.figures.device_panels import draw_panels, source_words
from suite.figures.specimens import specimen_rows
from suite.figures.summary import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

PANELS = (Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet"))


def table(tree: DataTree) -> DataFrame:
    """One row per panel, contestant and device."""
    return specimen_rows(tree, PANELS)


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Markers: devices with their own levels; lines: the plain log-normal device of the same sigmas."""
    drawing = draw_panels(rows, tree, PANELS, x="usability", y="mean", extra=_plain_line)
    for axes in drawing.axes:
        axes.set_xlabel("Usability")
    return drawing


def _plain_line(axes: Axes, rows: DataFrame, line: style.Line) -> None:
    known = rows.dropna(subset="plain")
    axes.plot(known["usability"], known["plain"], color=line.colour, linewidth=0.7, linestyle=":", zorder=1)


def caption(rows: DataFrame) -> str:
    """What marker and line are, and over how many samples."""
    spread = f"over {rows['n_seeds'].max()} seeds, {rows['n'].max()} programmings in all"
    return (
        f"{rows['specimen'].nunique()} devices; markers: mean {spread}, {source_words(rows)}. Dotted: the plain "
        "log-normal device of the same sigma; a marker below it has lost weights outside its monotone window."
    )


FIGURE = Figure("Measured devices: accuracy against usability", ("mnist_mlp", "mnist_lenet"), table, draw, caption)
