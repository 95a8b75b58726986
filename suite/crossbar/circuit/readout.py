"""Running a network so that its arrays are read as a crossbar reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from torch import Tensor, nn

from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.calibration import ranges
from suite.crossbar.circuit.conductances import weight_per_uS
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.reads import ProgrammedArray, Range
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar


@dataclass(frozen=True)
class Readout:
    """How the arrays of one trained state are read."""

    crossbar: Crossbar
    units: Mapping[str, float]
    ranges: Mapping[str, Mapping[bool, Range]]
    key: Key

    @staticmethod
    def of(
        network: nn.Module,
        arrays: Mapping[str, Tensor],
        crossbar: Crossbar,
        key: Key,
        calibrate: Callable[[], None],
    ) -> Readout:
        """`calibrate` runs the network on training samples; it is called where there are converters."""
        converts = crossbar.input_bits is not None or crossbar.output_bits is not None
        scales = ranges(network, arrays, crossbar, calibrate) if converts else {}
        return Readout(crossbar, {name: weight_per_uS(array, crossbar) for name, array in arrays.items()}, scales, key)

    def array(self, name: str, item: Item, *names: str | int) -> ProgrammedArray:
        """One array of an item; names: what its read noise belongs to beside realisation and array."""
        own = item.read_variance.get(name)
        noise, gain = self.crossbar.read_noise_uS or 0.0, item.gains.get(name, 1.0)
        # What is converted is the current; the gain comes after it, and scales code, noise and weight alike.
        ranges = self.ranges.get(name, {})
        return ProgrammedArray(
            item.weights[name],
            self.units[name] * gain,
            self.crossbar,
            {transpose: replace(one, outputs=one.outputs * gain) for transpose, one in ranges.items()},
            self.key.entropy,
            (self.key.workload, self.key.seed, item.realisation, name, *names),
            None if own is None else own + 2 * noise**2,
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
