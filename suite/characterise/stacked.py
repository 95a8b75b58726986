"""A table in which cycles lie below one another, told apart by a column of cycle numbers -> cycles side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.characterise.sweeps import SweepError, Sweeps, checked, near_zero_V
from suite.characterise.traces import check_samples

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def cycles_of_stack(
    file: Path, cycle: Array, voltage: Array, current: Array, rows: Array, notes: tuple[str, ...] = ()
) -> Sweeps:
    """Sweeps of the cycles in a long table, (samples,) each, V and A, with their rows in the file.

    Every cycle must have the voltages of the first one, to half a step. Raises SweepError.
    """
    import numpy as np

    if bad := np.flatnonzero(np.isnan(cycle)).tolist():
        raise SweepError(f"{file}: row {rows[bad[0]]}: the cycle number is missing; complete or remove the row")
    check_samples(file, voltage, current, rows)
    numbers = list(dict.fromkeys(cycle.tolist()))
    parts = [np.flatnonzero(cycle == number) for number in numbers]
    grid = voltage[parts[0]]
    zero = near_zero_V(grid) if np.ptp(grid) > 0 else 0.0
    for number, part in zip(numbers, parts, strict=True):
        if len(part) != len(grid) or (np.abs(voltage[part] - grid) > zero).any():
            raise SweepError(
                f"{file}: cycle {number:g} (from row {rows[part[0]]}) has other voltages than cycle {numbers[0]:g}; "
                "remove it, or remove the column of cycle numbers: cycles are then found by the turns of the voltage"
            )
    return checked(file, grid, np.stack([current[part] for part in parts], axis=1), notes, rows[parts[0]])
