"""The house style: sizes of a journal column, fonts of 7 pt and more, colours that colour-blind readers tell apart.

Colours: Okabe and Ito, "Color Universal Design" (2008), without the yellow, which is too pale for a line on white.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from suite.figures.fonts import families

SINGLE_COLUMN_IN = 3.4
DOUBLE_COLUMN_IN = 7.0
PANEL_HEIGHT_IN = 2.2
SMALL_PT = 7.0
PNG_DPI = 300
GREY = "#555555"

Dashes = str | tuple[int, tuple[float, ...]]

# Type 42 embeds whole TrueType outlines, as publishers ask; the hash salt fixes the ids inside an SVG.
_SETTINGS: dict[Any, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "xtick.labelsize": SMALL_PT,
    "ytick.labelsize": SMALL_PT,
    "legend.fontsize": SMALL_PT,
    "figure.titlesize": 9.0,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.wspace": 0.06,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.direction": "out",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.4,
    "grid.color": "#e4e4e4",
    "lines.linewidth": 1.2,
    "lines.markersize": 3.2,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "pdf.fonttype": 42,
    "svg.hashsalt": "crossbar-suite",
}


@dataclass(frozen=True)
class Line:
    """How one method is drawn: distinct in colour, in marker and in dashes, so that one of them suffices."""

    label: str
    colour: str
    marker: str
    dashes: Dashes


KNOWN = {
    "erm": Line("ERM", "#D55E00", "o", "-"),
    "bayesmulti": Line("BayesMulti", "#0072B2", "s", "-"),
    "bayesmulti/fixed": Line("BayesMulti, rates 0.5", "#56B4E9", "^", ":"),
    "bayesmulti/random": Line("BayesMulti, random search", "#009E73", "v", "--"),
}
_COLOURS = ("#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
_MARKERS = ("^", "D", "v", "P", "X", "<")
DASHES: tuple[Dashes, ...] = ("--", "-.", (0, (1.0, 1.2)), (0, (5.0, 1.0, 1.0, 1.0)))
# Lengths 5, 6 and 4: sixty slots, and neighbours differ in all three.
_SLOTS = 60


def lines(contestants: Iterable[str]) -> dict[str, Line]:
    """The line of every method shown, the known ones first (by label or by the name that readers see), then by label.

    A label keeps its line whatever else is shown: the table's, else the slot its hash points to. Only where two labels
    of one figure meet in a slot, or in a colour while there are others, does the later one move on.
    """
    labels = sorted(set(contestants))
    known = KNOWN | {line.label: line for line in KNOWN.values()}
    drawn = {label: line for label, line in known.items() if label in labels}
    taken: set[int] = set()
    for label in labels:
        if label in known:
            continue
        slot = int.from_bytes(hashlib.sha256(label.encode()).digest()[:4], "big") % _SLOTS
        free = {*_COLOURS} - {line.colour for line in drawn.values()} or {*_COLOURS}
        while (slot in taken and len(taken) < _SLOTS) or _COLOURS[slot % 5] not in free:
            slot = (slot + 1) % _SLOTS
        taken.add(slot)
        drawn[label] = Line(label, _COLOURS[slot % 5], _MARKERS[slot % 6], DASHES[slot % 4])
    return drawn


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's defaults plus the house style, whatever the user's matplotlibrc says; undone afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_SETTINGS, "font.family": families()})
        yield
