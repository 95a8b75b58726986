"""Outputs of a trained state on its test sets under many sets of programmed weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from suite.contract.lines import LineReads
from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.readout import Readout
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import joined
from suite.sweep.engine.evaluate import Prepared, evaluator
from suite.sweep.engine.normalisation import recalibrated, statistics
from suite.sweep.engine.state import State

# Work that all evaluations share is kept for as many blocks as fit; the others do it anew each time.
SHARED_BYTES = 512 * 2**20
# What stands in for a realisation where the clean weights are evaluated, for a test set in calibration, and for a block
# where a network renews what it keeps of its weights.
CLEAN, CALIBRATION, PREPARING = "clean", "calibration", "prepare"
# Training samples by which full scales of converters are set, and lines are fitted.
CONVERTER_SAMPLES, LINE_SAMPLES = 256, 1024

Weights = Mapping[str, Tensor]
OutputsOf = Callable[[str, Sequence[Item]], list[Any]]


def outputs_under(state: State, runner: Runner, tensors: Weights) -> OutputsOf:
    """(test set, items) -> outputs of each item over the whole set, by the fastest way that is right.

    tensors: all that items put into the network. Reads with physics of their own, of the crossbar or of an item's
    cells, workloads that make their own outputs and networks that are prepared call the network; the others go through
    the batched evaluator.
    """
    own = state.workload.outputs is not None or state.workload.prepare is not None
    if runner.always_reads or own:
        return runner.outputs
    stacked = _stacked(state, tensors)

    def outputs(test: str, items: Sequence[Item]) -> list[Any]:
        plain = iter(stacked(test, [item for item in items if not item.read_variance]))
        return [
            found for item in items for found in (runner.outputs(test, [item]) if item.read_variance else [next(plain)])
        ]

    return outputs


def outputs_of_one(state: State, crossbar: Crossbar, arrays: Weights, item: Item) -> tuple[Runner, Item, OutputsOf]:
    """What calls the network, the item as it is evaluated on this crossbar, and what gives its outputs."""
    runner, samples = Runner.of(state, crossbar, arrays), crossbar.recalibrate_bn
    tensors = arrays if samples is None else {**arrays, **statistics(state.network)}
    return runner, runner.ready(item, samples), outputs_under(state, runner, tensors)


@dataclass(frozen=True)
class Runner:
    """Calls a state's network block by block. readout: how its arrays are read; None: they are plain weights."""

    state: State
    readout: Readout | None

    @staticmethod
    def of(state: State, crossbar: Crossbar, arrays: Weights) -> Runner:
        """Raises NoCalibration where converters lack the training samples that set their full scale."""
        plain = Runner(state, None)
        if not crossbar.circuit:
            return plain
        calibrate = partial(plain._calibrate, CONVERTER_SAMPLES)
        return replace(plain, readout=Readout.of(state.network, arrays, crossbar, state.key, calibrate))

    def _calibrate(self, most: int) -> None:
        """Calls the network as it is on so many training samples, or all there are."""
        generator = self._generator(CLEAN, CALIBRATION)
        self.prepare()
        for batch in self.state.first_samples(min(most, max(1, self.state.held))):
            self._call(self.state.network, batch, generator)

    @property
    def always_reads(self) -> bool:
        """Whether something happens at each read whatever the cells are."""
        return self.readout is not None and self.readout.crossbar.reads

    def outputs(self, test: str, items: Sequence[Item]) -> list[Any]:
        """Outputs of each item over a test set."""
        return [joined(self._run(item, test, self.state.tests[test].batches)) for item in items]

    def ready(self, item: Item, samples: int | None) -> Item:
        """The item with all that is found on each programmed network by itself: the lines that undo its reads, and the
        statistics of batch normalisation on so many training samples."""
        if self.readout is not None and self.readout.crossbar.undo == "line":
            item = self.readout.fitted(self.state.network, item, *self._line_samples())
        return item if samples is None else self.recalibrated(item, samples)

    def told(self, item: Item, cells: Weights) -> list[LineReads]:
        """What the sensed lines of an item's arrays give on training samples; cells: {array: (2, *shape) uS}."""
        assert self.readout is not None
        return self.readout.told(self.state.network, item, cells, *self._line_samples())

    def _line_samples(self) -> tuple[Callable[[], None], int]:
        """What calls the network on the samples that tell lines, and how many they are."""
        count = min(LINE_SAMPLES, max(1, self.state.held))
        return partial(self._calibrate, count), count

    def recalibrated(self, item: Item, samples: int) -> Item:
        """The item with the statistics of batch normalisation that `samples` training samples give it."""
        batches = self.state.first_samples(samples)
        found = recalibrated(self.state.network, lambda: self._run(item, CALIBRATION, batches))
        return replace(item, weights={**item.weights, **found})

    def prepare(self) -> None:
        """Renews what the network keeps of the weights that are in place."""
        if self.state.workload.prepare is not None:
            self.state.workload.prepare(self.state.network)

    def _run(self, item: Item, test: str, batches: Sequence[Any]) -> list[Any]:
        generator = self._generator(item.realisation, test)
        if self.state.workload.prepare is not None:
            with self.placed(item, test, PREPARING):
                self.prepare()
        outputs = []
        for index, batch in enumerate(batches):
            with self.placed(item, test, index) as network:
                outputs.append(self._call(network, batch, generator))
        return outputs

    def placed(self, item: Item, test: str, index: int | str) -> AbstractContextManager[nn.Module]:
        """The network with an item in place, read as the crossbar reads it; test, index: of a block of samples."""
        plainly = item.realisation == CLEAN or not (self.always_reads or item.read_variance)
        if self.readout is None or plainly:
            return programmed(self.state.network, item.weights)
        return self.readout.reading(self.state.network, item, test, index)

    def _call(self, network: nn.Module, batch: Any, generator: torch.Generator) -> Any:
        make = self.state.workload.outputs
        return network(batch[0]) if make is None else make(network, batch, generator)

    def _generator(self, realisation: int | str, test: str) -> torch.Generator:
        return self.state.key.generator("outputs", realisation, test)


def _stacked(state: State, tensors: Weights) -> OutputsOf:
    """Outputs of plain networks: (samples, ...) tensors from the batched evaluator."""
    first = next(iter(state.tests.values())).batches[0][0]
    engine = evaluator(state.network, tensors, first)
    blocks = {
        test: Prepared(engine, [batch[0] for batch in data.batches], SHARED_BYTES // len(state.tests))
        for test, data in state.tests.items()
    }

    def outputs(test: str, items: Sequence[Item]) -> list[Any]:
        weights = [{**tensors, **item.weights} for item in items]
        parts = [[engine.outputs(block, own) for own in weights] for block in blocks[test]]
        return [joined(part) for part in zip(*parts, strict=True)]

    return outputs
