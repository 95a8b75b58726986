"""Which recipe next: expected improvement, alone or in batches by kriging believer."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr

from suite.lab.fabrication.surrogate import Prediction, Surrogate

Array = np.ndarray[Any, Any]

# A standard deviation that rounding alone left: the value is known.
CERTAIN = 1e-12
# Relative difference of gains that rounding makes.
TIE = 1e-9


def expected_improvement(prediction: Prediction, best: float) -> Array:
    """E max(f - best, 0) of the latent function f at every row (Jones, Schonlau and Welch 1998, eq. 15)."""
    gain, unsure = prediction.mean - best, prediction.latent_sd > CERTAIN
    sd = np.where(unsure, prediction.latent_sd, 1.0)
    score = gain / sd
    density = np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi)
    return np.where(unsure, gain * ndtr(score) + sd * density, np.maximum(gain, 0.0))


def first_best(gains: Array) -> int:
    """The first of the largest gains; those that rounding alone tells apart, as of twin recipes, are equal."""
    return int((gains >= gains.max() - TIE * abs(gains.max())).argmax())


def batch(surrogate: Surrogate, candidates: Array, size: int) -> tuple[list[int], list[float]]:
    """Rows of `candidates` (n, d) to measure together, and their expected improvement when they were chosen.

    Greedy: the best row, which then counts as measured at its predicted mean, then the best of the others. Ties go
    to the first row. Fewer than `size` where the candidates run out.
    """
    chosen: list[int] = []
    gains: list[float] = []
    while len(chosen) < min(size, len(candidates)):
        gain = expected_improvement(surrogate.predict(candidates), surrogate.best)
        gain[chosen] = -1.0
        row = first_best(gain)
        chosen.append(row)
        gains.append(float(gain[row]))
        surrogate = surrogate.believing(candidates[[row]])
    return chosen, gains
