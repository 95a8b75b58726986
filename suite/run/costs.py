"""What a study will cost, from a short calibration on this machine: core-hours and disk."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

from suite.contract import Condition
from suite.contract.seeds import TUNING_SEED
from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.units import Contestant
from suite.run.readings import run_sweep
from suite.run.work import train_contestant
from suite.studies.entries import MethodEntry

CALIBRATION_BATCHES = 10
# Cells of an untrained network; one evaluation of more takes longer than a plan may.
MOST_TIMED = 10_000_000


@dataclass(frozen=True)
class Cost:
    """Seconds of one core per training and per evaluation (one condition x one realisation), NaN where that is not
    timed; bytes per state."""

    training_s: float
    evaluation_s: float
    state_bytes: int

    def __str__(self) -> str:
        return f"{self.training_s:.1f} s a training, {self._evaluation} an evaluation"

    @property
    def timed(self) -> bool:
        """Whether the seconds of an evaluation are known."""
        return not math.isnan(self.evaluation_s)

    @property
    def _evaluation(self) -> str:
        return f"{self.evaluation_s:.3f} s" if self.timed else "too many cells to time"


def calibrate(context: Context, part: WorkloadPlan) -> Cost:
    """Train `erm`, which needs no parameters, on a few batches and evaluate it on a few blocks; an estimate, good to a
    factor of two."""
    from suite.crossbar.frozen import learned

    recipe = part.workload.recipe(context.study.scale)
    splits = context.splits(part.name, TUNING_SEED)
    samples = min(len(splits.train), CALIBRATION_BATCHES * recipe.batch)
    few = replace(splits, train=_first(splits.train, samples))
    contestant = Contestant(part.name, "erm", MethodEntry(method="erm", tuning="none"))
    params = {"weight_decay": recipe.weight_decay}
    for _ in range(2):  # the first pass loads libraries and warms caches
        start = time.process_time()
        network = train_contestant(context, contestant, TUNING_SEED, params, few, replace(recipe, epochs=1))
    training = (time.process_time() - start) * len(splits.train) / samples * recipe.epochs
    size = sum(tensor.nbytes for tensor in learned(part.workload, network).values())
    if not part.workload.trainable:
        training = 0.0
        if part.account.programmed > MOST_TIMED:
            return Cost(training, math.nan, size)
    test = next(iter(splits.tests.values()))
    count = min(len(test), 4 * recipe.test_block)
    crossbar = context.study.conditions_of(part.name)[0].crossbar
    conditions = tuple(Condition.of(sigma_log=sigma, crossbar=crossbar) for sigma in (0.0, 0.3))
    start = time.process_time()
    run_sweep(context, part.name, TUNING_SEED, network, {"test": _first(test, count)}, conditions, range(4))
    samples_in_all = sum(len(dataset) for dataset in splits.tests.values())
    evaluation = (time.process_time() - start) / 5 * samples_in_all / count
    return Cost(training, evaluation, size)


def _first(dataset: Any, count: int) -> Any:
    """The first samples, as the same kind of data set where it holds tensors: other kinds train at another speed."""
    from torch.utils.data import Subset, TensorDataset

    if isinstance(dataset, TensorDataset):
        return TensorDataset(*(tensor[:count] for tensor in dataset.tensors))
    return Subset(dataset, range(count))
