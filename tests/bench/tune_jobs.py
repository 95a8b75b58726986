"""What searches are measured on: a real training that takes a tenth of a second, and a synthetic bowl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite.contract import Range, Scale, SuiteError
from suite.contract.registry import registry
from suite.contract.seeds import numpy_generator, torch_generator
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.settings import Crossbar
from suite.plan.context import Context
from suite.plan.units import Contestant, TrialUnit
from suite.run.work import execute
from suite.studies.study import Study, Tuning
from suite.training.search import HOPELESS, Trial, search_space

ENTROPY, METHOD = 20412, "bayesmulti"
# As many as the largest search of the suite has: learning rate, weight decay and six rates.
DIMENSIONS = 8

# (trial, bar, share of the epochs after which it is judged) -> the record of the trial
Evaluate = Callable[[Trial, float | None, float | None], Mapping[str, Any]]


@dataclass(frozen=True)
class Job:
    """evaluate_in(repetition) -> Evaluate: repetitions of a real job share the objective, not the search's seed;
    cheaper: the same at the scale that a warm start comes from."""

    name: str
    unit: str
    space: Mapping[str, Range]
    evaluate_in: Callable[[int], Evaluate]
    cheaper: Job | None = None


def bowl() -> Job:
    """A quadratic bowl whose bottom lies elsewhere in every repetition: costs nothing, so samplers show what they
    cost."""
    space = {f"x_{number}": Range(0.0, 1.0, probe=0.5) for number in range(1, DIMENSIONS + 1)}

    def evaluate_in(repetition: int) -> Evaluate:
        bottom = numpy_generator(ENTROPY, "bench-bowl", repetition).uniform(0.1, 0.9, DIMENSIONS)

        def evaluate(trial: Trial, bar: float | None, stop_at: float | None) -> Mapping[str, Any]:
            return {"value": -sum((trial.params[name] - low) ** 2 for name, low in zip(space, bottom, strict=True))}

        return evaluate

    return Job("synthetic bowl", "minus squared distance", space, evaluate_in)


def training(workload: str, scale: Scale, results: Path, cheaper: Scale | None = None) -> Job:
    """The search of one contestant, each candidate trained and scored as a worker does it; records go to `results`."""
    study = Study(name="bench", scale=scale, workloads=(workload,), methods={METHOD: {}}, entropy=ENTROPY)
    contestant = Contestant(workload, METHOD, study.methods[METHOD])
    found = registry()
    network = found.workload(workload).network(torch_generator(ENTROPY, "bench-tune", workload))
    arrays = crossbar_arrays(found.workload(workload), network, Crossbar())
    contexts: dict[float | None, Context] = {}

    def evaluate(trial: Trial, bar: float | None, stop_at: float | None) -> Mapping[str, Any]:
        judged = study.model_copy(update={"tuning": Tuning(stop_at=stop_at)})
        context = contexts.setdefault(stop_at, Context(judged, results))
        return _outcome(context, TrialUnit(contestant, trial.number, trial.params, scale, bar))

    return Job(
        f"{workload} at {scale}",
        found.workload(workload).objective,
        search_space(found.method(METHOD), network, arrays, {}, {}),
        lambda repetition: evaluate,
        None if cheaper is None else training(workload, cheaper, results),
    )


def _outcome(context: Context, unit: TrialUnit) -> Mapping[str, Any]:
    outcome = execute(context, unit)
    if outcome.error and outcome.error_type not in HOPELESS:
        raise SuiteError(outcome.error)
    return {"value": None} if outcome.error else outcome.values
