"""One trained state -> scores over conditions x realisations, many evaluations per pass over the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.contract import Condition, Device, SuiteError, Workload
from suite.crossbar.arrays import crossbar_arrays, programmed
from suite.crossbar.batches import blocks_of, joined, nonfinite
from suite.crossbar.evaluate import Evaluator, evaluator
from suite.crossbar.programming import Item, Programmer
from suite.crossbar.settings import Crossbar
from suite.seeds import torch_generator

# Programmed weights and outputs that are held at once; more items per pass share the common work further.
HELD_BYTES = 256 * 2**20


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


@dataclass(frozen=True)
class _Trained:
    """A trained state and the data it is scored on; `tests` holds the blocks of each test set."""

    workload: Workload
    network: nn.Module
    tests: Mapping[str, list[Any]]
    targets: Mapping[str, Any]
    key: tuple[int, str, int]


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
) -> SweepResult:
    """Scores of `network` on every test set under every condition and realisation.

    tests: {test set: map-style dataset of (input, target)}; realisations: their indices; name: the workload's name;
    block: samples per forward pass. Scores of the set called "test" keep their names, others get `@set`.
    The bytes of a score depend on the state, the data, the block size, its condition and its realisation alone.
    Raises NonFiniteOutput (clean outputs), UnknownLabel (device or crossbar of a condition).
    """
    _check_labels(conditions, devices, crossbars)
    device = next((tensor.device for tensor in network.state_dict().values()), torch.device("cpu"))
    with torch.inference_mode():
        blocks = {test: blocks_of(workload, dataset, block, device) for test, dataset in tests.items()}
        targets = {test: joined([workload.targets(batch) for batch in batches]) for test, batches in blocks.items()}
        trained = _Trained(workload, network.eval(), blocks, targets, (entropy, name, seed))
        result = _Table(len(conditions), len(realisations))
        for label in dict.fromkeys(condition.crossbar for condition in conditions):
            rows = {row: condition for row, condition in enumerate(conditions) if condition.crossbar == label}
            _sweep_crossbar(trained, crossbars[label], rows, realisations, devices, result)
    return result.done()


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
        self.shape = (conditions, realisations)
        self.scores: dict[str, np.ndarray] = defaultdict(lambda: np.full(self.shape, np.nan))
        self.nonfinite = np.zeros(self.shape, np.int32)

    def put(self, condition: int, realisation: int | slice, scores: Mapping[str, float], count: int) -> None:
        for score, value in scores.items():
            self.scores[score][condition, realisation] = value
        self.nonfinite[condition, realisation] += count

    def done(self) -> SweepResult:
        return SweepResult(dict(self.scores), self.nonfinite)


def _sweep_crossbar(
    trained: _Trained,
    crossbar: Crossbar,
    conditions: Mapping[int, Condition],
    realisations: Sequence[int],
    devices: Mapping[str, Device],
    table: _Table,
) -> None:
    """Fill the rows of the conditions that share one crossbar."""
    arrays = crossbar_arrays(trained.workload, trained.network, crossbar)
    engine = evaluator(trained.network, arrays, next(iter(trained.tests.values()))[0][0])
    held = sum(array.nbytes for array in arrays.values()) + _clean(trained, engine, arrays, conditions, table)
    noisy = {row: condition for row, condition in conditions.items() if not condition.ideal}
    items = Programmer(arrays, devices, trained.key).items(noisy, realisations)
    while group := list(islice(items, max(1, HELD_BYTES // max(1, held)))):
        for test in trained.tests:
            for item, outputs in zip(
                group, _outputs(trained, engine, test, group, [realisations[i.realisation] for i in group]), strict=True
            ):
                table.put(item.condition, item.realisation, _scores(trained, test, outputs), nonfinite(outputs))


def _clean(
    trained: _Trained,
    engine: Evaluator,
    arrays: Mapping[str, Tensor],
    conditions: Mapping[int, Condition],
    table: _Table,
) -> int:
    """Evaluate the clean weights once, fill the ideal conditions with it; bytes that outputs take."""
    size = 0
    for test in trained.tests:
        (outputs,) = _outputs(trained, engine, test, [Item(-1, -1, arrays)], ["clean"])
        if bad := nonfinite(outputs):
            raise NonFiniteOutput(
                f"workload '{trained.key[1]}', seed {trained.key[2]}: {bad} of {len(outputs)} clean outputs on test "
                f"set '{test}' are not finite; the trained state is unusable: lower its learning rate or clip its gradients"
            )
        scores = _scores(trained, test, outputs)
        for row, condition in conditions.items():
            if condition.ideal:
                table.put(row, slice(None), scores, 0)
        size += outputs.nbytes if isinstance(outputs, Tensor) else 0
    return size


def _outputs(
    trained: _Trained, engine: Evaluator, test: str, items: Sequence[Item], realisations: Sequence[int | str]
) -> Iterator[Any]:
    """The outputs of each item over one whole test set."""
    if trained.workload.outputs is not None:
        entropy, name, seed = trained.key
        for item, realisation in zip(items, realisations, strict=True):
            generator = torch_generator(entropy, "outputs", name, seed, realisation, test)
            with programmed(trained.network, item.weights) as network:
                yield joined([trained.workload.outputs(network, batch, generator) for batch in trained.tests[test]])
        return
    parts: list[list[Tensor]] = [[] for _ in items]
    for batch in trained.tests[test]:
        prepared = engine.prepare(batch[0])
        for part, item in zip(parts, items, strict=True):
            part.append(engine.outputs(prepared, item.weights))
    yield from map(joined, parts)


def _scores(trained: _Trained, test: str, outputs: Any) -> dict[str, float]:
    scores = trained.workload.scores(outputs, trained.targets[test])
    return {score if test == "test" else f"{score}@{test}": float(value) for score, value in scores.items()}
