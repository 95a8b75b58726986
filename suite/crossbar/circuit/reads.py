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
    scales}, needed where the crossbar has converters; entropy, key: of its read noise.
    """

    values: Tensor
    unit: float
    crossbar: Crossbar
    ranges: Mapping[bool, Range]
    entropy: int
    key: tuple[str | int, ...]

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
        both cells of each pair, is one of the current, of standard deviation sqrt(2) s |inputs|.
        """
        crossbar = self.crossbar
        if crossbar.input_bits is not None:
            inputs = converted(inputs, self.ranges[transpose].inputs, crossbar.input_bits)
        generator = torch_generator(self.entropy, "read-noise", *self.key, read)
        total: Tensor | None = None
        for part in parts(product, crossbar, transpose):
            current = product.outputs(inputs, part)
            if crossbar.read_noise_uS is not None:
                spread = product.squares(inputs, part).sqrt_().mul_(math.sqrt(2) * self.unit * crossbar.read_noise_uS)
                current += spread * torch.randn(current.shape, generator=generator).to(current.device)
            if crossbar.output_bits is not None:
                current = converted(current, self.ranges[transpose].outputs, crossbar.output_bits)
            total = current if total is None else total.add_(current)
        assert total is not None
        return total


def parts(product: Product, crossbar: Crossbar, transpose: bool) -> list[slice]:
    """The driven lines of a read, tile by tile. Only output converters tell tiles apart: currents add otherwise."""
    if crossbar.output_bits is None or crossbar.tile_columns is None:
        return [slice(0, product.length)]
    return pieces(product.length, crossbar.tile_columns // 2 if transpose else crossbar.tile_rows)
