"""Cost per unit against the number of units: a whole run, from the plan to the receipt, divided by its units."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.plan import Plan
from suite.plan.units import Reading
from suite.run.driver import Summary
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from suite.studies.study import Study
from tests.bench.idle import SHORT, idle, idle_study
from tests.bench.overhead import untouched
from tests.bench.rows import Measured, measured
from tests.bench.tables import seconds

BENCH = "growth"
EMPTY, REAL, OBSERVED = (100, 1_000, 10_000, 100_000), (100, 1_000, 10_000), (100, 1_000, 4_000)
QUICK_EMPTY, QUICK_REAL, QUICK_OBSERVED = (100, 1_000, 10_000), (100, 300), (100, 400)
# What we call constant; the word for it names no tolerance.
CONSTANT = "<= 1.25"


@dataclass(frozen=True)
class Point:
    """One run; units: sweeps or observations that it has; cost_ms: CPU milliseconds for each."""

    kind: str
    units: int
    cost_ms: float


def points(quick: bool = False) -> list[Point]:
    """Serial runs of at least so many units, each in a folder of its own; four minutes. quick: without the largest."""
    empties, reals, observed = (QUICK_EMPTY, QUICK_REAL, QUICK_OBSERVED) if quick else (EMPTY, REAL, OBSERVED)
    return [
        *_points("empty", empties, _empty),
        *_points("real", reals, _real),
        *_points("observed", observed, _observed),
    ]


def rows(found: Sequence[Point]) -> list[Measured]:
    """Every point, and of each kind the largest run against the one before."""
    made = [measured(BENCH, f"{point.kind} unit, of {point.units:,}", point.cost_ms, "ms") for point in found]
    for kind in dict.fromkeys(point.kind for point in found):
        before, last = [point for point in found if point.kind == kind][-2:]
        name = f"{kind} unit, of {last.units:,} against of {before.units:,}"
        made.append(measured(BENCH, name, last.cost_ms / before.cost_ms, "x", CONSTANT))
    return made


def _points(kind: str, counts: Sequence[int], cost: Callable[[Path, int], tuple[int, float]]) -> list[Point]:
    found = []
    for least in (counts[0], *counts):  # the first run loads libraries
        with tempfile.TemporaryDirectory() as folder:
            found.append(Point(kind, *cost(Path(folder), least)))
    return found[1:]


def _empty(folder: Path, least: int) -> tuple[int, float]:
    return _cost(untouched(folder, least), SerialExecutor(work=idle), WorkloadPlan.sweeps)


def _real(folder: Path, least: int) -> tuple[int, float]:
    """27 x 1 evaluations of two small layers on thirty points, written into a cube; a training for thirty of them."""
    return _cost(idle_study(folder, least, shape=SHORT), SerialExecutor(), WorkloadPlan.sweeps)


def _observed(folder: Path, least: int) -> tuple[int, float]:
    """A confusion matrix each, of one of eight states that were trained and swept before."""
    _cost(idle_study(folder, 1), SerialExecutor(), WorkloadPlan.sweeps)
    return _cost(idle_study(folder, 1, observations=least), SerialExecutor(), WorkloadPlan.observes)


def _cost(
    context: Context, executor: SerialExecutor, units_of: Callable[[WorkloadPlan, Study], Iterable[Reading]]
) -> tuple[int, float]:
    """Units and CPU ms for each. Raises RuntimeError where a unit fails: then nothing was measured."""
    done: list[tuple[Summary, Plan]] = []
    taken = seconds(lambda: done.append(run(context, executor, show=lambda progress: None)))
    ((summary, plan),) = done
    if summary.failed:
        raise RuntimeError(next(iter(summary.failed.values())))
    units = sum(1 for part in plan.workloads.values() for _ in units_of(part, context.study))
    return units, 1e3 * taken / units
