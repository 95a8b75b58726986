"""One trained state -> scores over conditions x realisations, many evaluations per pass over the data."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.contract import Condition, SuiteError, Workload
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import count_nonfinite
from suite.sweep.engine.normalisation import statistics
from suite.sweep.engine.outputs import CLEAN, OutputsOf, Runner, outputs_under
from suite.sweep.engine.state import State

# Items that take turns on a block while it is in cache, at most so many and so large: one at a time where a network has
# more than 50 M cells of 4 bytes.
GROUP, GROUP_BYTES = 8, 400 * 10**6

# Scores over all test sets, and how many samples had outputs that are not finite.
Result = tuple[dict[str, float], int]


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
    key: Key,
    calibration: Any | None = None,
) -> SweepResult:
    """Scores of `network` on every test set under every condition and realisation.

    tests: {test set: map-style dataset of (input, target)}; realisations: their indices; calibration: the training
    split, which a crossbar with converters or with recalibrate_bn asks for. Scores of the set called "test" keep their
    names, others get `@set`.
    The bytes of a score depend on the state, the data, the block size, its condition and its realisation alone.
    Raises NonFiniteOutput (clean outputs), UnknownLabel (device or crossbar of a condition), NoCalibration.
    """
    check_labels(conditions, key)
    table = Table(len(conditions), len(realisations))
    with torch.inference_mode():
        state = State.of(workload, network.eval(), tests, key, calibration)
        for label in dict.fromkeys(condition.crossbar for condition in conditions):
            rows = {
                row: key.devices[condition.device].complete(condition)
                for row, condition in enumerate(conditions)
                if condition.crossbar == label
            }
            _fill(table, state, key.crossbars[label], rows, realisations)
    return SweepResult(dict(table.scores), table.nonfinite)


def check_labels(conditions: Iterable[Condition], key: Key) -> None:
    """Raises UnknownLabel."""
    devices, crossbars = sorted(key.devices), sorted(key.crossbars)
    for condition in conditions:
        for kind, label, known in (("device", condition.device, devices), ("crossbar", condition.crossbar, crossbars)):
            if label not in known:
                raise UnknownLabel(f"condition {condition.key}: unknown {kind} '{label}'; known: {', '.join(known)}")


class Table:
    """Scores as they come in."""

    def __init__(self, conditions: int, realisations: int) -> None:
        shape = (conditions, realisations)
        self.scores: dict[str, np.ndarray] = defaultdict(lambda: np.full(shape, np.nan))
        self.nonfinite = np.zeros(shape, np.int32)

    def put(self, condition: int, realisation: int | slice, scores: Mapping[str, float], nonfinite: int) -> None:
        """The result of one evaluation, or of all that are alike."""
        for score, value in scores.items():
            self.scores[score][condition, realisation] = value
        self.nonfinite[condition, realisation] = nonfinite


def _fill(
    table: Table,
    state: State,
    crossbar: Crossbar,
    conditions: Mapping[int, Condition],
    realisations: Sequence[int],
) -> None:
    """The rows of the conditions that share one crossbar."""
    arrays = crossbar_arrays(state.workload, state.network, crossbar)
    samples = crossbar.recalibrate_bn
    tensors = arrays if samples is None else {**arrays, **statistics(state.network)}
    runner = Runner.of(state, crossbar, arrays)
    outputs_of = outputs_under(state, runner, tensors)
    ((clean, _),) = scored(state, [Item({}, CLEAN)], outputs_of)
    at_once = _at_once(tensors)
    programmer = programmer_of(state.network, arrays, crossbar, state.key)

    def evaluate(rows: Sequence[int], drawn: Sequence[int]) -> Iterator[tuple[int, int, Result]]:
        items = programmer.items([conditions[row] for row in rows], drawn)
        ready = map(partial(runner.ready, samples=samples), items)
        places = itertools.product(range(len(drawn)), rows)
        while group := list(itertools.islice(ready, at_once)):
            results = scored(state, group, outputs_of)
            group.clear()  # before the next ones are programmed
            for result, (column, row) in zip(results, places, strict=False):
                yield row, column, result

    # Realisations do not differ where nothing is drawn: one stands for all.
    devices = state.key.devices
    ideal = [row for row, condition in conditions.items() if devices[condition.device].ideal(condition)]
    alike = [] if crossbar.random else ideal
    if crossbar.changes:
        for row, _, result in evaluate(alike, realisations[:1]):
            table.put(row, slice(None), *result)
    else:
        for row in alike:
            table.put(row, slice(None), clean, 0)
    for row, column, result in evaluate([row for row in conditions if row not in alike], realisations):
        table.put(row, column, *result)


def _at_once(tensors: Mapping[str, Tensor]) -> int:
    """How many items that put `tensors` into a network are held at once: no score depends on it."""
    size = sum(tensor.nbytes for tensor in tensors.values())
    return max(1, min(GROUP, GROUP_BYTES // max(1, size)))


def scored(state: State, items: Sequence[Item], outputs_of: OutputsOf) -> list[Result]:
    """One result per item. Raises NonFiniteOutput where the clean one is not finite."""
    results: list[Result] = [({}, 0) for _ in items]
    for test, data in state.tests.items():
        for index, outputs in enumerate(outputs_of(test, items)):
            scores, nonfinite = results[index]
            bad = count_nonfinite(outputs)
            if bad and items[index].realisation == CLEAN:
                raise NonFiniteOutput(
                    f"workload '{state.key.workload}', seed {state.key.seed}: {bad} of {len(outputs)} clean outputs on "
                    f"test set '{test}' are not finite; the state is unusable: lower its learning rate or clip "
                    "gradients"
                )
            found = state.workload.scores(outputs, data.targets)
            named = {score if test == "test" else f"{score}@{test}": float(value) for score, value in found.items()}
            results[index] = {**scores, **named}, nonfinite + bad
    return results
