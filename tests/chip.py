"""The slow, obvious voltage-mode crossbar that the fast one must equal: one line, one row, one pulse at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def settled(cells: Floats, inputs: Sequence[float]) -> float:
    """The voltage, in units of the read voltage, at which a line floats: pairs (rows, 2) of uS, inputs (rows,)."""
    current = conductance = 0.0
    for (positive, negative), value in zip(cells, inputs, strict=True):
        current += value * positive + -value * negative
        conductance += positive + negative
    return current / conductance


def bit_serial(cells: Floats, inputs: Sequence[int]) -> float:
    """What a capacitor collects of signed whole inputs that are sent bit by bit, each bit as 2^b pulses of -1, 0, 1."""
    charge = 0.0
    bits = max(abs(value) for value in inputs).bit_length()
    for bit in range(bits):
        pulse = [math.copysign(1, value) * (abs(value) >> bit & 1) for value in inputs]
        charge += 2**bit * settled(cells, pulse)
    return charge


def counted(charge: float, step: float, most: int) -> float:
    """sgn(q) (n - 1/2): decrements of `step` until the charge is gone, at most so many."""
    left, count = abs(charge), 0
    while left > 0 and count < most:
        left -= step
        count += 1
    return math.copysign(count - 0.5, charge) if count else 0.0


def loaded(cells: Floats, ohm: float) -> Floats:
    """(columns, rows, 2) pairs of uS behind a resistance in front of each line of each polarity."""
    found = np.empty_like(cells)
    for row in range(cells.shape[1]):
        for sign in range(2):
            load = sum(cells[column, row, sign] for column in range(len(cells))) * 1e-6
            for column in range(len(cells)):
                found[column, row, sign] = cells[column, row, sign] / (1 + ohm * load)
    return found
