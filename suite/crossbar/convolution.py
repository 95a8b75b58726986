"""Convolution (+ pooling) of lanes as matrix products over the windows of each output row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from suite.crossbar.lanes import Lanes


@dataclass(frozen=True)
class Geometry:
    """What of a Conv2d says where its windows lie; kernel, stride and padding are (height, width)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    @staticmethod
    def of(layer: nn.Conv2d) -> Geometry | None:
        """None for what this kernel does not do: groups, dilation, padding by name or by reflection."""
        plain = layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
        if not plain or isinstance(layer.padding, str):
            return None
        return Geometry(_pair(layer.kernel_size), _pair(layer.stride), _pair(layer.padding))

    def rows(self, height: int) -> int:
        """Output rows."""
        return (height + 2 * self.padding[0] - self.kernel[0]) // self.stride[0] + 1

    def columns(self, width: int) -> int:
        """Output columns."""
        return (width + 2 * self.padding[1] - self.kernel[1]) // self.stride[1] + 1

    def slab(self, data: Tensor) -> Tensor:
        """Zeros for the input rows of one output row: (padded width, kernel height, channels, samples)."""
        _, width, channels, samples = data.shape
        return data.new_zeros(width + 2 * self.padding[1], self.kernel[0], channels, samples)

    def fill(self, slab: Tensor, data: Tensor, row: int) -> None:
        """Put the input rows of output row `row` into the slab; rows beyond the edge are zero."""
        height, width = data.shape[:2]
        top = row * self.stride[0] - self.padding[0]
        first, last = max(0, -top), min(self.kernel[0], height - top)
        inner = slab[self.padding[1] : self.padding[1] + width]
        inner[:, first:last].copy_(data[top + first : top + last].transpose(0, 1))
        if first > 0:
            inner[:, :first].zero_()
        if last < self.kernel[0]:
            inner[:, last:].zero_()

    def windows(self, slab: Tensor) -> Tensor:
        """The windows of an output row as matrices (columns, kernel width x height x channels, samples), no copy."""
        width, height, channels, samples = slab.shape
        column = height * channels * samples
        columns = (width - self.kernel[1]) // self.stride[1] + 1
        shape = (columns, self.kernel[1] * height * channels, samples)
        return slab.as_strided(shape, (self.stride[1] * column, samples, 1))


@dataclass(frozen=True)
class Windows:
    """The windows of an input, output row by output row; `shared` ones are laid out once for all items."""

    geometry: Geometry
    data: Tensor
    slab: Tensor
    shared: tuple[Tensor, ...] = ()

    def __len__(self) -> int:
        return self.geometry.rows(self.data.shape[0])

    def row(self, row: int) -> Tensor:
        """Matrices (columns, kernel cells, samples) of one output row, valid until the next call."""
        if self.shared:
            return self.shared[row]
        self.geometry.fill(self.slab, self.data, row)
        return self.geometry.windows(self.slab)


class Convolution:
    """A Conv2d with what follows it: non-overlapping max pooling, then bias, then relu.

    Pooling before bias and relu is exact: both are monotonic and the same for all cells of a pooling window.
    Buffers are kept per shape and reused, so a result is only valid until the next call.
    """

    def __init__(self, geometry: Geometry, pool: int = 1, relu: bool = False) -> None:
        self.geometry, self.pool, self.relu = geometry, pool, relu
        self.buffers: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}
        self.slabs: dict[torch.Size, Tensor] = {}

    def prepare(self, value: Lanes | Tensor) -> Windows:
        """The windows of an input that is common to all items."""
        geometry, data = self.geometry, Lanes.of(value).data
        slabs = [geometry.slab(data) for _ in range(geometry.rows(data.shape[0]))]
        for row, slab in enumerate(slabs):
            geometry.fill(slab, data, row)
        return Windows(geometry, data, data, tuple(geometry.windows(slab) for slab in slabs))

    def __call__(self, tensors: Mapping[str, Tensor], value: Lanes | Tensor | Windows) -> Lanes:
        """tensors: weight (out, in, kernel height, kernel width), bias (out,) -> maps after pooling, bias and relu."""
        windows = value if isinstance(value, Windows) else self._windows(Lanes.of(value).data)
        weight = tensors["weight"]
        maps = self._products(windows, weight.permute(0, 3, 2, 1).reshape(1, len(weight), -1))
        if "bias" in tensors:
            maps += tensors["bias"][:, None]
        return Lanes(maps.relu_() if self.relu else maps)

    def _windows(self, data: Tensor) -> Windows:
        if data.shape not in self.slabs:
            self.slabs[data.shape] = self.geometry.slab(data)
        return Windows(self.geometry, data, self.slabs[data.shape])

    def _products(self, windows: Windows, matrix: Tensor) -> Tensor:
        """Pooled maps (rows, columns, out, samples) without bias."""
        columns = self.geometry.columns(windows.data.shape[1])
        maps, products = self._buffers(len(windows), columns, matrix.shape[1], windows.data)
        matrices = matrix.expand(columns, -1, -1)
        for row, pooled in enumerate(maps):
            parts = products if self.pool > 1 else (pooled,)
            for step, part in enumerate(parts):
                torch.bmm(matrices, windows.row(row * self.pool + step), out=part)
            if self.pool > 1:
                highest(products, self.pool, out=pooled)
        return maps

    def _buffers(self, rows: int, columns: int, channels: int, data: Tensor) -> tuple[Tensor, Tensor]:
        """Maps, and the products of the rows that one row of maps is pooled from."""
        key = (rows, columns, channels, data.shape[-1])
        if key not in self.buffers:
            maps = data.new_empty(rows // self.pool, columns // self.pool, *key[2:])
            self.buffers[key] = maps, data.new_empty(self.pool, *key[1:])
        return self.buffers[key]


def highest(rows: Tensor, pool: int, out: Tensor) -> None:
    """Maximum over windows of pool x pool, NaN wins: (pool, columns, ...) -> (columns // pool, ...); spends `rows`."""
    tallest, *others = rows
    for row in others:
        torch.maximum(tallest, row, out=tallest)
    columns = [tallest[step : len(out) * pool : pool] for step in range(pool)]
    torch.maximum(columns[0], columns[1], out=out)
    for column in columns[2:]:
        torch.maximum(out, column, out=out)


def _pair(value: tuple[int, ...]) -> tuple[int, int]:
    first, second = value
    return first, second
