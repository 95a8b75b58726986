"""What the official evaluation counts: classes, difficulties, overlaps, and the place of every object in them.

Rules of the development kit's C++ program with 41 recall samples, as of October 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.labels import DONT_CARE, Objects

Status = NDArray[np.int8]
# Of an object in an evaluation. A truth: counted, may be found without any effect, plays no part. A detection: may be
# right or wrong, may be used up without any effect, plays no part.
COUNTED, IGNORED, OUT = 0, 1, -1

METRICS = ("2d", "bev", "3d", "aos")
# A class and what is so like it that finding it is no fault.
NEIGHBOURS = {"car": "van", "pedestrian": "person_sitting", "cyclist": None}
CLASSES = tuple(NEIGHBOURS)
# The overlap that a hit exceeds, by set, metric and class. AOS goes with 2D.
THRESHOLDS = {
    "strict": {metric: dict(zip(CLASSES, (0.7, 0.5, 0.5), strict=True)) for metric in METRICS},
    "loose": {
        metric: dict(zip(CLASSES, (0.7, 0.5, 0.5) if metric in ("2d", "aos") else (0.5, 0.25, 0.25), strict=True))
        for metric in METRICS
    },
}
OVERLAPS = tuple(THRESHOLDS)
NO_ALPHA = -10
NOWHERE = -1000


@dataclass(frozen=True)
class Difficulty:
    """Least height in the picture (pixels), greatest occlusion and truncation of the objects that count."""

    height: float
    occlusion: int
    truncation: float


DIFFICULTIES = {
    "easy": Difficulty(40, 0, 0.15),
    "moderate": Difficulty(25, 1, 0.30),
    "hard": Difficulty(25, 2, 0.50),
}


def truth_status(truth: Objects, kind: str, limits: Difficulty) -> Status:
    """(n,) of a class at a difficulty; the picture box decides about height in every metric."""
    height = truth.picture[:, 3] - truth.picture[:, 1]
    hard = (truth.occlusion > limits.occlusion) | (truth.truncation > limits.truncation) | (height <= limits.height)
    status = np.full(len(truth), OUT, np.int8)
    status[truth.kinds == NEIGHBOURS[kind]] = IGNORED
    same = truth.kinds == kind
    status[same] = np.where(hard[same], IGNORED, COUNTED)
    return status


def detection_status(found: Objects, kind: str, limits: Difficulty) -> Status:
    """(n,) of a class at a difficulty. A detection that is too low is ignored whatever its class, and may still take a
    truth; of the height the integer part is compared."""
    low = np.trunc(np.abs(found.picture[:, 1] - found.picture[:, 3])) < limits.height
    return np.where(low, IGNORED, np.where(found.kinds == kind, COUNTED, OUT)).astype(np.int8)


def is_evaluated(found: Objects, kind: str, metric: str) -> bool:
    """Whether a class is detected at least once in the sense of a metric; AOS is given up where any detection has no
    alpha."""
    of_kind = found.where(found.kinds == kind)
    if metric == "aos" and (found.alpha == NO_ALPHA).any():
        return False
    if metric in ("2d", "aos"):
        return bool((of_kind.picture[:, 0] >= 0).any())
    axes, sizes = ([0, 2], [1, 2]) if metric == "bev" else ([0, 1, 2], [0, 1, 2])
    placed = (of_kind.location[:, axes] != NOWHERE).all(1) & (of_kind.size[:, sizes] > 0).all(1)
    return bool(placed.any())


def is_dont_care(truth: Objects) -> NDArray[np.bool_]:
    """(n,): regions in which nothing was labelled."""
    return truth.kinds == DONT_CARE
