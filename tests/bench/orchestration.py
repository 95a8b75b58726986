"""What it costs to plan, drive, book and draw a study, apart from its trainings and sweeps."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.efficiency import efficiency_rows
from tests.bench.nodes import Constants, nodes_rows
from tests.bench.overhead import Pace, on_ray, ray_rows, serial_rows, write_rows
from tests.bench.planning import MILLION, Planned, plan, planning_rows
from tests.bench.protocol import Drawn, draw, protocol_rows
from tests.bench.rows import Measured
from tests.bench.startup import startup_rows

WORKERS = 2
# So few that their plan is nothing beside the libraries that the process has loaded.
FEW = 1_000


def run(quick: bool = False) -> Iterator[Measured]:
    """Every figure, as it is measured: about two minutes of one core; quick: fewer empty units, the same bars."""
    yield from startup_rows()
    yield from serial_rows(1_000 if quick else 10_000)
    units = 500 if quick else 5_000
    pace = on_ray(units, WORKERS)
    yield from ray_rows(pace, units, WORKERS)
    yield from write_rows()
    planned, drawn = plan(MILLION), draw()
    yield from planning_rows(planned)
    yield from protocol_rows(drawn)
    yield from nodes_rows(_constants(pace, planned, plan(FEW), drawn))
    yield from efficiency_rows()


def _constants(pace: Pace, planned: Planned, few: Planned, drawn: Drawn) -> Constants:
    more = planned.units - few.units
    return Constants(
        driver_ms=1e3 * pace.cpu_s,
        event_bytes=pace.event_bytes,
        plan_us=1e6 * (planned.cpu_s - few.cpu_s) / more,
        plan_bytes=1e6 * (planned.peak_mb - few.peak_mb) / more,
        digest_us=1e6 * drawn.digest_s / drawn.units,
    )
