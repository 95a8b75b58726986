"""How fast IR drop is: a tile solved once as an operator, against nodal analysis for every input vector.

The job: the column currents of one square tile for 1,000 input vectors; conductances log-uniform from 1 uS to 1 mS,
1 ohm per wire segment (synthetic, from the keyed generator), one thread, float64 on every side. Where solving per
vector would take minutes, fewer vectors are timed and the time is scaled up; the row says how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu, spsolve

from suite.contract.seeds import numpy_generator
from suite.crossbar.circuit.wires import transconductance
from tests.bench.rows import Measured, measured
from tests.bench.tables import seconds, threads

SIDES = (10, 32, 64, 128)
VECTORS, WIRE_OHM, ENTROPY = 1000, 1.0, 20412
# Unknowns times vectors that are solved one by one at most: about ten seconds.
MOST_UNKNOWNS = 1_000_000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tile:
    """conductances: (side, side) uS; volts: (vectors, side)."""

    conductances: Array
    volts: Array

    @staticmethod
    def of(side: int) -> Tile:
        """From keyed generators."""
        generator = numpy_generator(ENTROPY, "bench-wires", side)
        return Tile(10 ** generator.uniform(0, 3, (side, side)), generator.uniform(-1, 1, (VECTORS, side)))

    def solved(self, count: int) -> Array:
        """Currents of the first `count` vectors by a sparse solve for each, uA."""
        nodes, drive, sense = self.nodal()
        return np.array([sense @ spsolve(nodes, drive @ volts) for volts in self.volts[:count]])

    def factored(self) -> Array:
        """Currents of all vectors by one sparse factorisation, uA."""
        nodes, drive, sense = self.nodal()
        factors = splu(nodes)
        return np.array([sense @ factors.solve(drive @ volts) for volts in self.volts])

    def by_operator(self) -> Array:
        """Currents of all vectors by the suite's own operator, uA."""
        return self.volts @ transconductance(torch.from_numpy(self.conductances)[None], WIRE_OHM)[0].numpy()

    def nodal(self) -> tuple[sparse.csc_matrix, sparse.csr_matrix, sparse.csr_matrix]:
        """Node matrix (word nodes, then bit nodes), what drives it per volt, what is sensed per volt of the nodes."""
        side = len(self.conductances)
        wire, one = 1e6 / WIRE_OHM, sparse.identity(side)
        chain = sparse.diags([-np.ones(side - 1), np.full(side, 2.0), -np.ones(side - 1)], [-1, 0, 1]).tolil()
        # The far end of a line is open: its last node has one segment only.
        from_left, to_bottom = chain.copy(), chain.copy()
        from_left[-1, -1] = to_bottom[0, 0] = 1
        cells = sparse.diags(self.conductances.ravel())
        word, bit = wire * sparse.kron(one, from_left) + cells, wire * sparse.kron(to_bottom, one) + cells
        nodes = sparse.bmat([[word, -cells], [-cells, bit]], format="csc")
        first, last = sparse.csr_matrix(np.eye(side)[:, :1]), sparse.csr_matrix(np.eye(side)[:, -1:])
        none = sparse.csr_matrix((side, side * side))
        drive = sparse.vstack([wire * sparse.kron(one, first), none.T]).tocsr()
        return nodes, drive, sparse.hstack([none, wire * sparse.kron(last.T, one)]).tocsr()


def run(quick: bool = False) -> list[Measured]:
    """Every size; a minute and a half on one core. quick: without the largest, one turn instead of three."""
    with threads(1):
        sides = SIDES[:-1] if quick else SIDES
        return [row for side in sides for row in measure(side, repeats=1 if quick else 3)]


def measure(side: int, repeats: int) -> list[Measured]:
    """A sparse solve per vector, one factorisation with a back-substitution per vector, and the operator, in turn;
    medians of the CPU seconds for all vectors."""
    tile = Tile.of(side)
    count = min(VECTORS, max(1, MOST_UNKNOWNS // (2 * side * side)))
    expected, ideal = tile.solved(count), (tile.volts @ tile.conductances)[:count]
    times: list[tuple[float, float, float]] = []
    for _ in range(repeats):
        per_vector = seconds(lambda: tile.solved(count)) * VECTORS / count
        times.append((per_vector, seconds(tile.factored), seconds(tile.by_operator)))
    solve, factor, operator = (median(values) for values in zip(*times, strict=True))
    error = np.abs(tile.by_operator()[:count] - expected).max() / np.abs(expected).max()
    rows = [
        (f"a solve per vector, {count:,} vectors timed", solve, "CPU s"),
        ("factorised once", factor, "CPU s"),
        ("operator", operator, "CPU s"),
        ("operator, times a solve per vector", solve / operator, "x"),
        ("operator, times factorised once", factor / operator, "x"),
        ("error of ignoring the wires", 100 * float(np.abs(ideal - expected).mean() / np.abs(expected).mean()), "%"),
        ("largest relative error", float(error), ""),
    ]
    return [measured("wires", f"{side} x {side}, {VECTORS:,} vectors: {what}", *figure) for what, *figure in rows]
