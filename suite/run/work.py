"""What a worker does with one unit of work: try a tuning candidate, train a state, sweep or observe it.

Units are idempotent: same unit, same bytes. What they make is written by whoever can (`suite.run.keeping`); the driver
alone keeps the books.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from suite.contract import Condition, Recipe, Splits, SuiteError
from suite.contract.opened import no_method_or_device_reads
from suite.contract.registry import registry
from suite.contract.seeds import TUNING_SEED
from suite.plan.context import Context
from suite.plan.units import AdaptUnit, Contestant, FitUnit, ObserveUnit, SweepUnit, TrialUnit, Unit
from suite.results import store
from suite.run.executors import Outcome
from suite.run.keeping import Keeper, Product, Record, State
from suite.run.readings import adapt_unit, observe_unit, run_sweep, sweep_unit
from suite.run.running_statistics import with_statistics
from suite.run.worth import worth
from suite.studies.paths import state_file
from suite.training.external import load_external

if TYPE_CHECKING:
    from torch import nn

    from suite.training.loop import Progress
    from suite.training.stopping import Judge

__fingerprint__ = "glue"


class AtChance(SuiteError):
    """A trained network whose clean validation score is at chance: an error, not a result (at the scale `ci`, where
    trainings are too short to tell, a warning)."""


def execute(context: Context, unit: Unit) -> Outcome:
    """Do one unit, and write what it makes."""
    return Keeper(context).one(unit, make(context, unit))


def make(context: Context, unit: Unit) -> Outcome:
    """Do one unit, and write nothing; every error becomes an outcome, so that the other units go on."""
    start, busy, made = time.perf_counter(), time.process_time(), list[Product]()
    try:
        with _denormals_flushed(), no_method_or_device_reads():
            values = _carry_out(context, unit, made)
    except Exception as error:
        return Outcome.failed(error, time.perf_counter() - start, (*made,), time.process_time() - busy)
    return Outcome(time.perf_counter() - start, values, products=(*made,), cpu_s=time.process_time() - busy)


def _carry_out(context: Context, unit: Unit, made: list[Product]) -> dict[str, Any]:
    """What the log says of the unit; all that is to be kept of it goes into `made`."""
    match unit:
        case TrialUnit():
            return _trial(context, unit, made)
        case FitUnit():
            return _fit(context, unit, made)
        case AdaptUnit():
            return adapt_unit(context, unit, made)
        case SweepUnit():
            return sweep_unit(context, unit, made)
        case ObserveUnit():
            return observe_unit(context, unit, made)


@contextmanager
def _denormals_flushed() -> Iterator[None]:
    """Numbers too small to be normal count as zero: weights decay to there, and a processor takes many times as long
    for them. Of this thread: workers have one."""
    import torch

    # Torch sets the mode and does not tell it.
    before = bool(torch.tensor(1e-40) == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def train_contestant(
    context: Context,
    contestant: Contestant,
    seed: int,
    params: Mapping[str, float],
    splits: Splits,
    recipe: Recipe,
    progress: Progress | None = None,
) -> nn.Module:
    """Train a method on a workload, or load the state that the study gives."""
    from suite.training.loop import train

    workload, entry = context.workload(contestant.workload), contestant.entry
    if entry.state is not None:
        network = context.initial_network(contestant.workload, seed)
        load_external(state_file(entry.state, contestant.workload, seed), workload, network)
        return network
    return train(
        workload,
        registry(context.study.plugins).method(entry.method),
        splits,
        recipe,
        name=context.stream(contestant.workload),
        entropy=context.study.entropy,
        seed=seed,
        params=dict(params),
        options=entry.options,
        draws=entry.draws_per_step,
        device=context.accelerator,
        progress=progress,
    )


def _train(
    context: Context,
    contestant: Contestant,
    seed: int,
    params: Mapping[str, float],
    progress: Progress | None = None,
) -> nn.Module:
    from suite.run.read_back import ReadBack

    splits = context.splits(contestant.workload, seed)
    recipe = context.workload(contestant.workload).recipe(context.study.scale)
    watching = ReadBack.of(context, contestant, seed).watching(progress)
    return train_contestant(context, contestant, seed, params, splits, recipe, watching)


def _trial(context: Context, unit: TrialUnit, made: list[Product]) -> dict[str, Any]:
    from suite.training.search import HOPELESS

    record = {"params": dict(unit.params), "number": unit.number}
    try:
        values = _evaluate(context, unit)
    except SuiteError as error:
        if type(error).__name__ in HOPELESS:
            made.append(Record(unit.hash, {**record, "value": None, "error": str(error)}))
        raise
    made.append(Record(unit.hash, {**record, **values}))
    return values


def _evaluate(context: Context, unit: TrialUnit) -> dict[str, Any]:
    """Train a candidate and score it; where the study says stop_at, it is judged on the way."""
    from suite.training.stopping import BelowBar

    judge = _judge(context, unit)
    try:
        network = _train(context, unit.contestant, TUNING_SEED, unit.params, judge)
    except BelowBar:
        assert judge is not None
        return judge.record
    return {**worth(context, unit.contestant, network), **(judge.record if judge else {})}


def _judge(context: Context, unit: TrialUnit) -> Judge | None:
    from suite.training.stopping import Judge, rung

    name, stop_at = unit.contestant.workload, context.study.tuning.stop_at
    if stop_at is None:
        return None
    epochs = context.workload(name).recipe(context.study.scale).epochs
    return Judge(
        rung(stop_at, epochs),
        unit.bar,
        worth=lambda network: float(worth(context, unit.contestant, network)["value"]),
        plain=lambda: context.initial_network(name, TUNING_SEED),
    )


def _fit(context: Context, unit: FitUnit, made: list[Product]) -> dict[str, Any]:
    from suite.crossbar.frozen import learned
    from suite.run.read_back import ReadBack

    contestant, seed = unit.contestant, unit.seed
    trained = _train(context, contestant, seed, unit.params)
    network = with_statistics(context, contestant, seed, trained, unit.statistics)
    ReadBack.of(context, contestant, seed).check(network.eval())
    found = _clean_validation(context, contestant.workload, seed, network)
    # Not the labels: whoever has the same entries reads the same state.
    workload, method = context.stream(contestant.workload), contestant.entry.method
    metadata = {"workload": workload, "method": method, "seed": seed, "params": dict(unit.params)}
    metadata |= {"statistics": unit.statistics} if unit.statistics else {}
    metadata["clean_validation"] = found["clean_validation"]
    state = learned(context.workload(contestant.workload), network)
    made.append(State(unit.hash, store.packed(unit.hash, state, metadata)))
    return found


def _clean_validation(context: Context, name: str, seed: int, network: nn.Module) -> dict[str, Any]:
    """The noise-free validation score; where the network has learned nothing, with a warning at the scale `ci`.

    Raises AtChance there at any other scale.
    """
    workload, splits = context.workload(name), context.splits(name, seed)
    result = run_sweep(context, name, seed, network, {"test": splits.validation}, (Condition(1.0, 0.0),), (0,))
    measure, floor = workload.floor
    found = {"clean_validation": float(result.scores[workload.objective][0, 0])}
    clean, chance = float(result.scores[measure][0, 0]), workload.measures[measure].on(next(iter(splits.tests))).level
    if (clean - chance) / (floor - chance) >= 0.1:
        return found
    said = (
        f"{name}, seed {seed}: clean validation {measure} {clean:.4f} is at chance ({chance:g}); "
        "check recipe, learning rate and labels in the workload file"
    )
    if context.study.scale != "ci":
        raise AtChance(said)
    return {**found, "warning": said}
