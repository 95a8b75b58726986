"""Convolution of lanes, with the pooling, bias and relu that follow it, as matrix products over rows of windows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from suite.sweep.engine.lanes import Lanes
from suite.sweep.engine.windows import Geometry, Windows


class Convolution:
    """A Conv2d, then non-overlapping max pooling (side `pool`, 1 for none), then bias, then relu.

    Pooling before bias and relu is exact: both are monotonic and the same for all cells of a pooling window.
    Buffers are kept per shape and reused, so a result is only valid until the next call.
    """

    def __init__(self, geometry: Geometry, pool: int = 1, relu: bool = False) -> None:
        self.geometry, self.pool, self.relu = geometry, pool, relu
        self.bands: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}
        self.outputs: dict[tuple[int, ...], _Outputs] = {}

    def prepare(self, value: Lanes | Tensor) -> Windows:
        """The windows of an input that is common to all items, laid out once."""
        bands = self.geometry.bands(self.geometry.padded(Lanes.of(value).data)).contiguous()
        return Windows([self.geometry.windows(band) for band in bands])

    def __call__(self, tensors: Mapping[str, Tensor], value: Lanes | Tensor | Windows) -> Lanes:
        """tensors: weight (out, in, kernel height, kernel width), bias (out,)."""
        windows = value if isinstance(value, Windows) else self._windows(Lanes.of(value).data)
        weight = tensors["weight"]
        kernel = weight.permute(0, 3, 2, 1).reshape(1, len(weight), -1)
        maps = self._products(windows, kernel)
        if "bias" in tensors:
            maps += tensors["bias"][:, None]
        return Lanes(maps.relu_() if self.relu else maps)

    def _windows(self, data: Tensor) -> Windows:
        bands = self.geometry.bands(self.geometry.padded(data))
        key = tuple(data.shape)
        if key not in self.bands:
            buffer = torch.empty_like(bands[0], memory_format=torch.contiguous_format)
            self.bands[key] = buffer, self.geometry.windows(buffer)
        buffer, matrices = self.bands[key]
        return Windows((matrices,), bands.unbind(), buffer)

    def _products(self, windows: Windows, kernel: Tensor) -> Tensor:
        """Pooled maps (rows, columns, out, samples) without bias; kernel (1, out, kernel cells)."""
        columns, _, samples = windows.matrices[0].shape
        key = (windows.rows, columns, kernel.shape[1], samples)
        if key not in self.outputs:
            self.outputs[key] = _Outputs(key, self.pool, kernel)
        outputs, kernels = self.outputs[key], kernel.expand(columns, -1, -1)
        row = 0
        for pooled in outputs.rows:
            for product in outputs.products or (pooled,):
                torch.bmm(kernels, windows.row(row), out=product)
                row += 1
            if outputs.products:
                outputs.pool_into(pooled)
        return outputs.maps


class _Outputs:
    """Buffers for the maps of one shape and, where they are pooled, for the products that a row is pooled from."""

    def __init__(self, shape: tuple[int, ...], pool: int, like: Tensor) -> None:
        rows, columns, channels, samples = shape
        self.maps = like.new_empty(rows // pool, columns // pool, channels, samples)
        self.rows = self.maps.unbind()
        self.products = like.new_empty(pool, columns, channels, samples).unbind() if pool > 1 else ()
        used = columns // pool * pool
        self.columns = [self.products[0][step:used:pool] for step in range(pool)] if pool > 1 else []

    def pool_into(self, row: Tensor) -> None:
        """Maximum over the windows of one pooled row; NaN wins."""
        tallest, *others = self.products
        for other in others:
            torch.maximum(tallest, other, out=tallest)
        torch.maximum(self.columns[0], self.columns[1], out=row)
        for column in self.columns[2:]:
            torch.maximum(row, column, out=row)
