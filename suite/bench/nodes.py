"""A model of a run on many nodes, from constants measured here: what one driver can keep busy.

The driver takes a fixed time for a unit, whoever computes it. W workers with units of u seconds end W / u of them per
second, so it keeps up while W * d <= u. What the model leaves out is in tests/bench/README.md.
"""

from __future__ import annotations

from suite.bench.overhead import BENCH
from suite.bench.rows import Measured, measured

NODES, CORES = 1_000, 16
# What a unit is meant to take, see `Recipe.unit_evaluations`.
UNIT_S = 60.0
SECONDS_A_DAY = 86_400


def nodes_rows(driver_ms: float, event_bytes: float) -> list[Measured]:
    """driver_ms: CPU ms of the driver per unit on Ray; event_bytes: what the event log grows by per unit."""
    workers, per_unit_s = NODES * CORES, driver_ms / 1e3
    ended = workers / UNIT_S
    where, usual = f"model, {NODES:,} nodes of {CORES} cores", f"units of {UNIT_S:g} s"
    return [
        measured(BENCH, f"{where}, {usual}: share of the driver's core", ended * per_unit_s, ""),
        measured(BENCH, f"{where}, {usual}: event log", ended * event_bytes * SECONDS_A_DAY / 1e9, "GB/day"),
        measured(BENCH, f"{where}: shortest unit that one driver keeps up with", workers * per_unit_s, "s"),
        measured(BENCH, f"model, {usual}: workers that one driver keeps busy", UNIT_S / per_unit_s, ""),
    ]
