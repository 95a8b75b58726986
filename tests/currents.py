"""The slow, obvious nodal analysis that crossbar currents must equal: Kirchhoff's current law at every node, in loops.

Word line i is driven at its left end, bit line j is grounded at its bottom; a segment of wire before each cell on the
word line and after each cell on the bit line.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import spsolve

GOLDEN = Path(__file__).parent / "golden" / "crossbar_currents.json"


def column_currents(
    conductances_S: NDArray[np.float64], voltages_V: NDArray[np.float64], wire_ohm: float
) -> NDArray[np.float64]:
    """Currents (columns,) in ampere into the grounds, for conductances (rows, columns) and voltages (rows,)."""
    rows, columns = conductances_S.shape
    wire = 1 / wire_ohm
    entries: list[tuple[int, int, float]] = []
    injected = np.zeros(2 * rows * columns)

    def word(i: int, j: int) -> int:
        return i * columns + j

    def bit(i: int, j: int) -> int:
        return rows * columns + i * columns + j

    def join(a: int, b: int, conductance: float) -> None:
        entries.extend([(a, a, conductance), (b, b, conductance), (a, b, -conductance), (b, a, -conductance)])

    for i in range(rows):
        for j in range(columns):
            join(word(i, j), bit(i, j), conductances_S[i, j])
            if j == 0:
                entries.append((word(i, j), word(i, j), wire))
                injected[word(i, j)] += wire * voltages_V[i]
            else:
                join(word(i, j - 1), word(i, j), wire)
            if i == rows - 1:
                entries.append((bit(i, j), bit(i, j), wire))
            else:
                join(bit(i, j), bit(i + 1, j), wire)
    at, to, values = zip(*entries, strict=True)
    potentials = spsolve(csc_matrix((values, (at, to)), shape=(len(injected), len(injected))), injected)
    return np.array([wire * potentials[bit(rows - 1, j)] for j in range(columns)])


def golden_cases() -> list[dict[str, NDArray[np.float64]]]:
    """What badcrossbar gave (see tests/golden): conductances_S, wire_ohm, voltages_V and currents_A per vector."""
    return [{name: np.array(value) for name, value in case.items()} for case in json.loads(GOLDEN.read_text())]


def log_uniform(seed: int, rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Conductances (rows, columns) from 1 uS to 1 mS, in siemens, and voltages (rows,) of both signs."""
    draw = np.random.default_rng(seed)
    return 10 ** draw.uniform(-6, -3, (rows, columns)), draw.uniform(-1, 1, rows)
