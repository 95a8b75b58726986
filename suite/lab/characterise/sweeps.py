"""I-V sweeps of one device, in SI units, and the checks that every file must pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.lab.characterise.steps import near_zero_V

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Cycles that agree to this share in every sample are one cycle, written twice in other digits or units.
COPIED = 1e-9


class SweepError(SuiteError):
    """A file of I-V sweeps that cannot be used; the message names the file, the row and the fix."""


@dataclass(frozen=True)
class Source:
    """Where sweeps were read: a file, and its sheet where several sheets hold devices."""

    file: Path
    sheet: str | None = None

    def __str__(self) -> str:
        return str(self.file) if self.sheet is None else f"{self.file}, sheet {self.sheet!r}"

    @property
    def name(self) -> str:
        """What the device is called."""
        stem = self.file.stem.removeprefix("I-V_data_") or self.file.stem
        return stem if self.sheet is None else f"{stem}_{self.sheet}"


@dataclass(frozen=True)
class Sweeps:
    """One device's sweeps.

    voltage: (points,) in V; current: (points, cycles) in A, NaN where a cycle was cut short; rows: (points,) rows of
    the file, from 1, header counted; incomplete, empty: numbers (from 1) of the cycles that lack points, and of those
    that have none and were dropped; notes: what a reader of the card must know of the file; warnings: what the file
    holds and nobody has read.
    """

    source: Source
    voltage: Array
    current: Array
    rows: Array
    incomplete: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def checked(
    source: Source,
    voltage: Array,
    current: Array,
    notes: tuple[str, ...] = (),
    rows: Array | None = None,
    warnings: tuple[str, ...] = (),
    gaps: bool = False,
) -> Sweeps:
    """Sweeps in SI units, (points,) and (points, cycles), from a file; raises SweepError with the row and the fix.

    rows: (points,) rows of the file; without them the points follow a header in the first row. gaps: whether currents
    may be missing in the middle of a cycle.
    """
    import numpy as np

    rows = np.arange(2, len(voltage) + 2) if rows is None else rows
    check_voltage(source, voltage, rows)
    _check_infinite(source, current, rows)
    if gap := _first_gap(current, rows):
        if not gaps:
            raise SweepError(
                f"{source}: {gap}; fill it in, remove the row from every cycle, or leave such cycles out by "
                "--leave-out-gaps (only the end of a cycle may be missing)"
            )
        warnings = (*warnings, gap)
    _check_copied_cycles(source, current)
    kept = ~np.isnan(current).all(axis=0)
    if kept.sum() < 2:
        raise SweepError(f"{source}: {kept.sum()} cycle with currents; sigma needs the spread over at least 2 cycles")
    incomplete = tuple((np.flatnonzero(kept & np.isnan(current).any(axis=0)) + 1).tolist())
    empty = tuple((np.flatnonzero(~kept) + 1).tolist())
    return Sweeps(source, voltage, current[:, kept], rows, incomplete, empty, notes, warnings)


def check_voltage(source: Source, voltage: Array, rows: Array) -> None:
    """Raises SweepError where a voltage, (points,), is missing, or all are equal."""
    import numpy as np

    if bad := np.flatnonzero(~np.isfinite(voltage)).tolist():
        raise SweepError(f"{source}: row {rows[bad[0]]}: the voltage is missing; complete or remove the row")
    if not voltage.any():
        raise SweepError(f"{source}: every voltage is 0; give the voltage column of a sweep")
    if np.ptp(voltage) == 0:
        raise SweepError(f"{source}: the voltage stays at {voltage[0]:g} V; give a file in which it is swept")


def _check_infinite(source: Source, current: Array, rows: Array) -> None:
    import numpy as np

    if (infinite := np.argwhere(np.isinf(current))).size:
        row, cycle = infinite[0]
        raise SweepError(f"{source}: row {rows[row]}, cycle {cycle + 1}: the current is infinite; remove the row")


def _first_gap(current: Array, rows: Array) -> str:
    """Where currents, (points, cycles), are first missing elsewhere than at the end of a cycle; "" for nowhere."""
    import numpy as np

    for cycle, values in enumerate(current.T, start=1):
        missing = np.flatnonzero(np.isnan(values))
        present = np.flatnonzero(~np.isnan(values))
        if missing.size and present.size and missing[0] < present[-1]:
            return f"row {rows[missing[0]]}, cycle {cycle}: a current is missing in the middle of the cycle"
    return ""


def check_copied_rows(source: Source, voltage: Array, current: Array, rows: Array) -> None:
    """Raises SweepError for a row that equals the one before it in voltage, (points,), and in every cycle, (points,
    cycles): a copy makes a device look too repeatable. Where compliance holds a cell, more than two rows are equal."""
    import numpy as np

    if current.shape[1] < 2:
        return
    # At its peak a sweep rests for two rows, and compliance may hold every cycle at one current there.
    between = (np.abs(voltage[1:]) >= near_zero_V(voltage)) & (np.abs(voltage[1:]) < np.abs(voltage).max())
    same = (np.diff(voltage) == 0) & (np.diff(current, axis=0) == 0).all(axis=1) & between
    edged = np.concatenate([[False], same, [False]])
    if (alone := same & ~edged[:-2] & ~edged[2:]).any():
        at = int(alone.argmax())
        raise SweepError(f"{source}: row {rows[at + 1]} repeats row {rows[at]} exactly; remove one of them")


def _check_copied_cycles(source: Source, current: Array) -> None:
    """Two equal cycles are one, written twice."""
    import numpy as np

    for cycle in range(1, current.shape[1]):
        values = current[:, [cycle]]
        alike = np.isclose(current[:, :cycle], values, rtol=COPIED, atol=0, equal_nan=True).all(axis=0)
        if alike.any() and not np.isnan(values).all():
            copied = f"cycle {cycle + 1} repeats cycle {int(alike.argmax()) + 1}"
            raise SweepError(f"{source}: {copied} (to {COPIED:g} of every current); remove one of them")
