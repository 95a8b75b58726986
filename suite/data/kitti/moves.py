"""Rigid moves and scaling of a sweep together with its boxes, in lidar coordinates: what augmentation is made of.

points: (n, 3 or more), of which x y z are moved; boxes: (m, 7) x y z l w h yaw. Both are copied. Whatever is done, the
points in a box stay in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.boxes import wrapped

Floats = NDArray[np.float64]
Points = NDArray[np.floating]


def flipped(points: Points, boxes: Floats) -> tuple[Points, Floats]:
    """Left and right exchanged: y and yaw change their sign."""
    points, boxes = points.copy(), boxes * (1, -1, 1, 1, 1, 1, -1)
    points[:, 1] *= -1
    boxes[:, 6] = wrapped(boxes[:, 6])
    return points, boxes


def turned(points: Points, boxes: Floats, angle: float) -> tuple[Points, Floats]:
    """Around the sensor, from x to y by an angle in radians."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points, boxes = points.copy(), boxes.copy()
    points[:, :2], boxes[:, :2] = points[:, :2] @ turn, boxes[:, :2] @ turn
    boxes[:, 6] = wrapped(boxes[:, 6] + angle)
    return points, boxes


def scaled(points: Points, boxes: Floats, factor: float) -> tuple[Points, Floats]:
    """Everything larger by a factor, seen from the sensor: places, heights above the ground and sizes."""
    points = points.copy()
    points[:, :3] *= factor
    return points, boxes * ([factor] * 6 + [1])
