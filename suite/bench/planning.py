"""Planning a study of a million units, and its status: each in a process of its own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from time import process_time

from suite.bench.fresh import python
from suite.bench.idle import idle_study
from suite.bench.overhead import BENCH
from suite.bench.rows import Measured, measured
from suite.run import prepare

MILLION, WORKLOADS = 1_000_000, 12
PLAN = "import sys; from suite.bench.planning import plan_in; plan_in(sys.argv[1], int(sys.argv[2]))"


def planning_rows(units: int = MILLION) -> list[Measured]:
    """12 workloads x 8 methods, 27 x 10 evaluations a unit: what a run plans before its first unit, and the status."""
    with tempfile.TemporaryDirectory() as folder:
        context = idle_study(Path(folder), units, WORKLOADS)
        prepare(context)
        planned = python("-c", PLAN, folder, units)
        told = json.loads(planned.output)
        status = python("-m", "suite", "status", Path(folder) / "idle.yaml", "--results", context.results)
    size = f"{told['units']:,} units"
    return [
        measured(BENCH, f"planning {size}, CPU", told["cpu_s"], "s", "<= 10"),
        measured(BENCH, f"planning {size}, peak memory", planned.peak_mb / 1e3, "GB", "<= 1"),
        measured(BENCH, f"suite status on {size}, CPU with Python's start", status.cpu_s, "s", "<= 5"),
    ]


def plan_in(folder: str, units: int) -> None:
    """What the fresh process does: all that a run does before its first unit; it prints the seconds that took."""
    context = idle_study(Path(folder), units, WORKLOADS)
    start = process_time()
    plan, cube = prepare(context)
    missing = plan.missing(cube)
    cpu = process_time() - start
    count = sum(len(units) for fits in missing.values() for units in fits.values())
    print(json.dumps({"cpu_s": cpu, "units": count}))
