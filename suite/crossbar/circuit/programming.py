"""Programming on the circuit path: weights -> pairs of conductances -> what cells and wires make of them -> weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn.modules.conv import _ConvNd

from suite.contract import Condition, Device, ProgrammedWeights
from suite.crossbar.arrays import places, tensors_at
from suite.crossbar.circuit.conductances import gain, pairs, quantised, scattered, weight_per_uS, weights_of
from suite.crossbar.circuit.cores import check_cores
from suite.crossbar.circuit.faults import stuck
from suite.crossbar.circuit.tiles import through_wires
from suite.crossbar.circuit.verify import given_up, verified
from suite.crossbar.key import Key
from suite.crossbar.programming import Item, Programmer
from suite.crossbar.settings import Crossbar


@dataclass(frozen=True)
class CellDraws:
    """The randomness of one array's cells in one realisation, each (2, *shape), several of a device's own; None where
    nothing is drawn."""

    device: Tensor
    programming: Tensor | None
    faults: Tensor | None
    window: Tensor | None = None
    given_up: tuple[Tensor, Tensor] | None = None


@dataclass(frozen=True)
class CircuitProgrammer(Programmer):
    """Programs arrays as pairs of conductances; the condition's device acts on the conductances.

    groups: {array: number of separate matrices in it}, for grouped convolutions; others are one matrix.
    """

    crossbar: Crossbar
    groups: Mapping[str, int]

    def draws(self, device: Device, realisation: int) -> dict[str, CellDraws]:
        """{array: draws of its cells}; knows neither method nor condition, nor how large a setting is."""

        def draw(
            purpose: str, array: str, target: Tensor, make: Callable[[tuple[int, ...], Generator], Tensor]
        ) -> Tensor:
            return make((2, *target.shape), self.key.generator(purpose, realisation, array)).to(target.device)

        given = self.crossbar.given
        noisy, faulty = "programming_noise_uS" in given, "stuck_on" in given or "stuck_off" in given
        verify, give_up = "window_uS" in given, "faulty_cells" in given
        return {
            array: CellDraws(
                draw("device-noise", array, target, device.draw),
                draw("programming-noise", array, target, _normal) if noisy else None,
                draw("stuck-cells", array, target, _uniform) if faulty else None,
                draw("write-verify", array, target, _uniform) if verify else None,
                (draw("faulty-cells", array, target, _uniform), draw("faulty-at", array, target, _uniform))
                if give_up
                else None,
            )
            for array, target in self.targets.items()
        }

    def cells(self, condition: Condition, draws: Mapping[str, CellDraws]) -> dict[str, ProgrammedWeights]:
        """{array: (2, *shape) uS} of the cells after programming: levels, programming noise, device, stuck cells."""
        device = self.key.devices[condition.device]
        return {
            array: _cells(target, draws[array], self.crossbar, device, condition)
            for array, target in self.targets.items()
        }

    def of_cells(self, cells: Mapping[str, ProgrammedWeights], realisation: int) -> Item:
        """What is evaluated with these cells: the weights that they amount to, seen from outside their wires and times
        what makes up for drift."""
        variance = {array: one.read_sd.square().sum(0) for array, one in cells.items() if one.read_sd is not None}
        weights = {array: self._weights(array, one.values) for array, one in cells.items()}
        seen = {array: one.values for array, one in cells.items()} if self.crossbar.sees_cells else {}
        if self.crossbar.drift_compensation is None:
            return Item(weights, realisation, variance, cells=seen)
        gains = {
            array: gain(self.targets[array], weight, self._read_error(array, variance, realisation))
            for array, weight in weights.items()
        }
        compensated = {array: weight * gains[array] for array, weight in weights.items()}
        return Item(compensated, realisation, variance, seen, gains=gains)

    def _weights(self, array: str, cells: Tensor) -> Tensor:
        target = self.targets[array]
        seen = self._from_outside(cells, self.groups.get(array, 1))
        return weights_of(seen, weight_per_uS(target, self.crossbar)).to(target.dtype)

    def _read_error(self, array: str, variance: Mapping[str, Tensor], realisation: int) -> Tensor:
        """By how much the calibration read errs in each of an array's weights."""
        target, own = self.targets[array], 2 * (self.crossbar.read_noise_uS or 0.0) ** 2
        unit = weight_per_uS(target, self.crossbar)
        deviation = unit * ((variance[array] + own).sqrt() if array in variance else math.sqrt(own))
        normal = _normal(tuple(target.shape), self.key.generator("calibration-read", realisation, array))
        return deviation * normal.to(target.device)

    def _from_outside(self, cells: Tensor, groups: int) -> Tensor:
        crossbar = self.crossbar
        if crossbar.wire_ohm is None:
            return cells
        assert crossbar.tile_rows is not None
        assert crossbar.tile_columns is not None
        matrices = cells.reshape(2, groups, cells.shape[1] // groups, -1)
        return through_wires(matrices, crossbar.wire_ohm, crossbar.tile_rows, crossbar.tile_columns).view_as(cells)


def programmer_of(network: nn.Module, arrays: Mapping[str, Tensor], crossbar: Crossbar, key: Key) -> Programmer:
    """The programmer of a network's arrays: as plain weights, or as conductances where the crossbar has a circuit."""
    if not crossbar.circuit:
        return Programmer(arrays, key)
    check_cores(arrays, crossbar)
    return CircuitProgrammer(arrays, key, crossbar, groups_of(network, arrays))


def groups_of(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, int]:
    """{array: groups of the convolution that holds it}; 1 for every other layer."""
    tensors = tensors_at(network)
    held = {name: [network.get_submodule(path) for path, _ in places(tensors, name)] for name in arrays}
    return {
        name: max(module.groups if isinstance(module, _ConvNd) else 1 for module in modules)
        for name, modules in held.items()
    }


def _cells(
    target: Tensor, draws: CellDraws, crossbar: Crossbar, device: Device, condition: Condition
) -> ProgrammedWeights:
    cells, read_sd = _written(aimed_at(target, crossbar), draws, crossbar), None
    if not device.ideal(condition):
        found = device.program(cells, condition, draws.device.unsqueeze(0))
        cells, read_sd = found.weights()[0], None if found.read_sd is None else found.read_sd[0]
    return ProgrammedWeights(cells if draws.faults is None else stuck(cells, draws.faults, crossbar), read_sd)


def aimed_at(target: Tensor, crossbar: Crossbar) -> Tensor:
    """(*shape) weights -> (2, *shape) uS: the conductances that programming aims at."""
    cells = pairs(target, crossbar)
    return cells if crossbar.levels is None else quantised(cells, crossbar)


def _written(targets: Tensor, draws: CellDraws, crossbar: Crossbar) -> Tensor:
    """Conductances just after programming, before the device has done anything."""
    cells = targets
    if crossbar.programming_noise_uS is not None:
        assert draws.programming is not None
        cells = scattered(cells, draws.programming, crossbar.programming_noise_uS)
    if crossbar.window_uS is not None:
        assert draws.window is not None
        cells = verified(cells, draws.window, crossbar.window_uS)
    return cells if draws.given_up is None else given_up(cells, targets, *draws.given_up, crossbar)


def _normal(shape: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator)


def _uniform(shape: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator)
