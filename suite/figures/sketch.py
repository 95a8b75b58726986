"""A chain of boxes with arrows: what a network does, which of its steps lie on crossbars, and which are frozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from suite.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

Symbol = Literal["sweep", "crossbar", "boxes", "picture", "frozen", "words"]

LEFT, RIGHT, LOW, HIGH = 0.16, 0.84, 0.25, 0.95
# Lines of a crossbar, rings of a sweep; tilted boxes (x, y, length, width, angle) in shares of the frame.
LINES, RINGS = 5, 6
# Right ends of lines of a text, from below; lines of what is frozen.
TEXT, FROZEN = (0.5, 0.85, 0.7, 0.85), 7
BOXES = ((0.3, 0.65, 0.34, 0.16, 0.4), (0.7, 0.4, 0.34, 0.16, -0.2), (0.4, 0.22, 0.1, 0.08, 0.0))


def draw_sketch(part: SubFigure, steps: Sequence[tuple[str, Symbol]], title: str = "a") -> None:
    """Name and symbol of each step, from left to right."""
    axes = part.subplots()
    axes.set_xlim(0, len(steps))
    axes.set_ylim(0, 1)
    axes.axis("off")
    axes.set_title(title, loc="left", fontweight="bold")
    for place, (name, symbol) in enumerate(steps):
        _line(axes, place, [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], "black", 0.8)
        _SYMBOLS[symbol](axes, place)
        axes.text(place + 0.5, 0.05, name, ha="center", va="center", size=style.SMALL_PT)
        if place:
            axes.annotate("", (place + 0.12, 0.6), (place - 0.12, 0.6), arrowprops={"arrowstyle": "->", "lw": 0.8})


def _line(axes: Axes, place: int, u: object, v: object, colour: str, width: float = 0.5) -> None:
    """A line in shares of the frame at a place."""
    x, y = LEFT + (RIGHT - LEFT) * np.asarray(u, float), LOW + (HIGH - LOW) * np.asarray(v, float)
    axes.plot(place + x, y, color=colour, linewidth=width)


def _crossbar(axes: Axes, place: int) -> None:
    for share in np.arange(1, LINES + 1) / (LINES + 1):
        _line(axes, place, [share, share], [0, 1], "#0072B2")
        _line(axes, place, [0, 1], [share, share], "#0072B2")


def _sweep(axes: Axes, place: int) -> None:
    angle = np.linspace(-0.42, 0.42, 30)
    for reach in np.linspace(0.25, 0.95, RINGS):
        _line(axes, place, reach * np.cos(angle), 0.5 + reach * np.sin(angle), style.GREY)


def _boxes(axes: Axes, place: int) -> None:
    for x, y, length, width, angle in BOXES:
        u, v = length * np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), width * np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
        turned = u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)
        _line(axes, place, x + turned[0], y + turned[1], "#D55E00", 0.8)


def _picture(axes: Axes, place: int) -> None:
    angle = np.linspace(0, 2 * np.pi, 30)
    _line(axes, place, [0.1, 0.4, 0.6, 0.7, 0.9], [0.15, 0.6, 0.3, 0.45, 0.15], style.GREY, 0.8)
    _line(axes, place, 0.7 + 0.1 * np.cos(angle), 0.75 + 0.1 * np.sin(angle), style.GREY, 0.8)


def _frozen(axes: Axes, place: int) -> None:
    for share in np.arange(1, FROZEN) / FROZEN:
        _line(axes, place, [0, share], [share, 0], style.GREY)
        _line(axes, place, [share, 1], [1, share], style.GREY)


def _words(axes: Axes, place: int) -> None:
    for height, end in zip(np.arange(1, len(TEXT) + 1) / (len(TEXT) + 1), TEXT, strict=True):
        _line(axes, place, [0.15, end], [height, height], "black", 0.8)


_SYMBOLS = {
    "sweep": _sweep,
    "crossbar": _crossbar,
    "boxes": _boxes,
    "picture": _picture,
    "frozen": _frozen,
    "words": _words,
}
