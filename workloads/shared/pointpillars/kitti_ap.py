"""Scores of detections: the official APs of KITTI, and APs by all points for sets with few objects, as shares of 1.

The official one (40 recall samples) is filled by the number of hits, not by recall: a set with fewer than 41 objects of
a class never fills it, however well they are found. The other is the area under the precision, raised to its maximum at
higher recall, against recall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from suite.data.kitti.boxes import camera_labels
from suite.data.kitti.evaluation import Evaluation
from suite.data.kitti.labels import Objects
from workloads.shared.pointpillars.sizes import CLASSES

if TYPE_CHECKING:
    from torch import Tensor

    from workloads.shared.pointpillars.samples import Truth


def scores(outputs: Sequence[Tensor], truths: Sequence[Truth]) -> Mapping[str, float]:
    """Of boxes (n, 9) per sweep (class number, score, x y z l w h yaw), by strict overlaps: means over the classes, and
    each class. A sweep with a number that is not finite has no boxes; a class without any, or of which nothing counts,
    has 0."""
    found = [labels_of(boxes, truth) for boxes, truth in zip(outputs, truths, strict=True)]
    evaluation = Evaluation([truth.labels for truth in truths], found)

    def official(metric: str, difficulty: str) -> dict[str, float]:
        return {kind: _share(evaluation.precision("strict", metric, kind, difficulty).r40) for kind in CLASSES}

    def all_points(metric: str) -> dict[str, float]:
        return {kind: _share(evaluation.all_points("strict", metric, kind, "moderate")) for kind in CLASSES}

    easy, moderate, hard = (official("3d", difficulty) for difficulty in ("easy", "moderate", "hard"))
    averages = {kind: (easy[kind] + moderate[kind] + hard[kind]) / 3 for kind in CLASSES}
    return {
        **_told("ap", "{}", moderate),
        "easy": _mean(easy),
        "hard": _mean(hard),
        "average": _mean(averages),
        **_told("bev", "{}_bev", official("bev", "moderate")),
        **_told("ap_points", "{}_points", all_points("3d")),
        **_told("bev_points", "{}_bev_points", all_points("bev")),
    }


def labels_of(boxes: Tensor, truth: Truth) -> Objects:
    """Detections of a sweep as the official evaluation reads them."""
    numbers = boxes.double().numpy()
    if not np.isfinite(numbers).all():
        numbers = numbers[:0]
    kinds = np.array([CLASSES[int(kind)] for kind in numbers[:, 0]], np.str_)
    return camera_labels(kinds, numbers[:, 2:], numbers[:, 1], truth.calibration, truth.size)


def _told(mean: str, name: str, shares: Mapping[str, float]) -> dict[str, float]:
    return {mean: _mean(shares), **{name.format(kind): share for kind, share in shares.items()}}


def _mean(shares: Mapping[str, float]) -> float:
    return sum(shares.values()) / len(shares)


def _share(percent: float) -> float:
    return 0.0 if isnan(percent) else percent / 100
