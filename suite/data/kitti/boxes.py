"""Boxes in space: lidar boxes (x y z l w h yaw, around their centre) against camera labels, corners, picture boxes.

A label's location is the centre of the box's bottom, a lidar box's the centre of its volume: half the height is added
along the lidar's z axis, after the change of coordinates (along the camera's y axis it would be off, as the two axes
are not parallel).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.calibration import Calibration
from suite.data.kitti.labels import Objects

Floats = NDArray[np.float64]

# Corners as (+-1/2 of l, w, h): the bottom around, then the top around.
CORNERS = np.array([[x, y, z] for z in (-1, 1) for x, y in ((1, -1), (1, 1), (-1, 1), (-1, -1))]) / 2
_AROUND = np.stack([np.arange(4), np.roll(np.arange(4), -1)])
EDGES = np.concatenate([_AROUND, _AROUND + 4, [np.arange(4), np.arange(4, 8)]], 1)
# What is nearer to the camera has no place in the picture.
NEAREST = 0.1


def wrapped(angle: NDArray[np.floating]) -> Floats:
    """Angles, moved into -pi (excluded) to pi by full turns."""
    return np.pi - np.mod(np.pi - np.asarray(angle, np.float64), 2 * np.pi)


def lidar_boxes(labels: Objects, calibration: Calibration) -> Floats:
    """Labels without DontCare -> (n, 7) lidar boxes; yaw = -rotation_y - pi/2."""
    height, width, length = labels.size.T
    bottom = calibration.lidar(labels.location)
    yaw = wrapped(-labels.rotation_y - np.pi / 2)
    return np.column_stack([bottom[:, :2], bottom[:, 2] + height / 2, length, width, height, yaw])


def camera_labels(
    kinds: NDArray[np.str_], boxes: Floats, score: Floats, calibration: Calibration, size: tuple[int, int]
) -> Objects:
    """Lidar boxes (n, 7) that a detector found -> detections as the official evaluation reads them.

    size: width and height of the picture, to which the picture boxes are cut. Truncation and occlusion are -1.
    """
    bottom = boxes[:, :3] - boxes[:, 5:6] * (0, 0, 0.5)
    location = calibration.rectified(bottom)
    rotation = wrapped(-boxes[:, 6] - np.pi / 2)
    picture = cut(picture_boxes(corners(boxes), calibration), size)
    unknown = np.full(len(boxes), -1.0)
    heading = alpha(rotation, location)
    numbers = [unknown, unknown, heading, picture, boxes[:, [5, 4, 3]], location, rotation, score]
    return Objects.of(kinds, np.column_stack(numbers))


def alpha(rotation_y: Floats, location: Floats) -> Floats:
    """Heading as seen from the camera: rotation_y - atan2(x, z), wrapped. (n,), (n, 3) -> (n,).

    Official labels have it as seen from the lidar, 0.27 m further back: beyond 5 m no more than 0.05 apart.
    """
    return wrapped(rotation_y - np.arctan2(location[:, 0], location[:, 2]))


def corners(boxes: Floats) -> Floats:
    """(n, 7) lidar boxes -> (n, 8, 3) corners in lidar coordinates, in the order of CORNERS."""
    cos, sin = np.cos(boxes[:, 6])[:, None], np.sin(boxes[:, 6])[:, None]
    offset = CORNERS * boxes[:, None, 3:6]
    x, y = offset[..., 0] * cos - offset[..., 1] * sin, offset[..., 0] * sin + offset[..., 1] * cos
    return np.stack([x, y, offset[..., 2]], 2) + boxes[:, None, :3]


def inside(points: NDArray[np.floating], boxes: Floats) -> NDArray[np.bool_]:
    """(m, 3 or more) points in lidar coordinates, (n, 7) boxes -> (n, m), faces included."""
    offset = points[None, :, :3] - boxes[:, None, :3]
    cos, sin = np.cos(boxes[:, 6])[:, None], np.sin(boxes[:, 6])[:, None]
    along, across = offset[..., 0] * cos + offset[..., 1] * sin, offset[..., 1] * cos - offset[..., 0] * sin
    half = boxes[:, None, 3:6] / 2
    within = (np.abs(along) <= half[..., 0]) & (np.abs(across) <= half[..., 1])
    return within & (np.abs(offset[..., 2]) <= half[..., 2])


def picture_boxes(lidar_corners: Floats, calibration: Calibration) -> Floats:
    """(n, 8, 3) corners -> (n, 4) x1 y1 x2 y2 around their projection, not cut; of a box that reaches behind the
    camera, around the part ahead of it; NaN for a box that is wholly behind."""
    at = calibration.rectified(lidar_corners.reshape(-1, 3)).reshape(-1, 8, 3)
    start, end = at[:, EDGES[0]], at[:, EDGES[1]]
    step = end - start
    # Each edge is shortened to what is ahead of the camera.
    passing = np.divide(NEAREST - start[..., 2], step[..., 2], out=np.zeros(step.shape[:2]), where=step[..., 2] != 0)
    passing = np.clip(passing, 0, 1)[..., None]
    first = np.where(start[..., 2:] < NEAREST, start + passing * step, start)
    last = np.where(end[..., 2:] < NEAREST, start + passing * step, end)
    ends = np.concatenate([first, last], 1)
    shown = calibration.picture(ends.reshape(-1, 3)).reshape(ends.shape)[..., :2]
    ahead = ends[..., 2:] >= NEAREST - 1e-9
    low, high = np.where(ahead, shown, np.inf).min(1), np.where(ahead, shown, -np.inf).max(1)
    return np.where(ahead.any(1), np.concatenate([low, high], 1), np.nan)


def cut(picture: Floats, size: tuple[int, int]) -> Floats:
    """(n, 4) picture boxes, cut to the pixels 0 to width - 1 and 0 to height - 1, as official labels are."""
    width, height = size
    return np.clip(picture, 0, (width - 1, height - 1, width - 1, height - 1))
