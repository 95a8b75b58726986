"""Average precision of detections against labels, for every metric, class and difficulty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.evaluation.counts import Case, Counts
from suite.data.kitti.evaluation.curves import SAMPLES, all_points, curve, r11, r40, sampled_thresholds
from suite.data.kitti.evaluation.pool import Pool, Touching
from suite.data.kitti.evaluation.rules import CLASSES, DIFFICULTIES, METRICS, OVERLAPS, THRESHOLDS, is_evaluated
from suite.data.kitti.labels import Objects

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Precision:
    """One average precision. overlaps: `strict` or `loose`; counted: truths that count; curve: the 41 entries behind it
    as shares, NaN where the official program gives none (class never detected, AOS without alpha)."""

    overlaps: str
    metric: str
    kind: str
    difficulty: str
    counted: int
    curve: Floats

    @property
    def r11(self) -> float:
        """In percent, by 11 recall samples."""
        return r11(self.curve)

    @property
    def r40(self) -> float:
        """In percent, by 40 recall samples: the official number."""
        return r40(self.curve)


class Evaluation:
    """Labels and detections, one item per frame of either and in the same order; frames are pooled.

    Overlaps are computed once per metric, whatever is asked of them.
    """

    def __init__(self, truths: Sequence[Objects], detections: Sequence[Objects]) -> None:
        self._pool = Pool.of(truths, detections)
        self._touching: dict[str, Touching] = {}
        self._counted: dict[tuple[str, str, str, float], tuple[int, Counts]] = {}

    def precisions(self, metrics: Sequence[str] = METRICS, overlaps: Sequence[str] = OVERLAPS) -> Iterator[Precision]:
        """Every class and difficulty, in the official order."""
        for name in overlaps:
            for metric in metrics:
                for kind in CLASSES:
                    yield from (self.precision(name, metric, kind, difficulty) for difficulty in DIFFICULTIES)

    def precision(self, overlaps: str, metric: str, kind: str, difficulty: str) -> Precision:
        """One of them, by the official rules."""
        counted, counts = self._counts(overlaps, metric, kind, difficulty)
        if is_evaluated(self._pool.found, kind, metric):
            entries = curve(counts.orientation if metric == "aos" else counts.precision)
        else:
            entries = np.full(SAMPLES, np.nan)
        return Precision(overlaps, metric, kind, difficulty, counted, entries)

    def all_points(self, overlaps: str, metric: str, kind: str, difficulty: str) -> float:
        """The same by every hit's score in place of 41 samples, in percent, for sets of any size; NaN where nothing
        counts, 0 for a class that is never detected. metric: 2d, bev or 3d."""
        case = self._case(overlaps, metric, kind, difficulty)
        if not case.counted:
            return float("nan")
        return all_points(case.counts(np.unique(case.hit_scores())[::-1]), case.counted)

    def _counts(self, overlaps: str, metric: str, kind: str, difficulty: str) -> tuple[int, Counts]:
        place = "2d" if metric == "aos" else metric
        key = place, kind, difficulty, THRESHOLDS[overlaps][place][kind]
        if key not in self._counted:
            case = self._case(overlaps, place, kind, difficulty)
            self._counted[key] = case.counted, case.counts(sampled_thresholds(case.hit_scores(), case.counted))
        return self._counted[key]

    def _case(self, overlaps: str, metric: str, kind: str, difficulty: str) -> Case:
        if metric not in self._touching:
            self._touching[metric] = self._pool.touching(metric)
        limits = DIFFICULTIES[difficulty]
        return Case(self._pool, self._touching[metric], kind, limits, THRESHOLDS[overlaps][metric][kind])
