"""Sweeps -> the fitted device: conductance, window, sigma, level ratios, warnings."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from suite.contract.digests import file_hash
from suite.data.facts import perovskite_workbooks
from suite.lab.characterise.device_fit import DeviceFit
from suite.lab.characterise.loop import Loop, authors_rows, positive_loop
from suite.lab.characterise.mapping import Window, level_ratio, monotone_window
from suite.lab.characterise.remarks import remarks
from suite.lab.characterise.sigma import Spread, authors_spread, log_spread, shared_mean_factor
from suite.lab.characterise.sweeps import COPIED, SweepError, Sweeps

Estimator = Literal["log_mle", "authors"]


@dataclass(frozen=True)
class Fitted:
    """A fit and what its card is drawn from."""

    fit: DeviceFit
    sweeps: Sweeps
    loop: Loop
    spread: Spread


def fit_device(sweeps: Sweeps, estimator: Estimator = "log_mle") -> Fitted:
    """Fit one device. estimator: `log_mle` (the default), or `authors` for sigma as their repository stores it.

    Raises SweepError with the file, the row and the fix.
    """
    authors = estimator == "authors"
    loop = (authors_rows if authors else positive_loop)(sweeps)
    curve = loop.resampled(loop.mean)
    window = monotone_window(curve.tolist())
    try:
        spread = (authors_spread if authors else log_spread)(loop, window)
    except SweepError as error:
        raise SweepError(f"{sweeps.source}: {error}") from error
    if spread.sigma_log < COPIED:
        raise SweepError(f"{sweeps.source}: {_all_equal(spread, loop)}")
    fit = DeviceFit(
        name=re.sub(r"[,@()=\s]+", "_", sweeps.source.name),
        file=sweeps.source.file.name,
        sha256=file_hash(sweeps.source.file),
        estimator=estimator,
        sigma_log=spread.sigma_log,
        sigma_low=spread.low,
        sigma_high=spread.high,
        usability=math.exp(-spread.sigma_log),
        mono_len=window.mono_len,
        window=(window.start, window.end),
        cycles=loop.conductance.shape[1],
        used=spread.used,
        left_out=spread.left_out,
        voltage_V=tuple(loop.resampled(loop.voltage).tolist()),
        conductance_uS=tuple((1e6 * curve).tolist()),
        level_ratio=_ratios(sweeps, curve.tolist(), window),
        notes=(*sweeps.notes, *_zeros(loop), *_bias(loop, estimator)),
        warnings=remarks(sweeps, loop, window, spread),
    )
    if authors:
        fit = fit.model_copy(update=_stored(fit))
    return Fitted(fit, sweeps, loop, spread)


def _all_equal(spread: Spread, loop: Loop) -> str:
    equal = f"all cycles are equal, sigma is {spread.sigma_log:.1g}"
    if loop.authors:
        return f"in the authors' window {equal}: a limit held the current there; leave --compat authors away"
    return f"{equal}; give measured cycles, not one cycle copied"


def _ratios(sweeps: Sweeps, curve: list[float], window: Window) -> tuple[float, ...]:
    if min(curve) == max(curve):
        equal = "the mean conductance is the same at every voltage"
        raise SweepError(f"{sweeps.source}: {equal}; a resistor has no levels")
    # Six digits: what is packaged and what a study reads are equal, whatever the last bit of a mean.
    return tuple(round(ratio, 6) for ratio in level_ratio(curve, window))


def _stored(fit: DeviceFit) -> dict[str, tuple[str, ...]]:
    """The note, or the warning, that a workbook of the authors gets beside the sigma that they store for its device."""
    book = next((book for book in perovskite_workbooks() if book.sha256 == fit.sha256), None)
    if book is None or book.sigma_stored is None:
        return {}
    if book.reproduced:
        return {"notes": (*fit.notes, f"the authors store this sigma for this device: {book.sigma_stored:g}")}
    other = f"the authors store sigma {book.sigma_stored:g} for this device: that number is of another file than this"
    return {"warnings": (other, *fit.warnings)}


def _zeros(loop: Loop) -> tuple[str, ...]:
    if not loop.zeros:
        return ()
    within = "" if loop.authors else " (within half a step)"
    return (f"{loop.zeros} rows of the loop at V = 0{within} left out: I/V is undefined there",)


def _bias(loop: Loop, estimator: Estimator) -> tuple[str, ...]:
    if estimator != "log_mle":
        return ()
    factor = shared_mean_factor(loop)
    return (f"maximum likelihood: the mean shared by the cycles makes sigma about {factor:.3f} of its true value",)
