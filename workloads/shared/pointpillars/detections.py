"""From what the network says to boxes: decoding, and suppression of those that overlap a better one."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data.kitti.rotated import ious, near
from workloads.shared.pointpillars.anchors import anchors, decoded
from workloads.shared.pointpillars.sizes import CLASSES, CODE, Size

Floats = NDArray[np.float64]

LEAST_SCORE = 0.1
MOST_OVERLAP = 0.01


def detections(said: Tensor, size: Size) -> list[Tensor]:
    """(sweeps, anchors, 12) -> of each sweep the boxes found, (n, 9) float32: class number, score, x y z l w h yaw, the
    best first, on the CPU; one row of NaN where what is said is not finite."""
    logits = said[..., : len(CLASSES)].amax(2)
    sound = torch.isfinite(said).flatten(1).all(1)
    least = math.log(LEAST_SCORE / (1 - LEAST_SCORE))
    return [
        _boxes(one, own > least, size) if fine else torch.full((1, 2 + CODE), torch.nan)
        for one, own, fine in zip(said, logits, sound.tolist(), strict=True)
    ]


def _boxes(said: Tensor, likely: Tensor, size: Size) -> Tensor:
    number = likely.nonzero()[:, 0]
    numbers, rows = number.cpu().numpy(), said[number].double().cpu().numpy()
    classes = rows[:, : len(CLASSES)]
    score = 1 / (1 + np.exp(-classes.max(1, initial=-np.inf)))
    order = np.argsort(-score, kind="stable")[: size.most_candidates]
    rows, score, kind = rows[order], score[order], classes[order].argmax(1)
    code, direction = rows[:, len(CLASSES) : len(CLASSES) + CODE], rows[:, len(CLASSES) + CODE :].argmax(1)
    boxes = decoded(code, direction, anchors(size)[numbers[order]])
    kept = unsuppressed(boxes)[: size.most_boxes]
    found = np.column_stack([kind, score, boxes])[kept]
    return torch.from_numpy(found.astype(np.float32))


def unsuppressed(boxes: Floats) -> NDArray[np.int64]:
    """(n, 7) boxes, best first -> numbers of those that no better one that is kept overlaps, seen from above, by more
    than MOST_OVERLAP; the order of equals is that of the boxes."""
    flat = boxes[:, [0, 1, 3, 4, 6]]
    better, worse = np.triu_indices(len(flat), 1)
    close = near(flat[better], flat[worse])
    better, worse = better[close], worse[close]
    over = ious(flat[better], flat[worse]) > MOST_OVERLAP
    better, worse = better[over], worse[over]
    kept = np.ones(len(flat), bool)
    for start, end, first in _runs(better):
        if kept[first]:
            kept[worse[start:end]] = False
    return np.flatnonzero(kept)


def _runs(values: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(start, end, value) of each run of equal values."""
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    edges = [*starts.tolist(), len(values)]
    return list(zip(edges[:-1], edges[1:], values[starts].tolist(), strict=True))
