"""What a curve of scores against sigma says in one number: the sigma it tolerates, and the area under it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tolerated_sigma(sigma: Array, scores: Array, lost: Array | float) -> Array:
    """The smallest sigma (no unit) at which a score has fallen by `lost` below its value at the first level.

    sigma: (levels,), ascending; scores: (..., levels), higher is better; lost: (...) in units of the score, above 0.
    Linear between levels, at the first crossing. Where the curve never falls so far the largest sigma stands for all
    beyond it: a lower bound.
    """
    allowed = scores[..., :1] - np.asarray(lost, dtype=float)[..., None]
    fallen = scores < allowed
    after = np.where(fallen.any(-1), fallen.argmax(-1), len(sigma) - 1)[..., None]
    upper, lower = (np.take_along_axis(scores, place, -1) for place in (after - 1, after))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(fallen.any(-1, keepdims=True), (upper - allowed) / (upper - lower), 1.0)
    found: Array = (sigma[after - 1] + share * (sigma[after] - sigma[after - 1]))[..., 0]
    return found


def area(sigma: Array, scores: Array) -> Any:
    """Mean score over usability exp(-sigma), from the lowest level to the highest (trapezia), in units of the score.

    sigma: (levels,), ascending; scores: (..., levels).
    """
    usability = np.exp(-sigma)
    return -np.trapezoid(scores, usability, axis=-1) / (usability[0] - usability[-1])
