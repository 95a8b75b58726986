"""Cost per unit against the number of units: a whole run, from the plan to the receipt, divided by its units."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from suite.plan.context import Context
from suite.plan.plan import Plan
from suite.run.executors.serial import SerialExecutor
from tests.bench.idle import SHORT, complete, idle, idle_study, trained
from tests.bench.machine import seconds
from tests.bench.rows import Measured, measured

# What we call constant; "the same cost" names no tolerance.
CONSTANT = "<= 1.25"


def run(quick: bool = False) -> list[Measured]:
    """Serial runs of at least so many units, each in a folder of its own; four minutes. quick: fewer, half a minute."""
    return [
        *rows("empty", (1_000, 10_000) if quick else (1_000, 10_000, 100_000), empty),
        *rows("real", (100, 300) if quick else (100, 1_000, 10_000), real),
        *rows("observed", (100, 400) if quick else (100, 1_000, 4_000), observed),
    ]


def rows(kind: str, counts: tuple[int, ...], cost: Callable[[Path, int], tuple[int, float]]) -> list[Measured]:
    """CPU milliseconds for each unit of every size, and the largest run against the one before."""
    found = []
    for least in (counts[0], *counts):  # the first run loads libraries
        with tempfile.TemporaryDirectory() as folder:
            found.append(cost(Path(folder), least))
    made = [measured("growth", f"{kind} unit, of {units:,}", 1e3 * each, "ms") for units, each in found[1:]]
    (before, cheap), (last, dear) = found[-2:]
    name = f"{kind} unit, of {last:,} against of {before:,}"
    return [*made, measured("growth", name, dear / cheap, "x", CONSTANT)]


def empty(folder: Path, least: int) -> tuple[int, float]:
    """Units that do nothing: how many, and CPU seconds for each."""
    return _cost(trained(folder, least), SerialExecutor(work=idle), _sweeps)


def real(folder: Path, least: int) -> tuple[int, float]:
    """27 x 1 evaluations of two small layers on thirty points, written into a cube; a training for thirty of them."""
    return _cost(idle_study(folder, least, shape=SHORT), SerialExecutor(), _sweeps)


def observed(folder: Path, least: int) -> tuple[int, float]:
    """A confusion matrix each, of one of eight states that were trained and swept before."""
    complete(idle_study(folder, 1), SerialExecutor())
    return _cost(idle_study(folder, 1, observations=least), SerialExecutor(), _observes)


def _cost(context: Context, executor: SerialExecutor, count: Callable[[Context, Plan], int]) -> tuple[int, float]:
    done: list[Plan] = []
    taken = seconds(lambda: done.append(complete(context, executor).plan))
    units = count(context, done[0])
    return units, taken / units


def _sweeps(context: Context, plan: Plan) -> int:
    return sum(1 for part in plan.workloads.values() for _ in part.sweeps(context.study))


def _observes(context: Context, plan: Plan) -> int:
    return sum(1 for part in plan.workloads.values() for _ in part.observes(context.study))
