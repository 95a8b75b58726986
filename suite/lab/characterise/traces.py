"""A trace of voltage and current -> cycles: sweeps are told apart by the turning points of the voltage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.lab.characterise.columns import Measured
from suite.lab.characterise.steps import PROMINENCE, steadied, zero_V
from suite.lab.characterise.sweeps import Source, SweepError, Sweeps, check_copied_rows, checked

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Cycles whose voltages agree to this share are on one grid.
_SAME_GRID = 1e-3


def cycles_of_trace(source: Source, found: Measured) -> Sweeps:
    """Sweeps of the positive loops in a trace.

    The trace is cut at the lowest points of the voltage; a part that rises from 0 (or less) to its peak and falls back
    is a cycle, cut to its voltages of half a step and more. Cycles whose voltages differ from those of the first are
    interpolated onto them, the rising and the falling branch each. Raises SweepError.
    """
    import numpy as np

    current = found.current[:, 0]
    check_samples(source, found)
    _check_copied_samples(source, found)
    voltage, noise = steadied(found.voltage)
    zero = zero_V(voltage, noise)
    parts = [part[voltage[part] >= zero] for part in _between_valleys(voltage)]
    whole = [part for part in parts if part.size and _is_loop(voltage, part)]
    if len(whole) < 2:
        raise SweepError(
            f"{source}: {len(whole)} full cycle from 0 to the peak and back in {len(voltage)} rows; sigma needs the "
            "spread over at least 2 cycles"
        )
    grid, rows = voltage[whole[0]], found.rows[whole[0]]
    columns = np.stack([_onto(grid, voltage[part], current[part]) for part in whole], axis=1)
    if found.time is None:
        check_copied_rows(source, grid, columns, rows)
    notes = (*found.notes, *_notes(voltage, zero, noise, parts, len(whole)))
    return checked(source, grid, columns, notes, rows, found.warnings)


def loops(voltage: Array) -> int:
    """How many cycles a trace has, (samples,) in V."""
    calm, noise = steadied(voltage)
    zero = zero_V(calm, noise)
    parts = [part[calm[part] >= zero] for part in _between_valleys(calm)]
    return sum(part.size > 0 and _is_loop(calm, part) for part in parts)


def check_samples(source: Source, found: Measured) -> None:
    """Raises SweepError for the first row of a trace that lacks its voltage or current."""
    import numpy as np

    for name, values in (("voltage", found.voltage), ("current", found.current[:, 0])):
        if bad := np.flatnonzero(~np.isfinite(values)).tolist():
            raise SweepError(f"{source}: row {found.rows[bad[0]]}: the {name} is missing; complete or remove the row")


def _check_copied_samples(source: Source, found: Measured) -> None:
    """With a time, a row that was written twice has the same one; a voltage that is held has not."""
    if found.time is None:
        return
    samples = list(zip(found.time, found.voltage.tolist(), found.current[:, 0].tolist(), strict=True))
    for at in range(1, len(samples)):
        if samples[at] == samples[at - 1] and samples[at][0] is not None:
            raise SweepError(
                f"{source}: row {found.rows[at]} repeats row {found.rows[at - 1]} exactly, its time as well; remove "
                "one of them"
            )


def _notes(voltage: Array, zero: float, noise: float, parts: list[Array], whole: int) -> list[str]:
    import numpy as np

    left = sum(part.size > 0 for part in parts) - whole
    found = f"{whole} cycles found in one trace"
    notes = [found if not left else f"{found}; {left} incomplete and left out"]
    if noise:
        notes.append(f"the voltage is noisier than its steps: averaged to a noise of {1e3 * noise:.2g} mV")
    if zeros := int((np.abs(voltage) < zero).sum()):
        within = f"{1e3 * zero:.2g} mV, for its noise" if noise else "half a step"
        notes.append(f"{zeros} rows of the trace at V = 0 (within {within}) left out: I/V is undefined there")
    return notes


def _between_valleys(voltage: Array) -> list[Array]:
    """Row numbers of the stretches between the lowest points of the voltage."""
    import numpy as np
    from scipy.signal import find_peaks

    valleys, _ = find_peaks(-voltage, prominence=PROMINENCE * float(np.ptp(voltage)))
    return list(np.split(np.arange(len(voltage)), valleys))


def _is_loop(voltage: Array, rows: Array) -> bool:
    """Whether a stretch of positive voltages starts and ends in the lowest fifth of the range, its peak between."""
    branch, peak = voltage[rows], voltage.max()
    return bool(branch.max() > 0.9 * peak and max(branch[0], branch[-1]) < 0.2 * peak)


def _onto(grid: Array, voltage: Array, current: Array) -> Array:
    """The current of one loop at the voltages of another: its conductance is interpolated, linear in the voltage."""
    import numpy as np

    if len(grid) == len(voltage) and np.allclose(grid, voltage, rtol=_SAME_GRID, atol=0):
        return current
    top, peak = int(grid.argmax()), int(voltage.argmax())
    conductance = current / voltage
    rising = _interpolated(grid[: top + 1], voltage[: peak + 1], conductance[: peak + 1])
    falling = _interpolated(grid[top + 1 :], voltage[peak:], conductance[peak:])
    return grid * np.concatenate([rising, falling])


def _interpolated(wanted: Array, voltage: Array, conductance: Array) -> Array:
    """Conductance of one branch at other voltages; np.interp needs them sorted, which noise leaves them not quite."""
    import numpy as np

    order = np.argsort(voltage, kind="stable")
    return np.interp(wanted, voltage[order], conductance[order])
