"""A model of one day on a thousand nodes, from constants measured here: what one driver and one cube come to.

A driver takes a fixed time for a unit, whoever computes it: W workers with units of u seconds end W / u units a second,
and it keeps up while W x driver_ms is below u. What the model leaves out stands in tests/bench/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.rows import Measured, measured

BENCH = "a day on 1,000 nodes of 16 cores (model)"
WORKERS = 1_000 * 16
# What a unit is meant to take, see `Recipe.unit_evaluations`.
UNIT_S = 60.0
DAY_S = 86_400
# Of a workload with one score: that, the counts of non-finite samples, the hashes.
FILES_PER_UNIT = 3


@dataclass(frozen=True)
class Constants:
    """Of a unit: driver_ms: CPU of the driver on Ray; event_bytes: in the event log; plan_us, plan_bytes: of planning;
    digest_us: in the digest that the receipt holds."""

    driver_ms: float
    event_bytes: float
    plan_us: float
    plan_bytes: float
    digest_us: float


def nodes_rows(of: Constants) -> list[Measured]:
    """Units of a minute, and the shortest that can be."""
    a_second = WORKERS / UNIT_S
    units = a_second * DAY_S
    return [
        measured(BENCH, "units", units / 1e6, "million"),
        measured(BENCH, "share of a core that the driver takes", a_second * of.driver_ms / 1e3, ""),
        measured(BENCH, "shortest unit that the driver keeps up with", WORKERS * of.driver_ms / 1e3, "s"),
        measured(BENCH, "event log", units * of.event_bytes / 1e9, "GB"),
        measured(BENCH, "planning, CPU", units * of.plan_us / 1e6, "s"),
        measured(BENCH, "planning, memory", units * of.plan_bytes / 1e9, "GB"),
        measured(BENCH, "files of the cube", units * FILES_PER_UNIT / 1e6, "million"),
        measured(BENCH, "digest of the cube, CPU", units * of.digest_us / 1e6, "s"),
    ]
