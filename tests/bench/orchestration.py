"""What it costs to start, plan, drive and book a study, apart from its trainings and sweeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

from suite.run.executors.serial import SerialExecutor
from suite.run.run import prepare
from tests.bench.idle import complete, idle, idle_study, trained
from tests.bench.machine import at_rest, fresh, verb
from tests.bench.rows import Measured, measured

BENCH, WORKERS, WARM = "orchestration", 2, 20
MILLION, WORKLOADS = 1_000_000, 12


def run(quick: bool = False) -> Iterator[Measured]:
    """Every figure, as it is measured: about a minute of one core. quick: fewer empty units, the same bars."""
    yield from startup_rows(2 if quick else 5)
    yield from serial_rows(1_000 if quick else 10_000)
    yield from ray_rows(500 if quick else 5_000)
    yield from planning_rows(MILLION)
    yield from efficiency_rows(240)


def startup_rows(repeats: int) -> list[Measured]:
    """What `import suite` adds to Python's own start, and `suite list` in all; medians of fresh processes, in turn."""
    ways = (lambda: fresh(""), lambda: fresh("import suite"), lambda: verb("list"))
    taken = [[way().cpu_s for way in ways] for _ in range(repeats)]
    bare, imported, listed = map(median, zip(*taken, strict=True))
    return [
        measured("startup", "import suite, CPU beyond Python's start", imported - bare, "s", "<= 0.3"),
        measured("startup", "suite list, CPU with Python's start", listed, "s", "<= 1"),
    ]


def serial_rows(units: int) -> list[Measured]:
    """The bar, and what of it is not the processor's."""
    with tempfile.TemporaryDirectory() as folder:
        pace = complete(trained(Path(folder), units), SerialExecutor(work=idle), WARM)
    name = f"overhead of an empty unit, serial, {units:,} units"
    return [
        measured(BENCH, f"{name}, CPU", 1e3 * pace.cpu_s, "ms", "<= 1"),
        measured(BENCH, f"{name}, wall", 1e3 * pace.wall_s, "ms"),
    ]


def ray_rows(units: int) -> list[Measured]:
    """The bar by the clock, with the driver's own part, which no worker can take over."""
    from suite.run.executors.ray import RayExecutor

    with tempfile.TemporaryDirectory() as folder:
        pace = complete(trained(Path(folder), units), RayExecutor(WORKERS, work=idle), 5 * WARM)
    name = f"overhead of an empty unit, Ray, {WORKERS} workers, {units:,} units"
    return [
        measured(BENCH, f"{name}, wall", 1e3 * pace.wall_s, "ms", "<= 5"),
        measured(BENCH, f"{name}, driver's CPU", 1e3 * pace.cpu_s, "ms"),
    ]


def planning_rows(units: int, workloads: int = WORKLOADS) -> list[Measured]:
    """All that a run does before its first unit, for workloads x 8 methods, none of it done, and `suite status`,
    each in a process of its own. The bars are for a million units."""
    with tempfile.TemporaryDirectory() as folder:
        context = idle_study(Path(folder), units, workloads)
        prepare(context)
        used = fresh(f"from tests.bench.orchestration import plan_in; plan_in({folder!r}, {units}, {workloads})")
        status = verb("status", Path(folder) / "idle.yaml", "--results", context.results)
    count, cpu_s = used.output.split()
    size = f"{int(count):,} units"
    return [
        measured(BENCH, f"planning {size}, CPU", float(cpu_s), "s", "<= 10"),
        measured(BENCH, f"planning {size}, peak memory", used.peak_gb, "GB", "<= 1"),
        measured(BENCH, f"suite status on {size}, CPU with Python's start", status.cpu_s, "s", "<= 5"),
    ]


def plan_in(folder: str, units: int, workloads: int) -> None:
    """What the fresh process does; it prints how many units there were and how long that took."""
    context = idle_study(Path(folder), units, workloads)
    start = process_time()
    made, cube = prepare(context)
    missing = made.missing(cube)
    cpu_s = process_time() - start
    print(sum(len(units) for fits in missing.values() for units in fits.values()), cpu_s)


def efficiency_rows(units: int) -> list[Measured]:
    """How much of a second worker arrives: time of real sweeps on Ray with one / (2 x time with two); none where fewer
    than two cores are ours, or others use them."""
    if not at_rest(WORKERS):
        print("left out: the efficiency of two workers, for others use this machine")
        return []
    with tempfile.TemporaryDirectory() as folder:
        alone, both = (_wall_s(Path(folder) / str(workers), units, workers) for workers in (1, WORKERS))
    return [measured(BENCH, "efficiency of 2 workers on Ray, real sweeps", alone / (2 * both), "", ">= 0.9")]


def _wall_s(folder: Path, units: int, workers: int) -> float:
    """Seconds per sweep, of trained states, after the first tenth of them."""
    from suite.run.executors.ray import RayExecutor

    context = idle_study(folder, units)
    complete(context, SerialExecutor(), train_only=True)
    return complete(context, RayExecutor(workers), units // 10).wall_s
