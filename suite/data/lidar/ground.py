"""The ground: a road that is tilted and curved, with lane marks, between kerbs, and a rough verge beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.constants import (
    CURVATURE,
    FARTHEST,
    GRASS,
    GROUND,
    HALF_ROAD,
    KERB,
    MARK_REFLECTANCE,
    MARK_SPACING,
    MARK_WIDTH,
    ROAD_REFLECTANCE,
    TILT,
    VERGE_REFLECTANCE,
)
from suite.data.lidar.rays import GROUND as OWNER
from suite.data.lidar.rays import Met, Sweep

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """Height of the road: GROUND + slope_x x + slope_y y + bend x^2, in metres; middle, half: the road lies within
    `half` of y = middle; the verge lies KERB higher. Reflectances of both."""

    slope_x: float
    slope_y: float
    bend: float
    middle: float
    half: float
    road: float
    verge: float

    @classmethod
    def drawn(cls, generator: np.random.Generator) -> Ground:
        """A random one."""
        return cls(
            slope_x=generator.normal(0, TILT / 2),
            slope_y=generator.normal(0, TILT / 2),
            bend=generator.normal(0, CURVATURE / 2),
            middle=generator.normal(0, 1.0),
            half=generator.uniform(*HALF_ROAD),
            road=generator.uniform(*ROAD_REFLECTANCE),
            verge=generator.uniform(*VERGE_REFLECTANCE),
        )

    def height(self, x: Floats | float, y: Floats | float) -> Floats:
        """Of the surface, where something stands."""
        road = GROUND + self.slope_x * np.asarray(x) + self.slope_y * np.asarray(y) + self.bend * np.asarray(x) ** 2
        return road + KERB * (np.abs(y - self.middle) > self.half)

    def draw(self, sweep: Sweep, generator: np.random.Generator) -> None:
        """Onto all rays of a sweep that has met nothing yet."""
        x, y, z = sweep.rays.directions.reshape(-1, 3).T
        on_road, on_verge = (self._reached(x, y, z, GROUND + step) for step in (0, KERB))
        across = y * np.where(np.isfinite(on_road), on_road, FARTHEST) - self.middle
        beyond = np.abs(across) > self.half
        with np.errstate(divide="ignore"):
            kerb = (self.middle + np.sign(across) * self.half) / y
        reach = np.where(beyond, np.maximum(on_verge, kerb), on_road)
        roughness = np.where(beyond, GRASS, 0) * generator.standard_normal(len(reach))
        marked = ~beyond & (np.abs((across + MARK_SPACING / 2) % MARK_SPACING - MARK_SPACING / 2) < MARK_WIDTH / 2)
        value = np.where(beyond, self.verge, np.where(marked, MARK_REFLECTANCE, self.road))
        window = np.array([0, len(sweep.rays.elevations), 0, len(sweep.rays.azimuths)])
        sweep.meet(window, OWNER, Met(reach + roughness, -z, value, np.zeros(len(reach))))

    def _reached(self, x: Floats, y: Floats, z: Floats, level: float) -> Floats:
        """How far rays go to the road at another level: a quadratic equation; infinite where they never come down."""
        square, linear = self.bend * x**2, self.slope_x * x + self.slope_y * y - z
        root = linear**2 - 4 * square * level
        with np.errstate(invalid="ignore", divide="ignore"):
            # This form stays exact where the bend is small.
            reach = -2 * level / (linear + np.sqrt(root))
        return np.where((root >= 0) & (reach > 0), reach, np.inf)
