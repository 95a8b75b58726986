"""What a device card warns of, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract.names import cut
from suite.lab.characterise.loop import Loop, loop_points
from suite.lab.characterise.mapping import LEVELS, POINTS, Window
from suite.lab.characterise.sigma import Spread, shared_mean_factor
from suite.lab.characterise.sweeps import Sweeps

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_FEW_CYCLES = 5
# The test's p is right up to so many samples; of more, every second, third, ... is taken.
_REJECTED, _MOST_TESTED = 0.01, 5000
# Currents above this at a few volts are unusual in memory cells: more likely milliamperes without their unit.
_LARGEST_A = 0.1
# A plateau: a cycle's current stays within this share of itself over so many points, near its largest value.
_FLAT, _FLAT_POINTS, _NEAR_TOP = 0.02, 5, 0.8


def remarks(sweeps: Sweeps, loop: Loop, window: Window, spread: Spread) -> tuple[str, ...]:
    """Every warning that applies, in the order in which a reader should doubt the number."""
    return (
        *sweeps.warnings,
        *_of_units(sweeps),
        *_of_cycles(sweeps, loop),
        *_of_samples(loop, spread),
        *_of_shape(loop, window),
        *_of_normality(spread),
        *_of_points(sweeps, loop),
    )


def _of_units(sweeps: Sweeps) -> list[str]:
    import numpy as np

    largest = float(np.nanmax(np.abs(sweeps.current)))
    if largest <= _LARGEST_A:
        return []
    return [f"currents reach {largest:.3g} A: if the file means mA, say so in its headers or by --current-unit mA"]


def _of_cycles(sweeps: Sweeps, loop: Loop) -> list[str]:
    cycles, found = loop.conductance.shape[1], []
    if cycles < _FEW_CYCLES:
        low = f"low by a factor of about {shared_mean_factor(loop):.3f}"
        found.append(f"only {cycles} cycles: sigma is uncertain and {low} (at least {_FEW_CYCLES} are advised)")
    if sweeps.empty:
        found.append(f"cycles without any current: {cut(sweeps.empty)} (left out)")
    if sweeps.incomplete:
        used = f"{loop.short} of them left out" if loop.short else "their positive loops are whole and used"
        if loop.authors:
            used = "used as far as they go"
        found.append(f"incomplete cycles: {cut(sweeps.incomplete)} ({used})")
    return found


def _of_samples(loop: Loop, spread: Spread) -> list[str]:
    negative = int((loop.conductance <= 0).sum())
    if not negative:
        return []
    where = f"{negative} of {loop.conductance.size} conductances of the positive loop are zero or negative"
    if not spread.left_out:
        return [where]
    return [f"{where}; {spread.left_out} of them lie in the window and are left out of sigma: they have no logarithm"]


def _of_shape(loop: Loop, window: Window) -> list[str]:
    found = []
    if window.mono_len < LEVELS:
        found.append(
            f"monotone length {window.mono_len} is below the {LEVELS} levels of the mapping: large weights lose their "
            "value, which usability does not show"
        )
    if loop.voltage[-1] == loop.voltage.max():
        found.append("the sweep ends at its largest voltage: half a loop, on which the 100 points are counted")
    peak = float(loop.places[loop.voltage.argmax()])
    if (window.start + window.end) / 2 > peak:
        found.append("the window lies on the return sweep: conductance rises there while the voltage falls")
    if (flat := plateaus(loop)) > 1:
        found.append(
            f"compliance plateau in {flat} cycles: the current stays flat while the voltage changes, so that I/V "
            "follows the voltage and repeats better than the cell does"
        )
    return found


def plateaus(loop: Loop) -> int:
    """How many cycles have a plateau: 5 points in a row, near the cycle's largest current, over which it changes by at
    most 2 % while the voltage changes by more than 10 %."""
    import numpy as np

    current = loop.conductance * loop.voltage[:, None]
    windows = np.lib.stride_tricks.sliding_window_view(current, _FLAT_POINTS, axis=0)
    volts = np.lib.stride_tricks.sliding_window_view(loop.voltage, _FLAT_POINTS)
    high, low = windows.max(axis=-1), windows.min(axis=-1)
    swept = np.ptp(volts, axis=-1) > 0.1 * volts.max(axis=-1)
    flat = (high - low <= _FLAT * high) & (low > _NEAR_TOP * current.max(axis=0)) & swept[:, None]
    return int(flat.any(axis=0).sum())


def _of_normality(spread: Spread) -> list[str]:
    from scipy.stats import shapiro

    if spread.log_ratio.size < 3:
        return []
    p = float(shapiro(spread.log_ratio[:: -(-spread.log_ratio.size // _MOST_TESTED)]).pvalue)
    if p >= _REJECTED:
        return []
    return [
        f"log-normality is rejected (Shapiro-Wilk on the pooled log ratios, p = {p:.1g}): sigma is a summary, no law"
    ]


def _of_points(sweeps: Sweeps, loop: Loop) -> list[str]:
    if (points := loop_points(sweeps)) == POINTS:
        return []
    if loop.authors:
        cut = "which they cut" if points > POINTS else "so that they reach into its negative branch"
        return [f"the authors' definition takes rows 1 to {POINTS} of a loop of {points} points, {cut}"]
    return [
        f"the loop has {points} points: its mean curve is interpolated to the {POINTS} among which the "
        "monotone length is counted"
    ]
