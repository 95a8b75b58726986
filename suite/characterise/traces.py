"""A trace of time, voltage and current -> cycles: sweeps are told apart by the turning points of the voltage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.characterise.sweeps import SweepError, Sweeps, checked

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# A turning point stands out by this share of the voltage's range: smaller wiggles are noise of the source.
_PROMINENCE = 0.2


def cycles_of_trace(file: Path, voltage: Array, current: Array, notes: tuple[str, ...] = ()) -> Sweeps:
    """Sweeps of the positive loops in a trace, (samples,) in V and A.

    The trace is cut at the lowest points of the voltage; a part that rises from 0 (or less) to its peak and falls back
    is a cycle, cut to its positive voltages. Cycles whose voltages differ from those of the first are interpolated onto
    them, the rising and the falling branch each. Raises SweepError.
    """
    import numpy as np

    for name, values in (("voltage", voltage), ("current", current)):
        if bad := np.flatnonzero(~np.isfinite(values)).tolist():
            raise SweepError(f"{file}: row {bad[0] + 2}: the {name} is missing; complete or remove the row")
    if np.ptp(voltage) == 0:
        raise SweepError(f"{file}: the voltage stays at {voltage[0]:g} V; give a file in which it is swept")
    parts = [_positive(voltage, part) for part in _between_valleys(voltage)]
    whole = [rows for rows in parts if rows.size and _is_loop(voltage, rows)]
    if len(whole) < 2:
        raise SweepError(
            f"{file}: {len(whole)} full cycle from 0 to the peak and back in {len(voltage)} rows; sigma needs the "
            "spread over at least 2 cycles"
        )
    grid = voltage[whole[0]]
    columns = np.stack([_onto(grid, voltage[rows], current[rows]) for rows in whole], axis=1)
    left = sum(rows.size > 0 for rows in parts) - len(whole)
    found = f"{len(whole)} cycles found in one trace"
    notes += (found if not left else f"{found}; {left} incomplete and left out",)
    return checked(file, grid, columns, notes, first_row=int(whole[0][0]) + 2)


def _between_valleys(voltage: Array) -> list[Array]:
    """Row numbers of the stretches between the lowest points of the voltage."""
    import numpy as np
    from scipy.signal import find_peaks

    valleys, _ = find_peaks(-voltage, prominence=_PROMINENCE * float(np.ptp(voltage)))
    return list(np.split(np.arange(len(voltage)), valleys))


def _positive(voltage: Array, rows: Array) -> Array:
    return rows[voltage[rows] > 0]


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
