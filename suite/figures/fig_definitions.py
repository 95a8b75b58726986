"""What usability is of: each device by the paper's definition, and over its whole loop.

Source of the devices: Ye et al., arXiv:2412.02779, and their later collection of 43 (`suite.data.facts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.figures import Figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

# Colour and label by whether at least half of the window's samples of the whole loop sit on the compliance limit.
_LIMITED = {True: ("#D55E00", "on the compliance limit"), False: ("#0072B2", "not on it")}
_HIGH_IN = 5.6


def table(tree: DataTree) -> DataFrame:
    """One row per device: both sigmas and usabilities, the interval of ours, where the windows lie."""
    from suite.lab.characterise.definitions import devices

    return devices()


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """(a) Usability, device by device, sorted by the paper's; (b) the two sigmas against each other."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, _HIGH_IN))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    left, right = inner.subplots(1, 2)
    _draw_devices(left, rows)
    _draw_sigmas(right, rows)
    return drawing


def _draw_devices(axes: Axes, rows: DataFrame) -> None:
    sorted_rows = rows.sort_values(["usability_authors", "usability_whole"], na_position="first", ignore_index=True)
    for place, row in enumerate(sorted_rows.itertuples()):
        colour, _ = _LIMITED[row.at_limit_whole >= 0.5]
        axes.plot([row.usability_low, row.usability_high], [place, place], color=colour, linewidth=0.6, alpha=0.5)
        axes.plot(row.usability_whole, place, "o", color=colour, markersize=3.5)
        axes.plot(row.usability_authors, place, "|", color="black", markersize=7)
    axes.set_yticks(range(len(sorted_rows)), labels=sorted_rows["number"].astype(str), fontsize=style.SMALL_PT)
    axes.set_xlabel("Usability")
    axes.set_ylabel("Device")
    axes.set_title("(a) Usability", loc="left", fontweight="bold")


def _draw_sigmas(axes: Axes, rows: DataFrame) -> None:
    for limited, (colour, label) in _LIMITED.items():
        some = rows[(rows["at_limit_whole"] >= 0.5) == limited]
        axes.plot(some["sigma_authors"], some["sigma_whole"], "o", color=colour, markersize=4, label=label)
    ends = rows[["sigma_authors", "sigma_whole"]].min().max(), rows[["sigma_authors", "sigma_whole"]].max().max()
    axes.plot(ends, ends, color=style.GREY, linestyle=":", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("σ by the paper's definition")
    axes.set_ylabel("σ over the whole loop")
    axes.set_title("(b) The two σ", loc="left", fontweight="bold")
    axes.legend(loc="upper left")


def caption(rows: DataFrame) -> str:
    """What the marks are."""
    six, lacking = int((~rows["stored"]).sum()), int(rows["sigma_authors"].isna().sum())
    return (
        f"{len(rows)} devices. Strokes: the paper's definition, as stored for {len(rows) - six}, recomputed for "
        f"{six - lacking} (for {lacking} it gives 0, for all cycles are equal in its window); dots: the log ratio over "
        "the whole loop, lines: its 95 % interval over cycles. Orange: at least half of the samples of the window sit "
        "on the compliance limit, where I/V repeats because the voltage does."
    )


FIGURE = Figure("Usability by the paper's definition and over the whole loop", (), table, draw, caption)
