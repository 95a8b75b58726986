"""Fitting a trained network to one chip: arrays are programmed one after the other, read, and never written again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from suite.contract import Condition, Method, ProgrammedWeights, Recipe, Splits, SuiteError, Workload, seeded
from suite.crossbar.adapted import Adapted
from suite.crossbar.arrays import crossbar_arrays, places, tensors_at
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.frozen import learned
from suite.crossbar.key import Key
from suite.sweep.engine.outputs import Runner
from suite.sweep.engine.state import State

# What stands in for a test set where a chip is read in adaptation.
ADAPTING = "adapting"


class Reprogrammed(SuiteError):
    """An array was to be written a second time."""


def adapt(
    workload: Workload,
    network: nn.Module,
    method: Method,
    splits: Splits,
    recipe: Recipe,
    condition: Condition,
    realisation: int,
    key: Key,
    options: Mapping[str, Any],
) -> Adapted:
    """`network`, trained, fitted in place by `method.adapt` to the chip of one condition and realisation.

    The chip's cells are drawn as those of a sweep of this key and realisation are. Arrays that the method leaves
    unprogrammed are programmed last. Raises Reprogrammed where it changes an array that was programmed.
    """
    assert method.adapt is not None
    unseen = replace(splits, tests={}, source="")
    state = State.of(workload, network.eval(), {}, key, splits.train)
    chip = _Chip(state, key.devices[condition.device].complete(condition), realisation)
    generator = key.generator("adapt", realisation)
    with seeded(key.generator("adapt-layers", realisation)):
        method.adapt(workload, chip, unseen, recipe, generator, **method.complete(options))
    if left := [name for name in chip.arrays if name not in chip.cells]:
        chip.program(*left)
    chip.check(method.title)
    network.zero_grad()
    return Adapted(learned(workload, network.eval()), {name: chip.cells[name] for name in chip.arrays})


@dataclass
class _Chip:
    """What `suite.contract.Chip` says; cells: {array: as programmed}, targets: {array: as it was asked for}."""

    state: State
    condition: Condition
    realisation: int
    cells: dict[str, ProgrammedWeights] = field(default_factory=dict)
    targets: dict[str, Tensor] = field(default_factory=dict)
    _reads: int = 0

    def __post_init__(self) -> None:
        self.crossbar = self.state.key.crossbars[self.condition.crossbar]
        self.arrays = tuple(self._own)

    @property
    def network(self) -> nn.Module:
        return self.state.network

    @property
    def _own(self) -> dict[str, Tensor]:
        return crossbar_arrays(self.state.workload, self.network, self.crossbar)

    def program(self, *names: str) -> None:
        for name in names:
            if name not in self.arrays:
                raise SuiteError(f"no array {name!r} on this chip; it has {', '.join(self.arrays)}")
            if name in self.cells:
                raise Reprogrammed(f"array {name!r} is programmed already, and cells are written once")
            self.targets[name] = self._own[name].clone()
        with torch.no_grad():
            programmer = programmer_of(self.network, {n: self.targets[n] for n in names}, self.crossbar, self.state.key)
            draws = programmer.draws(self.state.key.devices[self.condition.device], self.realisation)
            self.cells |= programmer.cells(self.condition, draws)
        self._set_up()

    def _set_up(self) -> None:
        """Full scales of converters are those of the arrays as they are now."""
        was_training = self.network.training
        self.network.eval()
        with torch.no_grad():
            self._runner = Runner.of(self.state, self.crossbar, self.targets)
            programmer = programmer_of(self.network, self.targets, self.crossbar, self.state.key)
            self._item = self._runner.ready(programmer.of_cells(self.cells, self.realisation), None)
        self.network.train(was_training)

    @contextmanager
    def reading(self) -> Iterator[nn.Module]:
        if not self.cells:
            yield self.network
            return
        self._reads += 1
        with self._runner.placed(self._item, ADAPTING, self._reads) as network, ExitStack() as hooks:
            for layer in self._layers():
                hooks.callback(layer.register_forward_hook(_measured).remove)
            if not network.training:
                self._runner.prepare()
            yield network

    def _layers(self) -> list[nn.Module]:
        """Those that hold a programmed array."""
        held = tensors_at(self.network)
        paths = {path for name in self.cells for path, _ in places(held, name)}
        return [self.network.get_submodule(path) for path in sorted(paths)]

    def check(self, title: str) -> None:
        """Raises Reprogrammed where the network has another array than the one that was programmed."""
        own = self._own
        for name, target in self.targets.items():
            if not torch.equal(own[name], target):
                raise Reprogrammed(
                    f"{title}: adapt() changed array {name!r} after it was programmed; leave out of the optimiser what "
                    "is on the chip"
                )


def _measured(module: nn.Module, inputs: Any, outputs: Any) -> Any:
    return tree_map(lambda value: value.detach() if isinstance(value, Tensor) else value, outputs)
