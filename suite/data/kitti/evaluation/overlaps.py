"""How much two boxes have in common: in the picture, on the ground (bird's-eye view), in space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.labels import Objects
from suite.data.kitti.rotated import intersections, near

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def overlaps(metric: str, truth: Objects, found: Objects, rows: Indices, columns: Indices) -> tuple[Floats, Floats]:
    """(n,) rows of `truth` against (n,) rows of `found`: intersection over union, and the intersection's share of the
    found box. metric: 2d, bev or 3d."""
    if metric == "2d":
        common = _pictures(truth.picture[rows], found.picture[columns])
    else:
        common = _grounds(_rectangles(truth), _rectangles(found), rows, columns)
    if metric == "3d":
        common = common * _heights(truth, found, rows, columns)
    whole, own = _measure(metric, truth)[rows], _measure(metric, found)[columns]
    return _share(common, whole + own - common), _share(common, own)


def _share(common: Floats, whole: Floats) -> Floats:
    return np.divide(common, whole, out=np.zeros_like(common), where=common > 0)


def _measure(metric: str, boxes: Objects) -> Floats:
    if metric == "2d":
        return (boxes.picture[:, 2] - boxes.picture[:, 0]) * (boxes.picture[:, 3] - boxes.picture[:, 1])
    ground = boxes.size[:, 1] * boxes.size[:, 2]
    return ground if metric == "bev" else ground * boxes.size[:, 0]


def _pictures(one: Floats, other: Floats) -> Floats:
    extent = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    return np.maximum(extent, 0).prod(1)


def _rectangles(boxes: Objects) -> Floats:
    """In x and z of the camera, from above: a positive rotation_y turns from z to x."""
    return np.column_stack([boxes.location[:, [0, 2]], boxes.size[:, [2, 1]], -boxes.rotation_y])


def _grounds(one: Floats, other: Floats, rows: Indices, columns: Indices) -> Floats:
    common = np.zeros(len(rows))
    close = near(one[rows], other[columns])
    common[close] = intersections(one[rows[close]], other[columns[close]])
    return common


def _heights(truth: Objects, found: Objects, rows: Indices, columns: Indices) -> Floats:
    """y points down, from a box's top at y - h to its bottom at y."""
    bottoms = truth.location[rows, 1], found.location[columns, 1]
    tops = bottoms[0] - truth.size[rows, 0], bottoms[1] - found.size[columns, 0]
    return np.maximum(np.minimum(*bottoms) - np.maximum(*tops), 0)
