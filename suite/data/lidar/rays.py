"""The rays of one sweep, made once, and what each has met: a picture of nearest ranges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.constants import (
    AZIMUTH_LIMIT,
    AZIMUTH_STEP,
    FARTHEST,
    LOWER_ELEVATIONS,
    LOWEST,
    UPPER_ELEVATIONS,
)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

NOTHING, GROUND, BACKGROUND = -3, -2, -1


@dataclass(frozen=True)
class Rays:
    """elevations: (rows,) falling, azimuths: (columns,) from left to right, radians; directions: (rows, columns, 3) of
    length 1, from the sensor at the origin."""

    elevations: Floats
    azimuths: Floats
    directions: Floats

    def windows(self, boxes: Floats) -> NDArray[np.int64]:
        """(n, 4): first and last + 1 row, first and last + 1 column of the rays that can meet each of the (n, 7) boxes
        (x y z l w h yaw)."""
        cos, sin = np.cos(boxes[:, 6]), np.sin(boxes[:, 6])
        half = boxes[:, 3:6] / 2
        along, across = boxes[:, 0] * cos + boxes[:, 1] * sin, boxes[:, 1] * cos - boxes[:, 0] * sin
        sides = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[:, None] * half[:, :2]
        x = boxes[:, 0] + sides[..., 0] * cos - sides[..., 1] * sin
        y = boxes[:, 1] + sides[..., 0] * sin + sides[..., 1] * cos
        angle = np.arctan2(y, np.maximum(x, 1e-2))
        far = np.hypot(x, y).max(0)
        near = np.hypot(np.maximum(np.abs(along) - half[:, 0], 0), np.maximum(np.abs(across) - half[:, 1], 0))
        near = np.maximum(near, 1e-2)
        low, high = boxes[:, 2] - half[:, 2], boxes[:, 2] + half[:, 2]
        lowest, highest = np.arctan2(low, np.where(low < 0, near, far)), np.arctan2(high, np.where(high > 0, near, far))
        rows, columns = (-self.elevations, -highest, -lowest), (-self.azimuths, -angle.max(0), -angle.min(0))
        limits = ((np.searchsorted(of, start), np.searchsorted(of, end, "right")) for of, start, end in (rows, columns))
        return np.stack([limit for pair in limits for limit in pair], 1)


@cache
def rays() -> Rays:
    """The rays that can fall on the picture of KITTI's camera."""
    elevations = np.concatenate([np.linspace(*UPPER_ELEVATIONS), np.linspace(*LOWER_ELEVATIONS)])
    elevations = np.radians(elevations[elevations >= LOWEST])
    count = round(2 * AZIMUTH_LIMIT / AZIMUTH_STEP) + 1
    azimuths = np.radians(np.linspace(AZIMUTH_LIMIT, -AZIMUTH_LIMIT, count))
    flat = np.cos(elevations)[:, None]
    up = np.broadcast_to(np.sin(elevations)[:, None], (len(elevations), count))
    directions = np.stack([flat * np.cos(azimuths), flat * np.sin(azimuths), up], 2)
    return Rays(elevations, azimuths, directions)


class Sweep:
    """What every ray has met so far, (rows, columns) each: range (infinite: nothing), owner (its number, or one of the
    names above), cosine of the angle of incidence, reflectance, and probability that the pulse is lost there."""

    def __init__(self) -> None:
        self.rays = rays()
        shape = self.rays.directions.shape[:2]
        self.range = np.full(shape, np.inf)
        self.owner = np.full(shape, NOTHING)
        self.cosine, self.reflectance, self.lost = np.ones(shape), np.zeros(shape), np.zeros(shape)

    def meet(self, window: Rows, owner: int, met: Met) -> None:
        """Takes over what lies nearer than all before; `met` holds the rays of the window, row by row."""
        place = slice(window[0], window[1]), slice(window[2], window[3])
        shape = self.range[place].shape
        nearer = (met.range.reshape(shape) < self.range[place]) & (met.range.reshape(shape) < FARTHEST)
        for name in ("range", "cosine", "reflectance", "lost"):
            getattr(self, name)[place][nearer] = getattr(met, name).reshape(shape)[nearer]
        self.owner[place][nearer] = owner


@dataclass(frozen=True)
class Met:
    """(rays,) each, as in Sweep."""

    range: Floats
    cosine: Floats
    reflectance: Floats
    lost: Floats
