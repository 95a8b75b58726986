"""What is done with a trained state: it is fitted to chips, swept and observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract import Condition
from suite.contract.registry import registry
from suite.plan.context import Context
from suite.plan.units import AdaptUnit, FitUnit, ObserveUnit, SweepUnit
from suite.results import store
from suite.run.keeping import Observed, Product, Scores, State

if TYPE_CHECKING:
    from torch import nn

    from suite.crossbar.adapted import Adapted
    from suite.sweep.sweep import SweepResult

__fingerprint__ = "glue"


def adapt_unit(context: Context, unit: AdaptUnit, made: list[Product]) -> dict[str, Any]:
    """Fit a trained state to one chip: its cells and what was trained anew."""
    from suite.training.adapt import adapt

    name, seed, entry = unit.contestant.workload, unit.fit.seed, unit.contestant.entry.adapt
    assert entry is not None
    workload = context.workload(name)
    found = adapt(
        workload,
        _trained(context, unit.fit).to(context.accelerator),
        registry(context.study.plugins).method(entry.method),
        context.splits(name, seed),
        workload.recipe(context.study.scale),
        unit.condition,
        unit.realisation,
        context.key(name, seed, [unit.condition.device]),
        entry.options,
    )
    # Not the labels, as of a training.
    metadata = {"workload": context.stream(name), "method": entry.method, "seed": seed, "trained": unit.fit.hash}
    made.append(State(unit.hash, store.packed(unit.hash, found.tensors(), metadata)))
    return {}


def _adapted(context: Context, unit: SweepUnit | ObserveUnit) -> Iterator[Adapted]:
    from suite.crossbar.adapted import Adapted

    for need in unit.needs:
        stored = context.state(need.hash)
        yield Adapted.of({name: tensor.to(context.accelerator) for name, tensor in stored.items()})


def sweep_unit(context: Context, unit: SweepUnit, made: list[Product]) -> dict[str, Any]:
    """Score a block."""
    from suite.results.cube import hash_number

    fit, block = unit.fit, unit.block
    name, seed, network = fit.contestant.workload, fit.seed, _trained(context, fit)
    tests = context.splits(name, seed).tests
    adapted = _adapted(context, unit) if unit.needs else None
    result = run_sweep(context, name, seed, network, tests, block.conditions, block.realisations, adapted)
    made.append(Scores(name, unit.blocks, result.scores, result.nonfinite, hash_number(unit.hash)))
    return {"n_nonfinite": int(result.nonfinite.sum())}


def _trained(context: Context, fit: FitUnit) -> nn.Module:
    from suite.crossbar.frozen import load_learned

    network = context.initial_network(fit.contestant.workload, fit.seed)
    load_learned(context.workload(fit.contestant.workload), network, context.state(fit.hash))
    return network


def observe_unit(context: Context, unit: ObserveUnit, made: list[Product]) -> dict[str, Any]:
    """Take named arrays of a state on one chip."""
    from suite.crossbar.frozen import load_learned
    from suite.sweep.observe import observe

    place, workload = unit.place, context.workload(unit.place.workload)
    observation, network = workload.observations[place.what], _trained(context, unit.fit)
    adapted = next(_adapted(context, unit), None)
    if adapted is not None:
        load_learned(workload, network, adapted.state)
    found = observe(
        workload,
        network.to(context.accelerator),
        context.splits(place.workload, place.seed),
        observation,
        place.condition,
        place.realisation,
        context.key(place.workload, place.seed, [place.condition.device]),
        place.what,
        adapted,
    )
    made.append(Observed(place, found, observation.dims, unit.hash))
    return {}


def run_sweep(
    context: Context,
    name: str,
    seed: int,
    network: nn.Module,
    tests: Mapping[str, Any],
    conditions: Sequence[Condition],
    realisations: Sequence[int],
    adapted: Iterable[Adapted] | None = None,
) -> SweepResult:
    """Sweep a network as the study says; adapted: what it has become on each chip."""
    from suite.sweep.adapted import sweep_adapted
    from suite.sweep.sweep import sweep

    workload, train = context.workload(name), context.splits(name, seed).train
    key = context.key(name, seed, {condition.device for condition in conditions})
    swept = workload, network.to(context.accelerator), tests, conditions, realisations, key
    return sweep(*swept, train) if adapted is None else sweep_adapted(*swept, adapted, train)
