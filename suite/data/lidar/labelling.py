"""The labels of a simulated scene, by KITTI's rules: picture box, truncation, occlusion, DontCare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.boxes import camera_labels, corners, picture_boxes
from suite.data.kitti.labels import DONT_CARE, Objects
from suite.data.lidar.camera import CALIBRATION, SIZE
from suite.data.lidar.constants import FEWEST_POINTS, LARGELY, LEAST_SHARE, PARTLY, VISIBLE
from suite.data.lidar.placement import Layout

Floats = NDArray[np.float64]
Counts = NDArray[np.integer]


def labels_of(layout: Layout, reached: Counts, possible: Counts, returned: Counts) -> Objects:
    """Of the objects that the picture shows. (n,) each: rays that reach an object, rays that would without the others,
    points on it. What hardly any ray reaches, or with too few points, is a DontCare region."""
    no_score = np.full(len(layout.kinds), np.nan)
    found = camera_labels(np.array(layout.kinds, np.str_), layout.boxes, no_score, CALIBRATION, SIZE)
    shown, whole = _area(found.picture), _area(picture_boxes(corners(layout.boxes), CALIBRATION))
    share = reached / np.maximum(possible, 1)
    occlusion = np.array([3.0]) - (share > LARGELY) - (share > PARTLY) - (share > VISIBLE)
    found = replace(found, truncation=1 - shown / np.maximum(whole, 1e-9), occlusion=occlusion)
    hidden = (returned < FEWEST_POINTS) | (share < LEAST_SHARE)
    return _with_regions(found, hidden).where(shown > 0)


def _with_regions(found: Objects, hidden: NDArray[np.bool_]) -> Objects:
    """Some rows turned into DontCare regions, which keep nothing but their picture box."""
    blank = {"truncation": -1, "occlusion": -1, "alpha": -10, "rotation_y": -10, "size": -1, "location": -1000}
    columns = {name: getattr(found, name).copy() for name in blank}
    for name, value in blank.items():
        columns[name][hidden] = value
    return replace(found, kinds=np.where(hidden, DONT_CARE, found.kinds), **columns)


def _area(picture: Floats) -> Floats:
    return np.nan_to_num((picture[:, 2] - picture[:, 0]) * (picture[:, 3] - picture[:, 1]))
