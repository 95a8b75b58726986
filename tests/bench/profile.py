"""Where the time of a study goes: CPU seconds of its trials, trainings, sweeps and observations, and of what is around.

A small study of the same scale and data as `reference` is carried out in this process: BayesMulti, which most
contestants of `reference` are, one candidate, one seed, all levels and realisations. `reference` has more units of
these sizes; its shares are the costs measured here times the units that its plan counts.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any
from unittest.mock import patch

import yaml

from suite.contract import Scale
from suite.data.datasets import data_root
from suite.plan.context import Context
from suite.plan.plan import make_plan
from suite.plan.units import Unit
from suite.run import work
from suite.run.executors import Outcome
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run as run_study
from suite.studies.study import load_study
from tests.bench.machine import seconds
from tests.bench.rows import Measured, measured

BENCH, WHOLE = "profile", "reference"
WORKLOADS = ("crossbar_10x10", "mnist_mlp", "mnist_lenet")
OBSERVED = {"what": "confusion", "workloads": ["crossbar_10x10"], "realisations": 10}

# {(workload, kind): CPU seconds of each unit}, and of what of them was training.
Costs = dict[tuple[str, str], list[float]]


def run(quick: bool = False) -> Iterator[Measured]:
    """Three minutes of one core, and the data of MNIST. quick: the scale `ci`, of which no whole study is told."""
    with tempfile.TemporaryDirectory() as folder:
        costs, training, around = spent(_study(Path(folder), "ci" if quick else "reference"))
        yield from unit_rows(costs, training)
        yield measured(BENCH, "around the units, libraries included", around, "CPU s")
        if not quick:
            yield from share_rows(costs, counts(Context(load_study(WHOLE), Path(folder) / "whole", data_root())))


def _study(folder: Path, scale: Scale) -> Context:
    study: dict[str, Any] = {
        "name": "profile",
        "scale": scale,
        "workloads": list(WORKLOADS),
        "methods": ["bayesmulti"],
        "seeds": 1,
        "realisations": 10,
        "conditions": [{"grid": "paper"}],
        "tuning": {"trials": 1, "random_trials": 0},
        "observe": [{**OBSERVED, "conditions": [{"usability": [0.74]}]}],
    }
    path = folder / "profile.yaml"
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    return Context(load_study(path), folder / "results", data_root())


def spent(context: Context) -> tuple[Costs, Costs, float]:
    """CPU seconds of all units, of their trainings, and of the rest of the run. Raises RuntimeError where one fails."""
    costs: Costs = defaultdict(list)
    training: Costs = defaultdict(list)
    doing = [("", "")]
    train = work.train_contestant

    def timed(context: Context, unit: Unit) -> Outcome:
        found: list[Outcome] = []
        doing[0] = unit.contestant.workload, unit.kind
        costs[doing[0]].append(seconds(lambda: found.append(work.execute(context, unit))))
        return found[0]

    def timed_training(*arguments: Any) -> Any:
        found: list[Any] = []
        training[doing[0]].append(seconds(lambda: found.append(train(*arguments))))
        return found[0]

    def whole() -> None:
        summary, _ = run_study(context, SerialExecutor(work=timed), show=lambda progress: None)
        if summary.failed:
            raise RuntimeError(next(iter(summary.failed.values())))

    with patch.object(work, "train_contestant", timed_training):
        all_s = seconds(whole)
    return costs, training, all_s - sum(map(sum, costs.values()))


def unit_rows(costs: Costs, training: Costs) -> Iterator[Measured]:
    """What a unit of each kind takes, and how much of it is training."""
    for (workload, kind), each in costs.items():
        yield measured(BENCH, f"{workload}: a {kind}", mean(each), "CPU s")
        if (workload, kind) in training:
            share = 100 * sum(training[workload, kind]) / sum(each)
            yield measured(BENCH, f"{workload}: a {kind}: of which training", share, "%")


def counts(context: Context) -> Counter[tuple[str, str]]:
    """Units of a study by workload and kind, as its plan has them, nothing done yet."""
    found: Counter[tuple[str, str]] = Counter()
    for name, part in make_plan(context, None).workloads.items():
        found[name, "trial"] = context.study.tuning.trials * sum(one.tuned for one in part.contestants)
        found[name, "fit"] = sum(1 for _ in part.fits(context.study))
        found[name, "sweep"] = sum(1 for _ in part.sweeps(context.study))
    return found


def share_rows(costs: Costs, units: Mapping[tuple[str, str], int]) -> Iterator[Measured]:
    """Of a whole study: CPU hours and shares by kind of unit."""
    number: Counter[str] = Counter()
    hours: defaultdict[str, float] = defaultdict(float)
    for (workload, kind), count in units.items():
        number[kind] += count
        hours[kind] += count * mean(costs[workload, kind]) / 3600
    for kind, taken in hours.items():
        yield measured(BENCH, f"{WHOLE}: {number[kind]:,} units of kind {kind}", taken, "CPU h")
        yield measured(BENCH, f"{WHOLE}: share of kind {kind}", 100 * taken / sum(hours.values()), "%")
