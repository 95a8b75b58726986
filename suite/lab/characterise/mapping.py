"""Monotone window of a conductance curve, and what lies outside it: the level ratios of the device `measured`.

Source: the authors' repository (github.com/qiaosun22/BayesMulti), as decoded: their smoother has an observation
variance of zero and changes nothing, so it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Conductance levels that a weight may take, and the points of the loop among which they are sought.
LEVELS, POINTS = 35, 100
SLIPS = 2


@dataclass(frozen=True)
class Window:
    """Points start..end (both included) of a curve, between which it rises."""

    start: int
    end: int

    @property
    def mono_len(self) -> int:
        """Monotone length: the number of steps in the window."""
        return self.end - self.start


def monotone_window(curve: Sequence[float]) -> Window:
    """The longest run of consecutive points of `curve` (points,) with at most two steps that do not rise.

    Of several longest runs the first one. A single sliding window: O(points).
    """
    slips = [at for at in range(1, len(curve)) if curve[at] <= curve[at - 1]]
    # A run may start right after a slip (its first step then is not counted) and ends before its third slip.
    starts = [0, *slips]
    ends = [*(at - 1 for at in slips), len(curve) - 1]
    runs = [Window(start, ends[min(number + SLIPS, len(ends) - 1)]) for number, start in enumerate(starts)]
    return max(runs, key=lambda run: run.mono_len)


def level_ratio(curve: Sequence[float], window: Window) -> tuple[float, ...]:
    """What each of the 35 levels is multiplied by, (35,), from a curve of 100 points and its window.

    Levels lie on consecutive points from the start of the window, shifted left where they would pass the end of the
    curve. The ratio is 1 inside the window, else (c - min c) / (max c - min c) over the whole curve; with a window of
    35 steps or more it is 1 at every level.
    """
    if window.mono_len >= LEVELS:
        return (1.0,) * LEVELS
    first = min(window.start, len(curve) - LEVELS)
    low, high = min(curve), max(curve)
    return tuple(
        1.0 if window.start <= at < window.end else (curve[at] - low) / (high - low)
        for at in range(first, first + LEVELS)
    )
