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
BLOCK = 64


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
    kept = unsuppressed(boxes, size.most_boxes)
    found = np.column_stack([kind, score, boxes])[kept]
    return torch.from_numpy(found.astype(np.float32))


def unsuppressed(boxes: Floats, most: int) -> NDArray[np.int64]:
    """(n, 7) boxes, best first -> numbers of the first `most` that no better one that is kept overlaps, seen from
    above, by more than MOST_OVERLAP."""
    flat = boxes[:, [0, 1, 3, 4, 6]]
    kept, left = np.zeros(0, np.int64), np.arange(len(flat))
    # A network under strong noise finds a thousand boxes, of which a few dozen overlap all others: block by block most
    # pairs need never be looked at.
    while len(left) and len(kept) < most:
        block, left = left[:BLOCK], left[BLOCK:]
        better = block[_greedily(_overlapping(flat[block], flat[block]))]
        left = left[~_overlapping(flat[better], flat[left]).any(0)]
        kept = np.concatenate([kept, better])
    return kept[:most]


def _overlapping(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """(n, 5), (m, 5) -> (n, m)."""
    found = near(one[:, None], other[None])
    rows, columns = np.nonzero(found)
    found[rows, columns] = ious(one[rows], other[columns]) > MOST_OVERLAP
    return found


def _greedily(overlapping: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, n) -> (n,) kept: each drops those behind it that it overlaps, unless it was dropped itself."""
    kept = np.ones(len(overlapping), bool)
    for number, over in enumerate(overlapping):
        if kept[number]:
            kept[number + 1 :] &= ~over[number + 1 :]
    return kept
