"""Planning a study of a million units, and its status: each in a process of its own."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from suite.run.run import prepare
from tests.bench.fresh import python
from tests.bench.idle import idle_study
from tests.bench.overhead import BENCH
from tests.bench.rows import Measured, measured

MILLION, WORKLOADS = 1_000_000, 12
PLAN = "import sys; from tests.bench.planning import plan_in; plan_in(sys.argv[1], int(sys.argv[2]))"


@dataclass(frozen=True)
class Planned:
    """cpu_s: all that a run does before its first unit; peak_mb: of the process, libraries included; status_s: CPU of
    `suite status`, Python's start included."""

    units: int
    cpu_s: float
    peak_mb: float
    status_s: float


def plan(units: int) -> Planned:
    """12 workloads x 8 methods, 27 x 10 evaluations a unit, none of them done."""
    with tempfile.TemporaryDirectory() as folder:
        context = idle_study(Path(folder), units, WORKLOADS)
        prepare(context)
        used = python("-c", PLAN, folder, units)
        told = json.loads(used.output)
        status = python("-m", "suite", "status", Path(folder) / "idle.yaml", "--results", context.results)
    return Planned(told["units"], told["cpu_s"], used.peak_mb, status.cpu_s)


def plan_in(folder: str, units: int) -> None:
    """What the fresh process does; it prints how long that took."""
    context = idle_study(Path(folder), units, WORKLOADS)
    start = process_time()
    made, cube = prepare(context)
    missing = made.missing(cube)
    cpu_s = process_time() - start
    count = sum(len(units) for fits in missing.values() for units in fits.values())
    print(json.dumps({"cpu_s": cpu_s, "units": count}))


def planning_rows(found: Planned) -> list[Measured]:
    """The bars are for a million units."""
    size = f"{found.units:,} units"
    return [
        measured(BENCH, f"planning {size}, CPU", found.cpu_s, "s", "<= 10"),
        measured(BENCH, f"planning {size}, peak memory", found.peak_mb / 1e3, "GB", "<= 1"),
        measured(BENCH, f"suite status on {size}, CPU with Python's start", found.status_s, "s", "<= 5"),
    ]
