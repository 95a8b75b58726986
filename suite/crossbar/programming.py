"""From target weights to programmed ones: keyed draws, one per realisation and array, shared by all conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from suite.contract import Condition, Device, ProgrammedWeights
from suite.crossbar.key import Key
from suite.crossbar.settings import NoConductances


@dataclass(frozen=True)
class Line:
    """What each sensed line of a tile shows of its ideal output: slope * output + offset, (lines,) each."""

    slope: Tensor
    offset: Tensor


@dataclass(frozen=True)
class Item:
    """The programmed weights of one evaluation, the rest being as the network has it; realisation: what its random
    streams are keyed by.

    read_variance: {array: (*shape)} by which the conductance of each pair of cells varies from read to read, uS^2; {}
    where no cell is noisy at reading. cells: {array: (2, *shape) uS}, where reads ask for more than their difference.
    lines: {array: {transpose: the fitted lines of its tiles}}, where these undo what is sensed. gains: {array: what its
    outputs are multiplied by}, which `weights` hold already; {} where drift is not compensated.
    """

    weights: Mapping[str, Tensor]
    realisation: int | str
    read_variance: Mapping[str, Tensor] = field(default_factory=dict)
    cells: Mapping[str, Tensor] = field(default_factory=dict)
    lines: Mapping[str, Mapping[bool, Sequence[Line]]] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Programmer:
    """Programs the arrays of one trained state; targets: {array: tensor}."""

    targets: Mapping[str, Tensor]
    key: Key

    def draws(self, device: Device, realisation: int) -> dict[str, Any]:
        """{array: (1, *shape)} randomness of one realisation; knows neither method nor condition."""
        return {
            array: device.draw(tuple(target.shape), self.key.generator("device-noise", realisation, array))
            .to(target.device)
            .unsqueeze(0)
            for array, target in self.targets.items()
        }

    def cells(self, condition: Condition, draws: Mapping[str, Any]) -> dict[str, ProgrammedWeights]:
        """{array: its cells, (*shape) weights} under one condition and one realisation's draws. Raises
        NoConductances."""
        device = self.key.devices[condition.device]
        found = {}
        for array, target in self.targets.items():
            cells = device.program(target, condition, draws[array])
            if device.conductances or cells.read_sd is not None:
                raise NoConductances(condition.device, condition.crossbar)
            found[array] = ProgrammedWeights(cells.weights()[0].to(target.dtype))
        return found

    def of_cells(self, cells: Mapping[str, ProgrammedWeights], realisation: int) -> Item:
        """What is evaluated with these cells."""
        return Item({array: one.values for array, one in cells.items()}, realisation)

    def item(self, condition: Condition, draws: Mapping[str, Any], realisation: int) -> Item:
        """What is evaluated under one condition and one realisation's draws."""
        return self.of_cells(self.cells(condition, draws), realisation)

    def items(self, conditions: Sequence[Condition], realisations: Sequence[int]) -> Iterator[Item]:
        """Every (realisation, condition), realisation by realisation so that each draw is made once."""
        for realisation in realisations:
            draws: dict[str, dict[str, Any]] = {}
            for condition in conditions:
                if condition.device not in draws:
                    draws[condition.device] = self.draws(self.key.devices[condition.device], realisation)
                yield self.item(condition, draws[condition.device], realisation)
