"""What it costs to plan, drive, book and draw a study, apart from its trainings and sweeps."""

from __future__ import annotations

import os
from collections.abc import Iterator

from suite.bench.efficiency import efficiency_rows
from suite.bench.nodes import nodes_rows
from suite.bench.overhead import on_ray, ray_rows, serial_rows, write_rows
from suite.bench.planning import planning_rows
from suite.bench.protocol import protocol_rows
from suite.bench.rows import Measured
from suite.bench.startup import startup_rows

WORKERS = 2


def run(quick: bool = False) -> Iterator[Measured]:
    """Every figure, as it is measured: about two minutes of one core; quick: fewer empty units, the same bars."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    yield from startup_rows()
    yield from serial_rows(1_000 if quick else 10_000)
    units = 500 if quick else 5_000
    pace = on_ray(units, WORKERS)
    yield from ray_rows(pace, units, WORKERS)
    yield from write_rows()
    yield from planning_rows()
    yield from protocol_rows()
    yield from nodes_rows(1e3 * pace.cpu_s, pace.event_bytes)
    yield from efficiency_rows()
