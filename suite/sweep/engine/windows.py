"""The windows of a convolution over lanes, as matrices that need no copy of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Geometry:
    """What of a Conv2d says where its windows lie; kernel, stride and padding are (height, width)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    @staticmethod
    def of(layer: nn.Conv2d) -> Geometry | None:
        """None for what windows of rows do not cover: groups, dilation, padding by name or by reflection."""
        plain = layer.groups == 1 and tuple(layer.dilation) == (1, 1) and layer.padding_mode == "zeros"
        if not plain or isinstance(layer.padding, str):
            return None
        return Geometry(*((pair[0], pair[1]) for pair in (layer.kernel_size, layer.stride, layer.padding)))

    def padded(self, data: Tensor) -> Tensor:
        """Maps (height, width, channels, samples) with their zero border."""
        top, left = self.padding
        if not (top or left):
            return data
        height, width, channels, samples = data.shape
        padded = data.new_zeros(height + 2 * top, width + 2 * left, channels, samples)
        padded[top : top + height, left : left + width] = data
        return padded

    def bands(self, padded: Tensor) -> Tensor:
        """The input rows of each output row: (rows, padded width, kernel height, channels, samples), no copy."""
        height, width, channels, samples = padded.shape
        rows = (height - self.kernel[0]) // self.stride[0] + 1
        line, column = width * channels * samples, channels * samples
        shape = (rows, width, self.kernel[0], channels, samples)
        return padded.as_strided(shape, (self.stride[0] * line, column, line, samples, 1))

    def windows(self, band: Tensor) -> Tensor:
        """Matrices (columns, kernel width x height x channels, samples) of one contiguous band, no copy."""
        width, height, channels, samples = band.shape
        column = height * channels * samples
        columns = (width - self.kernel[1]) // self.stride[1] + 1
        shape = (columns, self.kernel[1] * height * channels, samples)
        return band.as_strided(shape, (self.stride[1] * column, samples, 1), band.storage_offset())


@dataclass(frozen=True)
class Windows:
    """The windows of one input, output row by output row.

    Without `bands` each row has matrices of its own, laid out once for all items; with them the rows are laid out in
    turn in `buffer`, which the only matrices look into.
    """

    matrices: Sequence[Tensor]
    bands: Sequence[Tensor] = ()
    buffer: Tensor | None = None

    @property
    def rows(self) -> int:
        """Output rows."""
        return len(self.bands or self.matrices)

    @property
    def nbytes(self) -> int:
        """Memory that the windows lie in."""
        return self.matrices[0].untyped_storage().nbytes()

    def row(self, row: int) -> Tensor:
        """Matrices (columns, kernel cells, samples) of one output row, valid until the next call."""
        if self.buffer is None:
            return self.matrices[row]
        self.buffer.copy_(self.bands[row])
        return self.matrices[0]
