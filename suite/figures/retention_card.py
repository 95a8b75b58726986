"""The card of retention data: mean and spread of the change over time, and by level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.figures import style
from suite.figures.render import encoded
from suite.results.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from suite.lab.characterise.retention import Retention


def write_card(found: Retention, out: Path) -> None:
    """Writes NAME.pdf and NAME.png; equal bytes every time. Raises ResultsNotWritable."""
    with style.house_style():
        content = encoded(draw_card(found))
    for suffix, data in content.items():
        write_bytes(out / f"{found.name}.{suffix}", data)


def draw_card(found: Retention) -> Drawing:
    """The page as a matplotlib figure."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN + 0.8))
    drawing.suptitle(f"{found.name}: change after programming, 95 % bootstrap intervals", fontweight="bold")
    left, right = drawing.subplots(1, 2)
    _draw_time(left, found)
    _draw_levels(right, found)
    return drawing


def _draw_time(axes: Axes, found: Retention) -> None:
    rows = found.moments
    for name, label, colour, marker in (("mean", "mean", "#0072B2", "o"), ("sd", "standard deviation", "#D55E00", "s")):
        ends = [rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]]
        axes.errorbar(rows["seconds"], rows[name], ends, color=colour, marker=marker, label=label)
    axes.set_xscale("log")
    axes.set_xlabel("Time since programming (s)")
    axes.set_ylabel("Change of all cells (uS)")
    axes.legend()


def _draw_levels(axes: Axes, found: Retention) -> None:
    """Medians and the middle two thirds at the last time, from the table itself."""
    last = found.rows[found.rows["seconds"] == found.rows["seconds"].iloc[-1]]
    ranks = [name for name in last if name not in ("from_uS", "seconds", "cells")]
    levels, values = last["from_uS"].astype(float), last[ranks].astype(float)

    def at(share: float) -> str:
        return min(ranks, key=lambda name: abs(float(name) - share))

    axes.fill_between(levels, values[at(1 / 6)], values[at(5 / 6)], color="#0072B2", alpha=0.2, label="two thirds")
    axes.plot(levels, values[at(0.5)], color="#0072B2", label="median")
    axes.set_xlabel("Target from (uS)")
    axes.set_ylabel(f"Change by {float(last['seconds'].iloc[0]):g} s (uS)")
    axes.legend()
