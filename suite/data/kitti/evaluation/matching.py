"""Which detection each truth takes, in the order of the files, at many score thresholds at once.

Truths of one frame compete for its detections, frames do not: the first truths of all frames choose together, then the
second ones, and so on. Each has its candidates in order of preference and takes the first that is still free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """Pairs of truth and detection that may be matched, sorted by truth and then by preference; turn: (pairs,) the
    place of the truth among those of its frame that have candidates."""

    truth: Indices
    found: Indices
    turn: Indices

    @classmethod
    def of(cls, truth: Indices, found: Indices, frame: Indices, preference: tuple[Floats, ...]) -> Candidates:
        """Pairs in file order; frame: (truths,); preference: keys of the pairs, least first, the last counts most.
        Equal ones keep their order."""
        order = np.lexsort((*preference, truth))
        own, place = np.unique(truth, return_inverse=True)
        turn = np.arange(len(own)) - np.searchsorted(frame[own], frame[own])
        return cls(truth[order], found[order], turn[place[order]])


def matched(candidates: Candidates, score: Floats, thresholds: Floats) -> tuple[Flags, Flags]:
    """(pairs, thresholds): which pairs come to be; (detections, thresholds): which are used up.

    score: (detections,); one below a threshold is no candidate at it.
    """
    taken = np.zeros((len(score), len(thresholds)), bool)
    chosen = np.zeros((len(candidates.truth), len(thresholds)), bool)
    for turn in range(candidates.turn.max(initial=-1) + 1):
        rows = np.flatnonzero(candidates.turn == turn)
        found = candidates.found[rows]
        free = ~taken[found] & (score[found, None] >= thresholds)
        best = _first_of_each(free, candidates.truth[rows])
        chosen[rows] = best
        # Two pairs of a turn never share a detection that is chosen: their truths lie in different frames.
        pair, threshold = np.nonzero(best)
        taken[found[pair], threshold] = True
    return chosen, taken


def _first_of_each(flags: Flags, group: Indices) -> Flags:
    """(rows, columns), of which only the first true one within each run of equal groups is kept."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    before = np.cumsum(flags, 0, dtype=np.int32)
    base = (before[starts] - flags[starts])[np.cumsum(np.diff(group, prepend=-1) != 0) - 1]
    return flags & (before - base == 1)
