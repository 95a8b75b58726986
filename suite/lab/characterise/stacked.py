"""A table in which cycles lie below one another, told apart by a column of cycle numbers -> cycles side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.lab.characterise.columns import Measured
from suite.lab.characterise.steps import near_zero_V
from suite.lab.characterise.sweeps import Source, SweepError, Sweeps, check_copied_rows, checked
from suite.lab.characterise.traces import check_samples

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def cycles_of_stack(source: Source, found: Measured, cycle: Array) -> Sweeps:
    """Sweeps of the cycles in a long table, their numbers in `cycle` (samples,).

    Every cycle must have the voltages of the first one, to half a step. Raises SweepError.
    """
    import numpy as np

    voltage, rows = found.voltage, found.rows
    if bad := np.flatnonzero(np.isnan(cycle)).tolist():
        raise SweepError(f"{source}: row {rows[bad[0]]}: the cycle number is missing; complete or remove the row")
    check_samples(source, found)
    numbers = list(dict.fromkeys(cycle.tolist()))
    parts = [np.flatnonzero(cycle == number) for number in numbers]
    grid = voltage[parts[0]]
    zero = near_zero_V(grid) if np.ptp(grid) > 0 else 0.0
    for number, part in zip(numbers, parts, strict=True):
        if len(part) != len(grid) or (np.abs(voltage[part] - grid) > zero).any():
            raise SweepError(
                f"{source}: cycle {number:g} (from row {rows[part[0]]}) has other voltages than cycle {numbers[0]:g}; "
                "remove it, or remove the column of cycle numbers: cycles are then found by the turns of the voltage"
            )
    current = np.stack([found.current[part, 0] for part in parts], axis=1)
    if zero:
        check_copied_rows(source, grid, current, rows[parts[0]])
    return checked(source, grid, current, found.notes, rows[parts[0]], found.warnings)
