"""Reading chunks one by one, without Zarr's scheduler, which takes several times as long as a small chunk itself.

The bytes are what `arrays.create` asks Zarr for: the values in C order, zstd, CRC-32C (Zarr v3, "Codecs").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.results.cube import arrays

if TYPE_CHECKING:
    import zarr

Array = np.ndarray[Any, Any]


class Chunks:
    """The chunks of one array of a cube."""

    def __init__(self, array: zarr.Array[Any]) -> None:
        from numcodecs.checksum32 import CRC32C
        from numcodecs.zstd import Zstd

        self._folder, self._key = arrays.folder(array), array.metadata.encode_chunk_key
        self._shape, self._chunk, self._dtype, self._fill = array.shape, array.chunks, array.dtype, array.fill_value
        self._checked, self._unpacked = CRC32C(location="end").decode, Zstd().decode

    def at(self, grid: Sequence[int]) -> Array:
        """The chunk at indices `grid`, fill values where none is stored. Raises CorruptCube."""
        file = f"{self._folder}/{self._key(tuple(grid))}"
        try:
            with open(file, "rb") as opened:
                content = opened.read()
        except FileNotFoundError:
            return np.full(self._chunk, self._fill, self._dtype)
        try:
            return np.frombuffer(self._unpacked(self._checked(content)), self._dtype).reshape(self._chunk)
        except (ValueError, RuntimeError) as error:
            raise arrays.corrupt(self._folder, error) from error

    def row(self, first: int) -> Array:
        """`array[first]` of an array whose first axis has chunks of one. Raises CorruptCube."""
        shape, chunk = self._shape[1:], self._chunk[1:]
        values = np.empty(shape, self._dtype)
        for grid in product(*(range(-(-size // step)) for size, step in zip(shape, chunk, strict=True))):
            region = tuple(slice(at * step, (at + 1) * step) for at, step in zip(grid, chunk, strict=True))
            values[region] = self.at((first, *grid))[0]
        return values
