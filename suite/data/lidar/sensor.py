"""From what the rays have met to the points that a sensor gives: noise, lost pulses, reflectance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.constants import (
    DARK,
    DARK_LOSS,
    DIMMEST,
    FAR_LOSS,
    GRAZING_LOSS,
    LOSS,
    NO_REFLECTANCE,
    OTHER_LOSS,
    RANGE_NOISE,
    REFLECTANCE_NOISE,
    SMOOTH_LOSS,
)
from suite.data.lidar.rays import Sweep


def points(sweep: Sweep, generator: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(n, 4) x, y, z, reflectance of the pulses that come back, row by row, and (n,) whom each has met."""
    met = np.isfinite(sweep.range)
    reach, owner, value, smooth = sweep.range[met], sweep.owner[met], sweep.reflectance[met], sweep.lost[met] > 0
    far = np.clip((reach - FAR_LOSS[0]) / (FAR_LOSS[1] - FAR_LOSS[0]), 0, 1)
    hard = 1 + GRAZING_LOSS * (1 - np.abs(sweep.cosine[met])) * smooth + DARK_LOSS * (value < DARK)
    loss = LOSS + far * np.where(smooth, SMOOTH_LOSS, OTHER_LOSS) * hard
    kept = generator.random(len(reach)) >= 1 - (1 - loss) * (1 - sweep.lost[met])
    reach, value, directions = reach[kept], value[kept], sweep.rays.directions[met][kept]
    reach = reach + RANGE_NOISE * generator.standard_normal(len(reach))
    back = value * generator.uniform(DIMMEST, 1, len(value)) + REFLECTANCE_NOISE * generator.standard_normal(len(value))
    back = np.where(generator.random(len(value)) < NO_REFLECTANCE, 0, np.clip(back, 0, 0.99).round(2))
    return np.column_stack([directions * reach[:, None], back]).astype(np.float32), owner[kept]
