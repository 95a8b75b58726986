"""What the monotone length costs: accuracy with a device's own levels less that of the plain log-normal device.

Usability does not show this effect. Every device of the table has its real curve over the whole loop; cubes of older
code hold levels that were made up from the length alone, drawn hollow. From a length of 35 on the difference is 0 by
construction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.figures import Figure, style
from suite.figures.device_panels import by_workload, draw_panels, source_words
from suite.figures.specimens import specimen_rows
from suite.figures.summary import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

PANELS = (Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet"))


def table(tree: DataTree) -> DataFrame:
    """One row per panel, contestant and device of the packaged table that has its plain twin in the cube."""
    return specimen_rows(tree, PANELS).dropna(subset=["effect", "mono_len"]).reset_index(drop=True)


def left_out(tree: DataTree) -> list[str]:
    """The user's own devices: a cube holds their levels, and the length does not follow from these."""
    rows = specimen_rows(tree, PANELS)
    own = sorted(set(rows.loc[rows["mono_len"].isna(), "specimen"]))
    return [f"own fit {name}, for the cube does not hold its monotone length" for name in own]


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Differences against monotone length, with their intervals where there are several seeds."""
    drawing = draw_panels(by_workload(rows, PANELS), tree, x="mono_len", y="effect", extra=_intervals)
    for axes in drawing.axes:
        axes.axhline(0, color=style.GREY, linewidth=0.8)
        axes.set_xlabel("Monotone length (steps; 35 are needed)")
        axes.set_ylabel(f"{axes.get_ylabel()}: difference")
    return drawing


def _intervals(axes: Axes, rows: DataFrame, line: style.Line) -> None:
    known = rows[(rows["n_seeds"] > 1) & (rows["curve_source"] == "measured")]
    axes.errorbar(
        known["mono_len"], known["effect"], known["half_width"], fmt="none", ecolor=line.colour, linewidth=0.7
    )


def caption(rows: DataFrame) -> str:
    """What is compared, and which part of it is measured."""
    bars = "; bars: 95 % t interval on seed means, paired by seed" if rows["n_seeds"].max() > 1 else ""
    return (
        "Accuracy with a device's own levels minus that of the plain log-normal device of the same sigma, on the same "
        f"draws, {source_words(rows)}{bars}. From a length of 35 on the difference is 0 by construction; "
        "conclusions on the length rest on the measured curves. Devices of the packaged table only, no own fits."
    )


FIGURE = Figure("Effect of the monotone length", ("mnist_mlp", "mnist_lenet"), table, draw, caption, left_out)
