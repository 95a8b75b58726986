"""Hits and false alarms of a class at a difficulty, over all frames and for every score threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.evaluation.matching import Candidates, matched
from suite.data.kitti.evaluation.pool import Pool, Touching
from suite.data.kitti.evaluation.rules import COUNTED, IGNORED, OUT, Difficulty, detection_status, truth_status

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# So many thresholds at once: each needs a flag for every detection.
TOGETHER = 256


@dataclass(frozen=True)
class Counts:
    """At every threshold: hits, false alarms, and the sum of (1 + cos of the error in alpha) / 2 over the hits."""

    hits: Floats
    alarms: Floats
    similarity: Floats

    @property
    def precision(self) -> Floats:
        """Hits among hits and alarms, 0 where there are neither."""
        return self._share(self.hits)

    @property
    def orientation(self) -> Floats:
        """Precision with every hit weighted by its similarity of orientation."""
        return self._share(self.similarity)

    def _share(self, part: Floats) -> Floats:
        whole = self.hits + self.alarms
        return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


class Case:
    """A class at a difficulty and an overlap threshold, over all frames of a pool."""

    def __init__(self, pool: Pool, touching: Touching, kind: str, limits: Difficulty, threshold: float) -> None:
        self.pool = pool
        truth, found = truth_status(pool.truth, kind, limits), detection_status(pool.found, kind, limits)
        some = (touching.overlap > threshold) & (truth[touching.truth] != OUT) & (found[touching.found] != OUT)
        self._truth, self._found, self._overlap = touching.truth[some], touching.found[some], touching.overlap[some]
        self._unused = found[self._found] == IGNORED
        self._wanted, self._right_or_wrong = truth == COUNTED, found == COUNTED
        self._covered = self._right_or_wrong & (touching.coverage > threshold)
        self.counted = int(self._wanted.sum())

    def hit_scores(self) -> Floats:
        """Scores of the hits where every truth takes the detection of the highest score, descending."""
        score = self.pool.found.score
        candidates = self._candidates(-score[self._found])
        chosen, _ = matched(candidates, score, np.array([-np.inf]))
        hits = chosen[:, 0] & self._hits(candidates)
        return np.sort(score[candidates.found[hits]])[::-1]

    def counts(self, thresholds: Floats) -> Counts:
        """Where every truth takes the detection of the largest overlap; one that is ignored only for want of others,
        the first of them."""
        candidates = self._candidates(np.where(self._unused, 0, -self._overlap), self._unused.astype(np.float64))
        parts = [
            self._counts(candidates, thresholds[start : start + TOGETHER])
            for start in range(0, max(len(thresholds), 1), TOGETHER)
        ]
        return Counts(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _candidates(self, *preference: Floats) -> Candidates:
        return Candidates.of(self._truth, self._found, self.pool.truth_frame, preference)

    def _hits(self, candidates: Candidates) -> Flags:
        """(pairs,) whether a pair counts, in the candidates' order."""
        return self._wanted[candidates.truth] & self._right_or_wrong[candidates.found]

    def _counts(self, candidates: Candidates, thresholds: Floats) -> tuple[Floats, Floats, Floats]:
        score = self.pool.found.score
        chosen, taken = matched(candidates, score, thresholds)
        hits = chosen & self._hits(candidates)[:, None]
        error = self.pool.truth.alpha[candidates.truth] - self.pool.found.alpha[candidates.found]
        similarity = (1 + np.cos(error)) / 2 @ hits
        ranked = np.sort(score[self._right_or_wrong])
        above = len(ranked) - np.searchsorted(ranked, thresholds)
        used = taken[self._right_or_wrong].sum(0)
        excused = (~taken[self._covered] & (score[self._covered, None] >= thresholds)).sum(0)
        return hits.sum(0).astype(np.float64), (above - used - excused).astype(np.float64), similarity
