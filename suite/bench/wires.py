"""How fast IR drop is: a tile solved once as an operator, against nodal analysis for every input vector.

The job: the column currents of one square tile for 1,000 input vectors; conductances log-uniform from 1 uS to 1 mS,
1 ohm per wire segment (synthetic, from the keyed generator), one thread, float64 on every side. Where solving per
vector would take minutes, fewer vectors are timed and the time is scaled up; the row says how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import scipy
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu, spsolve

from suite.bench.hardware import processor
from suite.bench.tables import seconds
from suite.crossbar.circuit.wires import transconductance
from suite.seeds import numpy_generator

SIDES = (10, 32, 64, 128)
VECTORS, WIRE_OHM, ENTROPY = 1000, 1.0, 20412
# Unknowns times vectors that are solved one by one at most: about ten seconds.
MOST_UNKNOWNS = 1_000_000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One tile size. CPU seconds are of all vectors, medians over the repeats.

    solve_s: a sparse solve per vector; factor_s: one factorisation, a back-substitution per vector; operator_s: the
    operator and one matrix product; solved_vectors: how many were timed for solve_s before scaling; ignored: mean
    error of ignoring the wires, a part of the mean current; error: largest |current - nodal analysis| / largest.
    """

    side: int
    vectors: int
    wire_ohm: float
    solve_s: float
    factor_s: float
    operator_s: float
    solve_ratio: float
    factor_ratio: float
    ignored: float
    error: float
    solved_vectors: int
    repeats: int
    processor: str
    torch: str
    scipy: str


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


def run(repeats: int = 3) -> list[Row]:
    """Measure every size; about two minutes on one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [measure(side, repeats) for side in SIDES]
    finally:
        torch.set_num_threads(threads)


def measure(side: int, repeats: int) -> Row:
    """The three ways in turn, `repeats` times."""
    tile = Tile.of(side)
    count = min(VECTORS, max(1, MOST_UNKNOWNS // (2 * side * side)))
    expected, ideal = tile.solved(count), (tile.volts @ tile.conductances)[:count]
    times: list[tuple[float, float, float]] = []
    for _ in range(repeats):
        per_vector = seconds(lambda: tile.solved(count)) * VECTORS / count
        times.append((per_vector, seconds(tile.factored), seconds(tile.by_operator)))
    solve, factor, operator = (median(values) for values in zip(*times, strict=True))
    return Row(
        side=side,
        vectors=VECTORS,
        wire_ohm=WIRE_OHM,
        solve_s=solve,
        factor_s=factor,
        operator_s=operator,
        solve_ratio=solve / operator,
        factor_ratio=factor / operator,
        ignored=float(np.abs(ideal - expected).mean() / np.abs(expected).mean()),
        error=float(np.abs(tile.by_operator()[:count] - expected).max() / np.abs(expected).max()),
        solved_vectors=count,
        repeats=repeats,
        processor=processor(),
        torch=torch.__version__,
        scipy=scipy.__version__,
    )


def table(rows: list[Row]) -> str:
    """The rows as text."""
    head = f"{'tile':<10}{'per vector s':>13}{'factored s':>12}{'operator s':>12}{'ratios':>16}{'error':>10}"
    lines = [
        f"{f'{row.side} x {row.side}':<10}{row.solve_s:>13.3f}{row.factor_s:>12.3f}{row.operator_s:>12.4f}"
        f"{row.solve_ratio:>8.0f}x{row.factor_ratio:>6.1f}x{row.error:>10.1e}"
        for row in rows
    ]
    foot = f"{VECTORS} vectors, {WIRE_OHM:g} ohm per segment, one thread of {rows[0].processor}"
    return "\n".join([head, *lines, f"{foot}; medians of {rows[0].repeats}; synthetic tiles"])
