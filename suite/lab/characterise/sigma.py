"""Spread of the conductance over cycles: sigma by maximum likelihood on the log ratio, or as the authors compute it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.lab.characterise.loop import Loop
from suite.lab.characterise.mapping import Window
from suite.lab.characterise.sweeps import SweepError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Spread:
    """sigma_log with its interval (None where cycles do not determine one), and what it was computed from.

    log_ratio: ln(G / mean G) of the positive samples, flat; used: samples behind sigma; left_out: samples that have no
    logarithm.
    """

    sigma_log: float
    low: float | None
    high: float | None
    log_ratio: Array
    used: int
    left_out: int


def log_spread(loop: Loop, window: Window) -> Spread:
    """sigma_log = standard deviation of ln(G_k(V) / mean_k G(V)) over the cycles and points of the window (n in the
    denominator: maximum likelihood of a normal law with free mean).

    It is low by about `shared_mean_factor`, and not corrected; the interval is free of that bias.
    Samples that are not positive have no logarithm and are left out. Raises SweepError where nothing remains.
    """
    conductance = loop.conductance[_inside(loop, window)]
    ratio = _ratio(loop, conductance, window)
    low, high = jackknife(conductance)
    logs = _logs(ratio)
    if logs.size < 2:
        raise SweepError(f"the window has {logs.size} positive conductances; check the sign of the current column")
    return Spread(float(logs.std()), low, high, logs, logs.size, ratio.size - logs.size)


def shared_mean_factor(loop: Loop) -> float:
    """sqrt((N - 1) / N) for N cycles: the share of the true sigma that maximum likelihood finds on average where it is
    small, since every sample is divided by a mean to which it contributed itself."""
    cycles = loop.conductance.shape[1]
    return math.sqrt((cycles - 1) / cycles)


def authors_spread(loop: Loop, window: Window) -> Spread:
    """sigma as stored by the authors of arXiv:2412.02779: the standard deviation (n in the denominator) of the raw
    ratio, not of its logarithm, over the window and the point before it, negative samples kept. No interval.

    loop: their rows (`authors_rows`); left_out: its empty cells."""
    import numpy as np

    before = Window(window.start - 1, window.end)
    ratio = _ratio(loop, loop.conductance[_inside(loop, before)], before)
    known = ratio[~np.isnan(ratio)]
    return Spread(float(known.std()), None, None, _logs(known), known.size, ratio.size - known.size)


def jackknife(conductance: Array) -> tuple[float | None, float | None]:
    """95 % interval of sigma_log from whole cycles, (points, cycles): points of one cycle are correlated, so cycles are
    what is left out. Mean of the pseudo-values of ln sigma (free of the bias that the common mean brings) plus or minus
    t (cycles - 1) times their standard error; (None, None) for two cycles, where leaving one out leaves no spread.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 11.
    """
    import numpy as np
    from scipy.stats import t

    cycles = conductance.shape[1]
    if cycles < 3:
        return None, None
    without = [_sigma(np.delete(conductance, cycle, axis=1)) for cycle in range(cycles)]
    if min(without) <= 0:
        return None, None
    pseudo = cycles * math.log(_sigma(conductance)) - (cycles - 1) * np.log(without)
    reach = float(t.ppf(0.5 + CONFIDENCE / 2, cycles - 1) * pseudo.std(ddof=1)) / math.sqrt(cycles)
    centre = float(pseudo.mean())
    return math.exp(centre - reach), math.exp(centre + reach)


def _sigma(conductance: Array) -> float:
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        logs = _logs(conductance / conductance.mean(axis=1, keepdims=True))
    return float(logs.std()) if logs.size > 1 else 0.0


def _inside(loop: Loop, window: Window) -> Array:
    """Which points of the loop lie in the window, (points,) of bool."""
    return (loop.places >= window.start) & (loop.places <= window.end)


def _ratio(loop: Loop, conductance: Array, window: Window) -> Array:
    """G / mean over cycles, (points, cycles); raises SweepError where a mean is not positive."""
    import numpy as np

    mean = np.nanmean(conductance, axis=1, keepdims=True)
    if (mean <= 0).any():
        row = loop.rows[_inside(loop, window)][int((mean <= 0).argmax())]
        raise SweepError(
            f"row {row}: the mean conductance is not positive ({float(mean.min()):.3g} S); the current flows against "
            "the voltage: check the sign of the current columns and the offset of the instrument"
        )
    return conductance / mean


def _logs(ratio: Array) -> Array:
    import numpy as np

    return np.log(ratio[np.isfinite(ratio) & (ratio > 0)])
