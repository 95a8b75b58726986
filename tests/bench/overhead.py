"""What the driver, the books and an executor add to a unit: measured on units that take no time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from suite.plan.context import Context
from suite.plan.plan import make_plan
from suite.results import store
from suite.results.cube import hash_number, write_block
from suite.run.driver import Driver, Progress
from suite.run.executors import Executor
from suite.run.executors.serial import SerialExecutor
from suite.run.run import prepare
from tests.bench.idle import idle, idle_study
from tests.bench.rows import Measured, measured
from tests.bench.tables import seconds

BENCH = "orchestration"
WARM = 20


@dataclass
class Pace:
    """Seconds per unit, of the clock and of this process, over the units after the first `warm` ones; event_bytes: what
    the event log grew by for each."""

    warm: int
    event_bytes: float = 0.0
    _first: tuple[int, float, float] | None = None
    _last: tuple[int, float, float] = field(default=(0, 0.0, 0.0))

    def show(self, progress: Progress) -> None:
        """What a driver calls as units end."""
        self._last = (progress.done, perf_counter(), process_time())
        if self._first is None and progress.done >= self.warm:
            self._first = self._last

    @property
    def wall_s(self) -> float:
        """By the clock: as long as units wait for nothing else, this is what they cost."""
        return self._per_unit(1)

    @property
    def cpu_s(self) -> float:
        """Of this process alone, whoever else keeps the machine busy."""
        return self._per_unit(2)

    def _per_unit(self, clock: int) -> float:
        assert self._first is not None
        return (self._last[clock] - self._first[clock]) / (self._last[0] - self._first[0])


def untouched(folder: Path, units: int) -> Context:
    """An idle study that has all its trained states, as empty files: its units must not read them."""
    context = idle_study(folder, units)
    context.store.mkdir(parents=True)
    for part in make_plan(context, None).workloads.values():
        for fit in part.fits(context.study):
            store.file_of(context.store, fit.hash).touch()
    return context


def empty(units: int, executor: Executor, warm: int) -> Pace:
    """The pace of units that take no time."""
    with tempfile.TemporaryDirectory() as folder:
        return drive(untouched(Path(folder), units), executor, warm)


def drive(context: Context, executor: Executor, warm: int) -> Pace:
    """The pace of all that is missing. Raises RuntimeError where a unit fails: then nothing was measured."""
    (plan, books), pace = prepare(context), Pace(warm)
    driver = Driver(context, books, executor, show=pace.show)
    with driver.started():
        driver.carry_out(plan)
    if driver.summary.failed:
        raise RuntimeError(next(iter(driver.summary.failed.values())))
    pace.event_bytes = (context.folder / "events.jsonl").stat().st_size / driver.summary.done
    return pace


def serial_rows(units: int) -> list[Measured]:
    """The bar, and what of it is not the processor's."""
    pace = empty(units, SerialExecutor(work=idle), WARM)
    name = f"overhead of an empty unit, serial, {units:,} units"
    return [
        measured(BENCH, f"{name}, CPU", 1e3 * pace.cpu_s, "ms", "<= 1"),
        measured(BENCH, f"{name}, wall", 1e3 * pace.wall_s, "ms"),
    ]


def ray_rows(pace: Pace, units: int, workers: int) -> list[Measured]:
    """The bar by the clock, with the driver's own part, which no worker can take over."""
    name = f"overhead of an empty unit, Ray, {workers} workers, {units:,} units"
    return [
        measured(BENCH, f"{name}, wall", 1e3 * pace.wall_s, "ms", "<= 5"),
        measured(BENCH, f"{name}, driver's CPU", 1e3 * pace.cpu_s, "ms"),
    ]


def on_ray(units: int, workers: int) -> Pace:
    """The pace of empty units on a Ray of our own."""
    from suite.run.executors.ray import RayExecutor

    return empty(units, RayExecutor(workers, work=idle), 5 * WARM)


def write_rows(units: int = 240) -> list[Measured]:
    """What a worker pays to write the scores of a unit of 27 x 10 cells, apart from the overhead above."""
    with tempfile.TemporaryDirectory() as folder:
        context = idle_study(Path(folder), units)
        plan, _ = prepare(context)
        sweeps = [unit for part in plan.workloads.values() for unit in part.sweeps(context.study)]

        def write() -> None:
            for unit in sweeps:
                name, shape = unit.fit.contestant.workload, unit.block.shape
                scores = {"accuracy": np.ones(shape)}
                write_block(context.cube, name, unit.block, scores, np.zeros(shape), hash_number(unit.hash))

        return [measured(BENCH, "cube write of a unit with one score, CPU", 1e3 * seconds(write) / len(sweeps), "ms")]
