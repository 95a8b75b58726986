"""What a worker does with the scores of a unit: it fills the unit's own chunk of each array, the hash last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.layout import Block
from suite.results.cube.units import check_scores
from suite.results.files import write_files

if TYPE_CHECKING:
    import zarr

Array = np.ndarray[Any, Any]


def hash_number(hexadecimal: str) -> int:
    """The first 8 bytes of a unit's hexadecimal hash, as `unit_hash` holds them."""
    return int(hexadecimal[:16], 16)


def write_block(
    path: Path, workload: str, block: Block, scores: Mapping[str, Array], nonfinite: Array, unit_hash: int
) -> None:
    """Writes one unit; arguments and errors as of `Writer.stages`. Raises ResultsNotWritable as well."""
    write_files(*Writer(path).stages(workload, block, scores, nonfinite, unit_hash))


class Writer:
    """Gives the chunks of units; holds its cube's arrays open, for opening one takes longer than filling a chunk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: dict[tuple[str, str], zarr.Array[Any]] = {}

    def stages(
        self, workload: str, block: Block, scores: Mapping[str, Array], nonfinite: Array, unit_hash: int
    ) -> list[dict[Path, bytes]]:
        """Of one unit: scores {name: (c, r)}, counts of non-finite samples (c, r), and its hash, which is not 0.

        What lies there loses its hash before any of its scores, and the new hash comes last, each on disk before the
        next: no reader, nor a power cut, finds scores under another hash than their own. Any number of processes may
        write at once, different blocks. Raises UndefinedScore, UnalignedWrite or NoSuchArray; the unit counts as done
        only once the driver has marked it.
        """
        check_scores(workload, block, scores)

        def files(name: str, values: Array) -> dict[Path, bytes]:
            array = self._array(workload, name, block)
            return arrays.region_files(array, block.region, _with_holes(name, values, block))

        filled: dict[Path, bytes] = {}
        for name, values in (*scores.items(), (arrays.NONFINITE, nonfinite)):
            filled |= files(name, values)
        named = files(arrays.UNIT_HASH, np.full(block.shape, unit_hash, "uint64"))
        if not any(file.exists() for file in named):
            return [filled, named]
        return [files(arrays.UNIT_HASH, np.zeros(block.shape, "uint64")), filled, named]

    def _array(self, workload: str, name: str, block: Block) -> zarr.Array[Any]:
        """One that has grown since it was opened is opened anew; its chunk stays what it is."""
        array = self._opened.get((workload, name))
        if array is None or any(bounds.stop > size for bounds, size in zip(block.region, array.shape, strict=True)):
            array = self._opened[workload, name] = arrays.opened(self._path, workload, name)
        return array


def _with_holes(name: str, values: Array, block: Block) -> Array:
    dtype, fill = arrays.kind(name)
    chunk = np.full((1, 1, *block.chunk), fill, dtype)
    chunk[0, 0, : block.shape[0], : block.shape[1]] = values
    return chunk
