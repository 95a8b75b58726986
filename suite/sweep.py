"""One trained state -> scores over conditions x realisations, many evaluations per pass over the data."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.contract import Condition, Device, SuiteError, Workload
from suite.crossbar.arrays import crossbar_arrays, programmed
from suite.crossbar.batches import blocks_of, count_nonfinite, joined
from suite.crossbar.evaluate import Prepared, evaluator
from suite.crossbar.programming import Item, Programmer
from suite.crossbar.settings import Crossbar
from suite.seeds import torch_generator

# Work that all evaluations share is kept for as many blocks as fit; the others do it anew each time.
SHARED_BYTES = 512 * 2**20
# Items that take turns on a block while it is in cache.
GROUP = 8
# What stands in for a realisation where the clean weights are evaluated.
CLEAN = "clean"

Weights = Mapping[str, Tensor]
OutputsOf = Callable[[str, Sequence[Item]], list[Any]]


class NonFiniteOutput(SuiteError):
    """A network's clean outputs hold NaN or infinity: its scores would mean nothing."""


class UnknownLabel(SuiteError):
    """A condition names a device or a crossbar that this sweep was not given."""


@dataclass(frozen=True)
class SweepResult:
    """scores: {score: float64 (conditions, realisations)}; nonfinite: int32, samples with a non-finite output,
    summed over test sets."""

    scores: dict[str, np.ndarray]
    nonfinite: np.ndarray


def sweep(
    workload: Workload,
    network: nn.Module,
    tests: Mapping[str, Any],
    conditions: Sequence[Condition],
    realisations: Sequence[int],
    *,
    name: str,
    entropy: int,
    seed: int,
    devices: Mapping[str, Device],
    crossbars: Mapping[str, Crossbar],
    block: int,
    calibration: Any | None = None,
) -> SweepResult:
    """Scores of `network` on every test set under every condition and realisation.

    tests: {test set: map-style dataset of (input, target)}; realisations: their indices; name: the workload's name;
    block: samples per forward pass. Scores of the set called "test" keep their names, others get `@set`.
    The bytes of a score depend on the state, the data, the block size, its condition and its realisation alone.
    Raises NonFiniteOutput (clean outputs), UnknownLabel (device or crossbar of a condition).
    """
    _check_labels(conditions, devices, crossbars)
    table = _Table(len(conditions), len(realisations))
    with torch.inference_mode():
        state = _State(workload, network.eval(), _test_sets(workload, network, tests, block), (entropy, name, seed))
        for label in dict.fromkeys(condition.crossbar for condition in conditions):
            rows = {row: condition for row, condition in enumerate(conditions) if condition.crossbar == label}
            _fill(table, state, crossbars[label], rows, realisations, devices)
    return SweepResult(dict(table.scores), table.nonfinite)


def _check_labels(
    conditions: Iterable[Condition], devices: Mapping[str, Device], crossbars: Mapping[str, Crossbar]
) -> None:
    for condition in conditions:
        for kind, label, known in (("device", condition.device, devices), ("crossbar", condition.crossbar, crossbars)):
            if label not in known:
                raise UnknownLabel(
                    f"condition {condition.key}: unknown {kind} '{label}'; known: {', '.join(sorted(known))}"
                )


class _Table:
    """Scores as they come in."""

    def __init__(self, conditions: int, realisations: int) -> None:
        shape = (conditions, realisations)
        self.scores: dict[str, np.ndarray] = defaultdict(lambda: np.full(shape, np.nan))
        self.nonfinite = np.zeros(shape, np.int32)

    def put(self, condition: int, realisation: int | slice, scores: Mapping[str, float], nonfinite: int) -> None:
        for score, value in scores.items():
            self.scores[score][condition, realisation] = value
        self.nonfinite[condition, realisation] = nonfinite


@dataclass(frozen=True)
class _TestSet:
    """batches: blocks of the set; targets: of the whole set."""

    batches: list[Any]
    targets: Any


@dataclass(frozen=True)
class _State:
    """A trained network and what it is scored on; key: (entropy, workload name, seed)."""

    workload: Workload
    network: nn.Module
    tests: Mapping[str, _TestSet]
    key: tuple[int, str, int]


def _test_sets(workload: Workload, network: nn.Module, tests: Mapping[str, Any], block: int) -> dict[str, _TestSet]:
    device = next((tensor.device for tensor in network.state_dict().values()), torch.device("cpu"))
    batches = {test: blocks_of(workload, dataset, block, device) for test, dataset in tests.items()}
    return {test: _TestSet(some, joined([workload.targets(batch) for batch in some])) for test, some in batches.items()}


def _fill(
    table: _Table,
    state: _State,
    crossbar: Crossbar,
    conditions: Mapping[int, Condition],
    realisations: Sequence[int],
    devices: Mapping[str, Device],
) -> None:
    """The rows of the conditions that share one crossbar."""
    arrays = crossbar_arrays(state.workload, state.network, crossbar)
    outputs_of = _listed(state) if state.workload.outputs else _stacked(state, arrays)
    ((clean, _),) = _scores(state, outputs_of, [Item(arrays, CLEAN)])
    for row, condition in conditions.items():
        if devices[condition.device].ideal(condition):
            table.put(row, slice(None), clean, 0)
    noisy = [row for row, condition in conditions.items() if not devices[condition.device].ideal(condition)]
    places = itertools.product(range(len(realisations)), noisy)
    items = Programmer(arrays, devices, state.key).items([conditions[row] for row in noisy], realisations)
    while group := list(itertools.islice(items, GROUP)):
        for result, (column, row) in zip(_scores(state, outputs_of, group), places, strict=False):
            table.put(row, column, *result)


def _scores(state: _State, outputs_of: OutputsOf, items: Sequence[Item]) -> list[tuple[dict[str, float], int]]:
    """Per item: scores over all test sets, and how many samples had outputs that are not finite."""
    results: list[tuple[dict[str, float], int]] = [({}, 0) for _ in items]
    for test, data in state.tests.items():
        for index, outputs in enumerate(outputs_of(test, items)):
            scores, nonfinite = results[index]
            bad = count_nonfinite(outputs)
            if bad and items[index].realisation == CLEAN:
                raise NonFiniteOutput(
                    f"workload '{state.key[1]}', seed {state.key[2]}: {bad} of {len(outputs)} clean outputs on test "
                    f"set '{test}' are not finite; the state is unusable: lower its learning rate or clip gradients"
                )
            found = state.workload.scores(outputs, data.targets)
            named = {score if test == "test" else f"{score}@{test}": float(value) for score, value in found.items()}
            results[index] = {**scores, **named}, nonfinite + bad
    return results


def _stacked(state: _State, arrays: Weights) -> OutputsOf:
    """Outputs of plain networks: (samples, ...) tensors from the batched evaluator."""
    first = next(iter(state.tests.values())).batches[0][0]
    engine = evaluator(state.network, arrays, first)
    blocks = {
        test: Prepared(engine, [batch[0] for batch in data.batches], SHARED_BYTES // len(state.tests))
        for test, data in state.tests.items()
    }

    def outputs_of(test: str, items: Sequence[Item]) -> list[Any]:
        parts = [[engine.outputs(block, item.weights) for item in items] for block in blocks[test]]
        return [joined(part) for part in zip(*parts, strict=True)]

    return outputs_of


def _listed(state: _State) -> OutputsOf:
    """Outputs of workloads that make their own, with a generator per realisation and test set."""
    make = state.workload.outputs
    assert make is not None
    entropy, name, seed = state.key

    def outputs_of(test: str, items: Sequence[Item]) -> list[Any]:
        outputs = []
        for item in items:
            generator = torch_generator(entropy, "outputs", name, seed, item.realisation, test)
            with programmed(state.network, item.weights) as network:
                parts = [make(network, batch, generator) for batch in state.tests[test].batches]
            outputs.append(joined(parts))
        return outputs

    return outputs_of
