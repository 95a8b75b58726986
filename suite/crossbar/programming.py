"""From target weights to programmed ones: keyed draws, one per realisation and array, shared by all conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from suite.contract import Condition, Device
from suite.crossbar.key import Key


@dataclass(frozen=True)
class Item:
    """The programmed weights of one evaluation; realisation: what its random streams are keyed by."""

    weights: Mapping[str, Tensor]
    realisation: int | str


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

    def weights(self, condition: Condition, draws: Mapping[str, Any]) -> dict[str, Tensor]:
        """{array: (*shape)} under one condition and one realisation's draws."""
        device = self.key.devices[condition.device]
        return {
            array: device.program(target, condition, draws[array]).weights()[0].to(target.dtype)
            for array, target in self.targets.items()
        }

    def items(self, conditions: Sequence[Condition], realisations: Sequence[int]) -> Iterator[Item]:
        """Every (realisation, condition), realisation by realisation so that each draw is made once."""
        for realisation in realisations:
            draws: dict[str, dict[str, Any]] = {}
            for condition in conditions:
                if condition.device not in draws:
                    draws[condition.device] = self.draws(self.key.devices[condition.device], realisation)
                yield Item(self.weights(condition, draws[condition.device]), realisation)
