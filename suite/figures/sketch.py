"""A chain of boxes with arrows: what a task does, and which of its steps lie on crossbars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from suite.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

# A grid of so many lines stands for a crossbar.
LINES = 5


def draw_sketch(part: SubFigure, steps: Sequence[tuple[str, bool]]) -> None:
    """(name, whether it lies on a crossbar) of each step, from left to right."""
    axes = part.subplots()
    axes.set_xlim(0, len(steps))
    axes.set_ylim(0, 1)
    axes.axis("off")
    axes.set_title("a", loc="left", fontweight="bold")
    for place, (name, on_crossbar) in enumerate(steps):
        _step(axes, place, name, on_crossbar)
        if place:
            axes.annotate("", (place + 0.12, 0.6), (place - 0.12, 0.6), arrowprops={"arrowstyle": "->", "lw": 0.8})


def _step(axes: Axes, place: int, name: str, on_crossbar: bool) -> None:
    left, right, low, high = place + 0.16, place + 0.84, 0.25, 0.95
    axes.plot([left, right, right, left, left], [low, low, high, high, low], color="black", linewidth=0.8)
    for line in range(1, LINES + 1) if on_crossbar else ():
        share = line / (LINES + 1)
        axes.plot([left + share * (right - left)] * 2, [low, high], color="#0072B2", linewidth=0.5)
        axes.plot([left, right], [low + share * (high - low)] * 2, color="#0072B2", linewidth=0.5)
    axes.text(place + 0.5, 0.05, name, ha="center", va="center", size=style.SMALL_PT)
