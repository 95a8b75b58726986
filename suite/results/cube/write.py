"""What a worker does with the scores of a unit: it fills the unit's own chunk of each array, the hash last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.layout import Block
from suite.results.cube.units import check_scores

Array = np.ndarray[Any, Any]


def hash_number(hexadecimal: str) -> int:
    """The first 8 bytes of a unit's hexadecimal hash, as `unit_hash` holds them."""
    return int(hexadecimal[:16], 16)


def write_block(
    path: Path, workload: str, block: Block, scores: Mapping[str, Array], nonfinite: Array, unit_hash: int
) -> None:
    """Writes one unit: scores {name: (c, r)}, counts of non-finite samples (c, r), and its hash, which is not 0.

    What lies there loses its hash before any of its scores, and the new hash comes last, each on disk before the next:
    no reader, nor a power cut, finds scores under another hash than their own. Any number of processes may write at
    once, different blocks. Raises UndefinedScore, UnalignedWrite, NoSuchArray or ResultsNotWritable; the unit counts as
    done only once the driver has marked it.
    """
    check_scores(workload, block, scores)
    opened = {name: arrays.opened(path, workload, name, "r+") for name in (*scores, arrays.NONFINITE, arrays.UNIT_HASH)}

    def write(name: str, values: Array) -> None:
        arrays.write_region(opened[name], block.region, _with_holes(name, values, block))

    if arrays.chunk_file(opened[arrays.UNIT_HASH], block.grid).exists():
        write(arrays.UNIT_HASH, np.zeros(block.shape, "uint64"))
    for name, values in (*scores.items(), (arrays.NONFINITE, nonfinite)):
        write(name, values)
    write(arrays.UNIT_HASH, np.full(block.shape, unit_hash, "uint64"))


def _with_holes(name: str, values: Array, block: Block) -> Array:
    dtype, fill = arrays.kind(name)
    chunk = np.full((1, 1, *block.chunk), fill, dtype)
    chunk[0, 0, : block.shape[0], : block.shape[1]] = values
    return chunk
