"""The steps of a swept voltage and its noise: which voltages are zero, and what a noisy instrument meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# A turning point stands out by this share of the voltage's range: smaller wiggles are noise of the source.
PROMINENCE = 0.2
# A level that is so many times the one below it is the first step of a sweep; that below is an offset of its zero.
_FIRST_STEP = 3.0
# Steps that grow so much from the lower to the upper half of a branch are no even grid.
_UNEVEN = 3.0
# Noise of a larger share of the range is no noise: the voltage jumps.
_MOST_NOISE = 0.05
# Noise of a larger share of a step is averaged out; what is left is that share of what the sweep moves meanwhile.
_HARMLESS, _LEFT = 1 / 4, 1 / 30
# Below so many standard deviations of its noise, and below this share of the peak, a voltage says little of I/V.
_CERTAIN, _ENOUGH = 20, 0.1


def near_zero_V(voltage: Array) -> float:
    """A voltage, in V, below which those of a sweep, (samples,), are 0 with the noise or the offset of its source: I/V
    there is no conductance. Half a step of the positive branch; half its lowest voltage where its steps are uneven."""
    import numpy as np

    low, steps = np.minimum(voltage[1:], voltage[:-1]), np.abs(np.diff(voltage))
    branch = (low >= 0) & (steps > 0)
    if not branch.any():
        return float(np.median(steps[steps > 0])) / 2
    rising = steps[branch][np.argsort(low[branch], kind="stable")]
    middle = -(-len(rising) // 2)
    lower, upper = float(np.median(rising[:middle])), float(np.median(rising[-middle:]))
    if upper < _UNEVEN * lower:
        return float(np.median(rising)) / 2
    levels = np.sort(voltage[voltage > 0])
    offsets = np.flatnonzero((levels[1:] >= _FIRST_STEP * levels[:-1]) & (levels[:-1] < lower))
    return float(levels[offsets[-1] + 1 if offsets.size else 0]) / 2


def steadied(voltage: Array) -> tuple[Array, float]:
    """(the voltage without its noise, the noise that is left, in V), of the samples of one or more sweeps in their
    order. Noise far below the steps of the positive branch stays: it hides none.

    Noise is estimated from second differences, in which a ramp vanishes; it is averaged out by straight lines, between
    two turning points of the voltage each, over as many samples as it takes.
    """
    import numpy as np
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import savgol_filter

    reach = float(np.ptp(voltage))
    noise = 1.4826 * float(np.median(np.abs(np.diff(voltage, 2)))) / 6**0.5 if len(voltage) > 2 else 0.0
    moved = np.abs(np.diff(voltage[[0, *_turns(voltage), -1]].clip(0))).sum() / max((voltage > 0).sum(), 1)
    if moved == 0 or not _HARMLESS * moved < noise < _MOST_NOISE * reach:
        return voltage, 0.0
    width = 2 * int((noise / moved / _LEFT) ** (2 / 3) / 2) + 1
    branches = np.split(np.arange(len(voltage)), _turns(uniform_filter1d(voltage, width)))
    widths = [min(width, len(part) - 1 + len(part) % 2) for part in branches]
    calm = [
        savgol_filter(voltage[part], wide, 1) if wide > 1 else voltage[part]
        for part, wide in zip(branches, widths, strict=True)
    ]
    return np.concatenate(calm), noise / width**0.5


def zero_V(voltage: Array, noise: float) -> float:
    """`near_zero_V` of a voltage that was `steadied`, in V, or what its noise makes uncertain."""
    return max(near_zero_V(voltage), min(_CERTAIN * noise, _ENOUGH * float(voltage.max())))


def _turns(voltage: Array) -> list[int]:
    """The samples at which a voltage, (samples,), turns."""
    import numpy as np
    from scipy.signal import find_peaks

    found = [find_peaks(sign * voltage, prominence=PROMINENCE * float(np.ptp(voltage)))[0] for sign in (1, -1)]
    return sorted(np.concatenate(found).tolist())
