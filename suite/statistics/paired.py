"""Means and paired differences with Student t intervals on seed means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A mean over n seeds and the half width of its interval; NaN where one seed allows none."""

    mean: float
    half_width: float
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is significant at the interval's level; False without an interval."""
        return bool(abs(self.mean) > self.half_width)


def interval(values: Sequence[float] | np.ndarray[Any, Any], confidence: float = 0.95) -> Interval:
    """t interval (n - 1 degrees of freedom) of the mean of independent values, one per seed."""
    array = np.asarray(values, dtype=float)
    n = len(array)
    if n < 2:
        return Interval(float(array.mean()), float("nan"), n)
    from scipy.stats import t

    half = t.ppf(0.5 + confidence / 2, n - 1) * array.std(ddof=1) / np.sqrt(n)
    return Interval(float(array.mean()), float(half), n)


def paired(
    first: Sequence[float] | np.ndarray[Any, Any],
    second: Sequence[float] | np.ndarray[Any, Any],
    confidence: float = 0.95,
) -> Interval:
    """Interval of first - second, paired by seed: entry i of both comes from the same seed.

    Raises ValueError for unequal lengths.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"a paired comparison needs the same seeds on both sides, got {a.shape} and {b.shape}")
    return interval(a - b, confidence)


def p_value(first: Sequence[float] | np.ndarray[Any, Any], second: Sequence[float] | np.ndarray[Any, Any]) -> float:
    """Two-sided t test of equal means, paired by seed; NaN for one seed. Where all seeds differ alike, 0 or 1."""
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    if len(differences) < 2:
        return float("nan")
    if np.ptp(differences) == 0:
        return float(differences[0] == 0)
    from scipy.stats import ttest_rel

    return float(ttest_rel(first, second).pvalue)
