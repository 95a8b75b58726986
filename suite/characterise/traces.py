"""A trace of time, voltage and current -> cycles: sweeps are told apart by the turning points of the voltage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.characterise.sweeps import SweepError, Sweeps, checked, near_zero_V

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# A turning point stands out by this share of the voltage's range: smaller wiggles are noise of the source.
_PROMINENCE = 0.2


def cycles_of_trace(file: Path, voltage: Array, current: Array, rows: Array, notes: tuple[str, ...] = ()) -> Sweeps:
    """Sweeps of the positive loops in a trace, (samples,) in V and A, with their rows in the file.

    The trace is cut at the lowest points of the voltage; a part that rises from 0 (or less) to its peak and falls back
    is a cycle, cut to its voltages of half a step and more. Cycles whose voltages differ from those of the first are
    interpolated onto them, the rising and the falling branch each. Raises SweepError.
    """
    import numpy as np

    check_samples(file, voltage, current, rows)
    if np.ptp(voltage) == 0:
        raise SweepError(f"{file}: the voltage stays at {voltage[0]:g} V; give a file in which it is swept")
    zero = near_zero_V(voltage)
    parts = [part[voltage[part] >= zero] for part in _between_valleys(voltage)]
    whole = [part for part in parts if part.size and _is_loop(voltage, part)]
    if len(whole) < 2:
        raise SweepError(
            f"{file}: {len(whole)} full cycle from 0 to the peak and back in {len(voltage)} rows; sigma needs the "
            "spread over at least 2 cycles"
        )
    grid = voltage[whole[0]]
    columns = np.stack([_onto(grid, voltage[part], current[part]) for part in whole], axis=1)
    left = sum(part.size > 0 for part in parts) - len(whole)
    found = f"{len(whole)} cycles found in one trace"
    notes += (found if not left else f"{found}; {left} incomplete and left out",)
    if zeros := int((np.abs(voltage) < zero).sum()):
        notes += (f"{zeros} rows of the trace at V = 0 (within half a step) left out: I/V is undefined there",)
    return checked(file, grid, columns, notes, rows[whole[0]])


def check_samples(file: Path, voltage: Array, current: Array, rows: Array) -> None:
    """Raises SweepError for the first row of a trace, (samples,), that lacks its voltage or current."""
    import numpy as np

    for name, values in (("voltage", voltage), ("current", current)):
        if bad := np.flatnonzero(~np.isfinite(values)).tolist():
            raise SweepError(f"{file}: row {rows[bad[0]]}: the {name} is missing; complete or remove the row")


def _between_valleys(voltage: Array) -> list[Array]:
    """Row numbers of the stretches between the lowest points of the voltage."""
    import numpy as np
    from scipy.signal import find_peaks

    valleys, _ = find_peaks(-voltage, prominence=_PROMINENCE * float(np.ptp(voltage)))
    return list(np.split(np.arange(len(voltage)), valleys))


def _is_loop(voltage: Array, rows: Array) -> bool:
    """Whether a stretch of positive voltages starts and ends in the lowest fifth of the range, its peak between."""
    branch, peak = voltage[rows], voltage.max()
    return bool(branch.max() > 0.9 * peak and max(branch[0], branch[-1]) < 0.2 * peak)


def _onto(grid: Array, voltage: Array, current: Array) -> Array:
    """The current of one loop at the voltages of another: its conductance is interpolated, linear in the voltage."""
    import numpy as np

    if len(grid) == len(voltage) and np.allclose(grid, voltage, rtol=0, atol=1e-3 * grid.max()):
        return current
    top, peak = int(grid.argmax()), int(voltage.argmax())
    conductance = current / voltage
    rising = np.interp(grid[: top + 1], voltage[: peak + 1], conductance[: peak + 1])
    falling = np.interp(grid[top + 1 :], voltage[peak:][::-1], conductance[peak:][::-1])
    return grid * np.concatenate([rising, falling])
