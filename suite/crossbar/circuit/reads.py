"""Reading a programmed array: input converters, read noise, output converters, tile by tile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from suite.contract.seeds import torch_generator
from suite.crossbar.circuit.converters import converted
from suite.crossbar.circuit.products import Dense, Product
from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.settings import Crossbar


@dataclass(frozen=True)
class Range:
    """Full scales of an array's converters: of its inputs, and of the currents of one tile in units of outputs."""

    inputs: float
    outputs: float


@dataclass(frozen=True)
class ProgrammedArray:
    """One array in one realisation, as it is after programming.

    values: its effective weights, (*shape): columns first, then rows; unit: weight per uS; ranges: {transpose: full
    scales}, needed where the crossbar has converters; entropy, key: of its read noise; variance: of the conductance of
    each pair of cells from read to read, (*shape) uS^2, the crossbar's read noise included; None: that alone.
    """

    values: Tensor
    unit: float
    crossbar: Crossbar
    ranges: Mapping[bool, Range]
    entropy: int
    key: tuple[str | int, ...]
    variance: Tensor | None = None

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
        crossbar = self.crossbar
        if crossbar.input_bits is not None:
            inputs = converted(inputs, self.ranges[transpose].inputs, crossbar.input_bits)
        generator = torch_generator(self.entropy, "read-noise", *self.key, read)
        total: Tensor | None = None
        for part in parts(product, crossbar, transpose):
            current = product.outputs(inputs, part)
            spread = self._spread(product, inputs, part, transpose)
            if spread is not None:
                current += spread * torch.randn(current.shape, generator=generator).to(current.device)
            if crossbar.output_bits is not None:
                current = converted(current, self.ranges[transpose].outputs, crossbar.output_bits)
            total = current if total is None else total.add_(current)
        assert total is not None
        return total

    def _spread(self, product: Product, inputs: Tensor, part: slice, transpose: bool) -> Tensor | None:
        """Standard deviation of the outputs from read to read, in their units; None where nothing varies."""
        noise = self.crossbar.read_noise_uS
        if self.variance is not None:
            cells = self.variance.flatten(1).mT if transpose else self.variance
            # Fast convolutions may end a little below 0.
            return product.of(cells).outputs(inputs.square(), part).clamp_(min=0).sqrt_().mul_(self.unit)
        return None if noise is None else product.squares(inputs, part).sqrt_().mul_(math.sqrt(2) * self.unit * noise)


def parts(product: Product, crossbar: Crossbar, transpose: bool) -> list[slice]:
    """The driven lines of a read, tile by tile. Only output converters tell tiles apart: currents add otherwise."""
    if crossbar.output_bits is None or crossbar.tile_columns is None:
        return [slice(0, product.length)]
    return pieces(product.length, crossbar.tile_columns // 2 if transpose else crossbar.tile_rows)
