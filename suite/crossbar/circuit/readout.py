"""Running a network so that its arrays are read as a crossbar reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor, nn

from suite.contract.lines import LineReads
from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.calibration import ranges
from suite.crossbar.circuit.conductances import weight_per_uS
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.line_reads import line_reads
from suite.crossbar.circuit.lines import Fit
from suite.crossbar.circuit.probes import Probe, probes
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.programming import aimed_at, groups_of
from suite.crossbar.circuit.reads import ProgrammedArray, Range
from suite.crossbar.circuit.sensing import Sensing, driven, sensing
from suite.crossbar.key import Key
from suite.crossbar.programming import Item, Line
from suite.crossbar.settings import Crossbar

# What stands for the test set where lines are fitted.
LINES = "lines"


@dataclass(frozen=True)
class Readout:
    """How the arrays of one trained state are read.

    units: weight per uS; arrays, groups: what was asked for, and of grouped convolutions how many, where reads ask for
    more than weights.
    """

    crossbar: Crossbar
    units: Mapping[str, float | Tensor]
    ranges: Mapping[str, Mapping[bool, Range]]
    key: Key
    arrays: Mapping[str, Tensor] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    _probes: dict[str, list[Probe]] = field(default_factory=dict)

    @staticmethod
    def of(
        network: nn.Module,
        arrays: Mapping[str, Tensor],
        crossbar: Crossbar,
        key: Key,
        calibrate: Callable[[], None],
    ) -> Readout:
        """`calibrate` runs the network on training samples; it is called where there are converters."""
        units = {name: weight_per_uS(array, crossbar) for name, array in arrays.items()}
        bare = Readout(crossbar, units, {}, key, arrays, groups_of(network, arrays))
        if crossbar.input_bits is None and not crossbar.converts:
            return bare
        return replace(bare, ranges=ranges(network, arrays, crossbar, key, bare.sensing, calibrate))

    def sensing(self, name: str, cells: Tensor | None = None) -> dict[bool, Sensing]:
        """{transpose: how the lines of an array sense its cells, (2, *shape) uS}; None: those that are aimed at.

        {} where reads take weights as they are. Raises FloatingLine.
        """
        if not self.crossbar.sees_cells:
            return {}
        aimed = aimed_at(self.arrays[name], self.crossbar)
        lines = partial(
            sensing, name, aimed if cells is None else cells, aimed, self.units[name], self.crossbar, self.groups[name]
        )
        # Only a matrix can be read backward.
        return {transpose: lines(transpose) for transpose in ((False, True) if aimed.ndim == 3 else (False,))}

    def array(self, name: str, item: Item, *names: str | int) -> ProgrammedArray:
        """One array of an item; names: what its read noise belongs to beside realisation and array."""
        (unit, variance), gain = self._noise(name, item), item.gains.get(name, 1.0)
        # What is converted is the current; the gain comes after it, and scales code, noise and weight alike.
        ranges = self.ranges.get(name, {})
        return ProgrammedArray(
            item.weights[name],
            unit * gain,
            self.crossbar,
            {transpose: one.times(gain) for transpose, one in ranges.items()},
            self.key.entropy,
            (self.key.workload, self.key.seed, item.realisation, name, *names),
            variance,
            self.sensing(name, item.cells.get(name)),
            item.lines.get(name, {}),
            self._offsets(name, item),
        )

    @contextmanager
    def reading(self, network: nn.Module, item: Item, *names: str | int) -> Iterator[nn.Module]:
        """The network with an item's weights in place, each of its products with an array a read.

        The noise of an array's reads is keyed by `names` and counted from 0: one context per block of samples.
        """
        arrays = {name: self.array(name, item, *names) for name in self.units}
        count: Counter[str] = Counter()

        def read(name: str, product: Product, inputs: Tensor, transpose: bool) -> Tensor:
            number = count[name]
            count[name] += 1
            return arrays[name].through(product, inputs, transpose, number)

        with programmed(network, item.weights), Interception({name: item.weights[name] for name in arrays}, read):
            yield network

    def fitted(self, network: nn.Module, item: Item, run: Callable[[], None], samples: int) -> Item:
        """The item with the line of every sensed line of its tiles: what it shows of the ideal outputs of the inputs
        that the clean network gives it while `run` calls it on so many samples, the first time."""
        self._probed(network, run, samples)
        return replace(item, lines={name: self._fitted(name, item) for name in self._probes})

    def told(
        self, network: nn.Module, item: Item, cells: Mapping[str, Tensor], run: Callable[[], None], samples: int
    ) -> list[LineReads]:
        """What the sensed lines of an item give of the same inputs; cells: {array: (2, *shape) uS}."""
        self._probed(network, run, samples)
        found = [
            line_reads(name, self.array(name, item, LINES), cells[name], some, samples)
            for name, some in self._probes.items()
        ]
        return [one for lines in found for one in lines]

    def _probed(self, network: nn.Module, run: Callable[[], None], samples: int) -> None:
        if not self._probes:
            self._probes.update(probes(network, self.arrays, self.crossbar, run, samples))

    def _fitted(self, name: str, item: Item) -> dict[bool, list[Line]]:
        array, fits = self.array(name, item, LINES), defaultdict[bool, dict[int, Fit]](lambda: defaultdict(Fit))
        for number, probe in enumerate(self._probes[name]):
            product = array.product(probe.product, probe.transpose)
            for tile, _, sensed in array.sensed(product, probe.inputs, probe.transpose, number):
                fits[probe.transpose][tile].add(probe.ideal[tile], product.by_line(sensed))
        return self._lines(name, {transpose: [*tiles.values()] for transpose, tiles in fits.items()})

    def _lines(self, name: str, fits: Mapping[bool, list[Fit]]) -> dict[bool, list[Line]]:
        aimed = self.sensing(name)
        return {
            transpose: [
                fit.line(None if not aimed or not aimed[transpose].scales else aimed[transpose].scales[tile])
                for tile, fit in enumerate(tiles)
            ]
            for transpose, tiles in fits.items()
        }

    def _noise(self, name: str, item: Item) -> tuple[float, Tensor | None]:
        """Units per uS of what a read sums, and the variance of each pair of cells, in uS^2 of those units."""
        own, unit = item.read_variance.get(name), self.units[name]
        noise = self.crossbar.read_noise_uS or 0.0
        variance = None if own is None else own + 2 * noise**2
        if self.crossbar.sensing == "voltage":
            return 1.0, variance
        if not isinstance(unit, Tensor):
            return unit, variance
        if variance is None and noise:
            variance = torch.full_like(self.arrays[name], 2 * noise**2)
        return 1.0, None if variance is None else variance * unit**2

    def _offsets(self, name: str, item: Item) -> dict[bool, list[Tensor]]:
        """{transpose: offsets of each tile, (lines,) codes}, the same at every read."""
        core, column = self.crossbar.core_offset_codes or 0.0, self.crossbar.column_offset_codes or 0.0
        if not (core or column):
            return {}
        array = self.arrays[name]
        columns, rows = len(array), array[0].numel()
        found = {}
        for transpose, driving, lines in ((False, rows, columns), (True, columns, rows)):
            tiles = driven(driving, self.crossbar, transpose)
            generators = [
                self.key.generator("offsets", item.realisation, name, int(transpose), tile)
                for tile in range(len(tiles))
            ]
            found[transpose] = [
                core * torch.randn((), generator=generator) + column * torch.randn(lines, generator=generator)
                for generator in generators
            ]
        return {transpose: [tile.to(array) for tile in tiles] for transpose, tiles in found.items()}
