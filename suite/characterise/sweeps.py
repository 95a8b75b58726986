"""I-V sweeps of one device, in SI units, and the checks that every file must pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Currents above this at a few volts are unknown in memory cells: more likely milliamperes without their unit.
_LARGEST_A = 1.0


class SweepError(SuiteError):
    """A file of I-V sweeps that cannot be used; the message names the file, the row and the fix."""


@dataclass(frozen=True)
class Sweeps:
    """One device's sweeps.

    voltage: (points,) in V; current: (points, cycles) in A, NaN where a cycle was cut short; first_row: the row of the
    file that holds the first point, header counted; incomplete: numbers (from 1) of the cycles that lack points;
    notes: what a reader of the card must know of the file.
    """

    name: str
    file: Path
    voltage: Array
    current: Array
    first_row: int
    incomplete: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def checked(file: Path, voltage: Array, current: Array, notes: tuple[str, ...] = (), first_row: int = 2) -> Sweeps:
    """Sweeps in SI units, (points,) and (points, cycles), from a file; raises SweepError with the row and the fix."""
    import numpy as np

    if bad := np.flatnonzero(~np.isfinite(voltage)).tolist():
        raise SweepError(f"{file}: row {bad[0] + first_row}: the voltage is missing; complete or remove the row")
    if not voltage.any():
        raise SweepError(f"{file}: every voltage is 0; give the voltage column of a sweep")
    if np.ptp(voltage) == 0:
        raise SweepError(f"{file}: the voltage stays at {voltage[0]:g} V; give a file in which it is swept")
    _check_gaps(file, current, first_row)
    _check_repetitions(file, voltage, current, first_row)
    kept = ~np.isnan(current).all(axis=0)
    if kept.sum() < 2:
        raise SweepError(f"{file}: {kept.sum()} cycle with currents; sigma needs the spread over at least 2 cycles")
    incomplete = tuple((np.flatnonzero(np.isnan(current).any(axis=0)) + 1).tolist())
    if (largest := float(np.nanmax(np.abs(current)))) > _LARGEST_A:
        notes += (f"currents reach {largest:.3g} A: if the file means mA, give --current-unit mA",)
    name = file.stem.removeprefix("I-V_data_")
    return Sweeps(name, file, voltage, current[:, kept], first_row, incomplete, notes)


def _check_gaps(file: Path, current: Array, first_row: int) -> None:
    """Currents may be missing at the end of a cycle, where it was cut short, and nowhere else."""
    import numpy as np

    if (infinite := np.argwhere(np.isinf(current))).size:
        row, cycle = infinite[0]
        raise SweepError(f"{file}: row {row + first_row}, cycle {cycle + 1}: the current is infinite; remove the row")
    for cycle, values in enumerate(current.T, start=1):
        missing = np.flatnonzero(np.isnan(values))
        present = np.flatnonzero(~np.isnan(values))
        if missing.size and present.size and missing[0] < present[-1]:
            raise SweepError(
                f"{file}: row {missing[0] + first_row}, cycle {cycle}: a current is missing in the middle of the "
                "cycle; fill it in or remove the row from every cycle (only the end of a cycle may be missing)"
            )


def _check_repetitions(file: Path, voltage: Array, current: Array, first_row: int) -> None:
    """A row equal to the one before it, or two equal cycles, are copies: a device would look too repeatable."""
    import numpy as np

    if current.shape[1] < 2:
        return
    # At its peak a sweep rests for two rows, and compliance may hold every cycle at one current there.
    between = (voltage[1:] != 0) & (np.abs(voltage[1:]) < np.abs(voltage).max())
    same = (np.diff(voltage) == 0) & (np.diff(current, axis=0) == 0).all(axis=1) & between
    if same.any():
        row = int(same.argmax()) + first_row
        raise SweepError(f"{file}: row {row + 1} repeats row {row} exactly; remove one of them")
    cycles: dict[bytes, int] = {}
    for number, values in enumerate(current.T, start=1):
        known = cycles.setdefault(values.tobytes(), number)
        if known != number and not np.isnan(values).all():
            raise SweepError(f"{file}: cycle {number} repeats cycle {known} exactly; remove one of them")
