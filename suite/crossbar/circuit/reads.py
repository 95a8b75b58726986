"""Reading a programmed array: input converters, what lines sense, read noise, output converters, tile by tile."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from suite.contract.seeds import torch_generator
from suite.crossbar.circuit.converters import code, converted, read_out
from suite.crossbar.circuit.products import Dense, Product
from suite.crossbar.circuit.sensing import Sensing, driven
from suite.crossbar.programming import Line
from suite.crossbar.settings import Crossbar


@dataclass(frozen=True)
class Range:
    """Full scales of an array's converters: of its inputs, and of what each tile shows, in units of outputs or, in
    voltage mode, in volts per volt."""

    inputs: float
    outputs: tuple[float, ...]

    def times(self, gain: float) -> Range:
        """With other outputs."""
        return Range(self.inputs, tuple(output * gain for output in self.outputs))


@dataclass(frozen=True)
class ProgrammedArray:
    """One array in one realisation, as it is after programming.

    values: its effective weights, (*shape): columns first, then rows; unit: weight per uS; ranges: {transpose: full
    scales}, needed where the crossbar has converters; entropy, key: of its read noise; variance: of the conductance of
    each pair of cells from read to read, (*shape) uS^2, the crossbar's read noise included; None: that alone.
    sensing: {transpose: what its lines make of its cells}; none: they sum the products with `values`.
    lines: {transpose: the fitted line of each tile}, by which what is sensed is undone; none: by the targets.
    offsets: {transpose: codes of each tile, (lines,)}.
    """

    values: Tensor
    unit: float
    crossbar: Crossbar
    ranges: Mapping[bool, Range]
    entropy: int
    key: tuple[str | int, ...]
    variance: Tensor | None = None
    sensing: Mapping[bool, Sensing] = field(default_factory=dict)
    lines: Mapping[bool, Sequence[Line]] = field(default_factory=dict)
    offsets: Mapping[bool, Sequence[Tensor]] = field(default_factory=dict)

    def weights(self) -> Tensor:
        """(*shape) effective weights: what reads without converters and noise amount to."""
        return self.values

    def apply(self, inputs: Tensor, transpose: bool = False, read: int = 0) -> Tensor:
        """One read per input vector: (..., rows) -> (..., columns), or back where `transpose`.

        A transposed read drives the bit lines and senses the word lines: by reciprocity with the same weights, wires
        included. read: number of the read, by which its noise is keyed: same number, same noise.
        """
        matrix = self.values.flatten(1)
        return self.through(Dense(matrix.mT if transpose else matrix), inputs, transpose, read)

    def through(self, product: Product, inputs: Tensor, transpose: bool, read: int) -> Tensor:
        """The outputs of any product with this array.

        Read noise is drawn per output: a fresh error of every conductance at every read, of standard deviation s in
        both cells of each pair, is one of the current, of standard deviation sqrt(2) s |inputs|; where pairs differ, of
        variance sum(inputs^2 variance). Wires are ideal to it.
        """
        total: Tensor | None = None
        for tile, _, sensed in self.sensed(product, inputs, transpose, read):
            part = self.undone(product, sensed, transpose, tile)
            total = part if total is None else total.add_(part)
        assert total is not None
        return total

    def sensed(
        self, product: Product, inputs: Tensor, transpose: bool, read: int
    ) -> Iterator[tuple[int, slice, Tensor]]:
        """(tile, its driven lines, what its sensed lines show after conversion) of one read."""
        crossbar, lines = self.crossbar, self.sensing.get(transpose, Sensing())
        if crossbar.input_bits is not None:
            full_scale = self.ranges[transpose].inputs
            inputs = converted(inputs, full_scale, crossbar.input_bits, crossbar.unsigned_inputs)
        generator = torch_generator(self.entropy, "read-noise", *self.key, read)
        conversions = torch_generator(self.entropy, "conversions", *self.key, read)
        for tile, part in enumerate(parts(product, crossbar, transpose)):
            found = lines.outputs(product, inputs, part, tile)
            spread = self._spread(product, inputs, part, transpose)
            if spread is not None:
                noise = spread * torch.randn(found.shape, generator=generator).to(found.device)
                found = found + lines.settled(product, noise, tile)
            if crossbar.converts:
                found = self._converted(product, found, transpose, tile, conversions)
            yield tile, part, found

    def _converted(self, product: Product, values: Tensor, transpose: bool, tile: int, generator: Generator) -> Tensor:
        """Through the output converter, with what it adds."""
        crossbar, full_scale = self.crossbar, self.ranges[transpose].outputs[tile]
        if crossbar.polarity_gain is not None:
            values = torch.add(values, values.clamp(max=0), alpha=crossbar.polarity_gain)
        if self.offsets:
            values = values + product.along(self.offsets[transpose][tile]) * code(full_scale, crossbar)
        if crossbar.output_noise_codes is not None:
            noise = torch.randn(values.shape, generator=generator).to(values.device)
            values = noise.mul_(crossbar.output_noise_codes * code(full_scale, crossbar)).add_(values)
        return read_out(values, full_scale, crossbar)

    def undone(self, product: Product, sensed: Tensor, transpose: bool, tile: int) -> Tensor:
        """Outputs of a tile in the units of the layer."""
        if self.lines:
            line = self.lines[transpose][tile]
            return (sensed - product.along(line.offset)) / product.along(line.slope)
        return self.sensing.get(transpose, Sensing()).undone(product, sensed, tile)

    def product(self, ideal: Product, transpose: bool) -> Product:
        """A product with the weights as they should be, with these in their place."""
        return ideal.of(self.values.flatten(1).mT if transpose else self.values)

    def _spread(self, product: Product, inputs: Tensor, part: slice, transpose: bool) -> Tensor | None:
        """Standard deviation of the outputs from read to read, in their units; None where nothing varies."""
        noise = self.crossbar.read_noise_uS
        if self.variance is not None:
            cells = self.variance.flatten(1).mT if transpose else self.variance
            # Fast convolutions may end a little below 0.
            return product.of(cells).outputs(inputs.square(), part).clamp_(min=0).sqrt_().mul_(self.unit)
        return None if noise is None else product.squares(inputs, part).sqrt_().mul_(math.sqrt(2) * self.unit * noise)


def parts(product: Product, crossbar: Crossbar, transpose: bool) -> list[slice]:
    """The driven lines of a read, tile by tile."""
    return driven(product.length, crossbar, transpose)
