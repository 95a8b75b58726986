"""The frames of an evaluation, put together, and which truths and detections of a frame touch each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.evaluation.overlaps import overlaps
from suite.data.kitti.evaluation.rules import CLASSES, NEIGHBOURS, is_dont_care
from suite.data.kitti.labels import Objects

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Touching:
    """Pairs of a truth and a detection of its frame with a common part, in file order: rows in the pool, intersection
    over union; coverage: (detections,) the greatest share of each that one DontCare region covers."""

    truth: Indices
    found: Indices
    overlap: Floats
    coverage: Floats


@dataclass(frozen=True)
class Pool:
    """Truths and detections of all frames, each with the number of its frame."""

    truth: Objects
    truth_frame: Indices
    found: Objects
    found_frame: Indices

    @classmethod
    def of(cls, truths: Sequence[Objects], detections: Sequence[Objects]) -> Pool:
        """One item per frame of either, in the same order."""
        if len(truths) != len(detections):
            raise ValueError(f"{len(truths)} frames of labels and {len(detections)} of detections")
        return cls(*_together(truths), *_together(detections))

    def touching(self, metric: str) -> Touching:
        """By overlap in a metric: 2d, bev or 3d."""
        dont_care = is_dont_care(self.truth)
        relevant = np.isin(self.truth.kinds, [*CLASSES, *filter(None, NEIGHBOURS.values())])
        truth, found = self._pairs(np.flatnonzero(relevant))
        shared, _ = overlaps(metric, self.truth, self.found, truth, found)
        some = shared > 0
        region, under = self._pairs(np.flatnonzero(dont_care))
        _, shares = overlaps(metric, self.truth, self.found, region, under)
        coverage = np.zeros(len(self.found))
        np.maximum.at(coverage, under, shares)
        return Touching(truth[some], found[some], shared[some], coverage)

    def _pairs(self, truth: Indices) -> tuple[Indices, Indices]:
        """These truths, each with every detection of its frame."""
        first = np.searchsorted(self.found_frame, self.truth_frame[truth], "left")
        counts = np.searchsorted(self.found_frame, self.truth_frame[truth], "right") - first
        number = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
        return np.repeat(truth, counts), np.repeat(first, counts) + number


def _together(frames: Sequence[Objects]) -> tuple[Objects, Indices]:
    everything = (Objects.of([], np.zeros((0, 15))), *frames)
    columns = ([getattr(frame, field.name) for frame in everything] for field in fields(Objects))
    joined = Objects(*map(np.concatenate, columns))
    return joined, np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
