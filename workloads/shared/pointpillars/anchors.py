"""Anchors, what is wanted of each, and boxes as codes: targets in training, boxes from what a network says."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.boxes import wrapped
from workloads.shared.pointpillars.sizes import CLASSES, HEADINGS, Size

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

# l, w, h of each class; overlap (bird's-eye IoU) from which an anchor is positive, and below which it is negative.
SIZES = np.array([[3.9, 1.6, 1.56], [0.8, 0.6, 1.73], [1.76, 0.6, 1.73]])
POSITIVE, NEGATIVE = (0.6, 0.5, 0.5), (0.45, 0.35, 0.35)
# The halves of the circle of directions begin 45 degrees away from the anchors' headings.
TURN = np.pi / 4
# No box is e^4 times larger than its anchor: noise would else make numbers that nothing can hold.
MOST_LOG = 4.0


@cache
def anchors(size: Size) -> Floats:
    """(anchors, 7) boxes, by row, column, class and heading (0 and 90 degrees)."""
    rows, columns = size.cells
    x, y = _centres(size)
    found = np.zeros((rows, columns, len(CLASSES), HEADINGS, 7))
    found[..., 0], found[..., 1] = x[None, :, None, None], y[:, None, None, None]
    found[..., 2] = (np.array(size.bottoms) + SIZES[:, 2] / 2)[:, None]
    found[..., 3:6] = SIZES[:, None]
    found[..., 6] = np.array([0, np.pi / 2])
    return found.reshape(-1, 7)


def within(boxes: Floats, size: Size) -> NDArray[np.bool_]:
    """(n,): whether the centre of a box lies in what is looked at, as seen from above."""
    x, y = boxes[:, 0], boxes[:, 1]
    return (x >= size.x[0]) & (x < size.x[1]) & (y >= size.y[0]) & (y < size.y[1])


def matched(kinds: Indices, boxes: Floats, size: Size) -> tuple[Indices, Indices, Indices]:
    """(n,) classes and (n, 7) boxes of a sweep, all within `size` -> positive anchors, the box that each is for, and
    anchors that are neither positive nor negative.

    An anchor is positive for the object of its class that it overlaps most, from POSITIVE on; the best anchor of every
    object is positive whatever the overlap, and where two objects have the same, the second gets its next best.
    """
    rows, columns = size.cells
    wanted = np.full((rows, columns, len(CLASSES), HEADINGS), -1)
    ignored = np.zeros(wanted.shape, bool)
    for kind in np.unique(kinds):
        own = np.flatnonzero(kinds == kind)
        overlap = _overlaps(boxes[own], int(kind), size)
        best = overlap.argmax(0)
        most = overlap.max(0)
        wanted[:, :, kind] = np.where(most >= POSITIVE[kind], own[best], -1)
        ignored[:, :, kind] = (most >= NEGATIVE[kind]) & (most < POSITIVE[kind])
        _force(wanted[:, :, kind], own, overlap)
    positive = np.flatnonzero(wanted.ravel() >= 0)
    return positive, wanted.ravel()[positive], np.flatnonzero(ignored.ravel() & (wanted.ravel() < 0))


def encoded(boxes: Floats, at: Floats) -> Floats:
    """(n, 7) boxes, (n, 7) anchors -> (n, 7) codes; the heading as its difference in radians."""
    diagonal = np.hypot(at[:, 3:4], at[:, 4:5])
    place = (boxes[:, :2] - at[:, :2]) / diagonal
    height = (boxes[:, 2:3] - at[:, 2:3]) / at[:, 5:6]
    return np.concatenate([place, height, np.log(boxes[:, 3:6] / at[:, 3:6]), boxes[:, 6:] - at[:, 6:]], 1)


def directions(boxes: Floats) -> Indices:
    """(n,): which half of the circle a heading lies in."""
    return (np.mod(boxes[:, 6] - TURN, 2 * np.pi) >= np.pi).astype(np.int64)


def decoded(codes: Floats, direction: Indices, at: Floats) -> Floats:
    """(n, 7) codes, (n,) halves of the circle, (n, 7) anchors -> (n, 7) boxes."""
    diagonal = np.hypot(at[:, 3:4], at[:, 4:5])
    place = codes[:, :2] * diagonal + at[:, :2]
    height = codes[:, 2:3] * at[:, 5:6] + at[:, 2:3]
    extent = np.exp(np.clip(codes[:, 3:6], -MOST_LOG, MOST_LOG)) * at[:, 3:6]
    # A code tells the heading up to half a turn.
    half = np.mod(codes[:, 6] + at[:, 6] - TURN, np.pi)
    yaw = wrapped(half + TURN + np.pi * direction)
    return np.concatenate([place, height, extent, yaw[:, None]], 1)


def _centres(size: Size) -> tuple[Floats, Floats]:
    rows, columns = size.cells
    side = 2 * size.pillar
    x: Floats = size.x[0] + (np.arange(columns, dtype=np.float64) + 0.5) * side
    y: Floats = size.y[0] + (np.arange(rows, dtype=np.float64) + 0.5) * side
    return x, y


def _overlaps(boxes: Floats, kind: int, size: Size) -> Floats:
    """(n, rows, columns, HEADINGS): with the anchors of a class, all of them turned to the nearest axis."""
    x, y = _centres(size)
    length, width = SIZES[kind, :2]
    across = np.abs(np.cos(boxes[:, 6])) < np.abs(np.sin(boxes[:, 6]))
    extent = np.where(across[:, None], boxes[:, [4, 3]], boxes[:, [3, 4]])
    found = []
    for along_x, along_y in ((length, width), (width, length)):
        common = [
            _common(boxes[:, axis], extent[:, axis], centres, own)
            for axis, centres, own in ((0, x, along_x), (1, y, along_y))
        ]
        area = common[1][:, :, None] * common[0][:, None, :]
        found.append(area / (extent.prod(1)[:, None, None] + length * width - area))
    return np.stack(found, 3)


def _common(centre: Floats, extent: Floats, centres: Floats, own: float) -> Floats:
    """(n,) and (m,) intervals -> (n, m) lengths in common."""
    high = np.minimum(centre[:, None] + extent[:, None] / 2, centres + own / 2)
    low = np.maximum(centre[:, None] - extent[:, None] / 2, centres - own / 2)
    return np.maximum(high - low, 0)


def _force(wanted: Indices, own: Indices, overlap: Floats) -> None:
    """Gives every object its best anchor that is no other's best."""
    taken: set[int] = set()
    for number, box in enumerate(own):
        ranked = overlap[number].ravel()
        best = int(ranked.argmax())
        if best in taken:
            best = next(place for place in np.argsort(-ranked, kind="stable").tolist() if place not in taken)
        taken.add(best)
        wanted[np.unravel_index(best, wanted.shape)] = box
