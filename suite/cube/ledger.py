"""What the driver knows of a workload's units: `status` per cell and `done_hash` per unit, each in one chunk.

Only the driver writes them, after a unit's data. They are rewritten whole: one atomic chunk while the shape stays,
a renamed folder when it grows.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from suite.cube import arrays
from suite.cube.axes import holes
from suite.cube.layout import Block, Layout
from suite.files import clear_siblings, replace_folder, sibling, writing

Array = np.ndarray[Any, Any]
STATUS, DONE_HASH = "status", "done_hash"
BLOCK_DIMENSIONS = ("method", "seed", "condition_block", "realisation_block")


class Status(IntEnum):
    """State of a cell; a hole is NOT_APPLICABLE."""

    PENDING = 0
    DONE = 1
    FAILED = 2
    NOT_APPLICABLE = 3


@dataclass
class Ledger:
    """In memory: status (layout.shape) int8 and done_hash (layout.grid) uint64, 0 where a unit is not done."""

    path: Path
    workload: str
    layout: Layout
    status: Array
    done_hash: Array

    @staticmethod
    def fresh(path: Path, workload: str, layout: Layout) -> Ledger:
        """All units pending."""
        status = with_holes(np.zeros(layout.shape, "int8"), layout)
        return Ledger(path, workload, layout, status, np.zeros(layout.grid, "uint64"))

    @staticmethod
    def load(path: Path, workload: str, layout: Layout) -> Ledger:
        """What is on disk; units that `layout` has more are pending. Raises CorruptCube.

        An array that is not there, because a process was killed while it made way for a larger one, is rebuilt.
        """
        known = arrays.exists(path, workload, DONE_HASH)
        done_hash = (load_done_hash if known else written_hashes)(path, workload, layout)
        known = arrays.exists(path, workload, STATUS)
        status = load_status(path, workload, layout) if known else status_of(done_hash, layout)
        return Ledger(path, workload, layout, status, done_hash)

    def mark(self, blocks: Sequence[Block], status: Status, hashes: Sequence[int]) -> None:
        """Sets the status of whole blocks, and their hashes (0 where not done). Raises ResultsNotWritable."""
        new_status, new_hash = self.status.copy(), self.done_hash.copy()
        for block, value in zip(blocks, hashes, strict=True):
            new_status[block.region] = status
            new_hash[block.grid] = value
        self.replace(with_holes(new_status, self.layout), new_hash)

    def replace(self, status: Array, done_hash: Array) -> None:
        """Writes both; memory follows only what is on disk. A crash in between leaves units that are to be redone."""
        _store(self.path, self.workload, DONE_HASH, done_hash, BLOCK_DIMENSIONS)
        self.done_hash = done_hash
        _store(self.path, self.workload, STATUS, status, arrays.DIMENSIONS)
        self.status = status

    def block_status(self) -> Array:
        """(layout.grid) int8: a unit's first cell is never a hole, so it speaks for the unit."""
        return self.status[:, :, :: self.layout.chunk[0], :: self.layout.chunk[1]]


def with_holes(status: Array, layout: Layout) -> Array:
    """`status` with NOT_APPLICABLE at every hole of `layout`, in place."""
    status[:, :, holes(layout.conditions)] = Status.NOT_APPLICABLE
    status[..., holes(layout.realisations)] = Status.NOT_APPLICABLE
    return status


def load_status(path: Path, workload: str, layout: Layout) -> Array:
    """Status of each cell on disk, (layout.shape). Raises CorruptCube."""
    return with_holes(_stored(path, workload, STATUS, layout.shape), layout)


def load_done_hash(path: Path, workload: str, layout: Layout) -> Array:
    """Hash of each unit as marked on disk, (layout.grid). Raises CorruptCube."""
    return _stored(path, workload, DONE_HASH, layout.grid)


def written_hashes(path: Path, workload: str, layout: Layout) -> Array:
    """`done_hash` as the units themselves tell it, (layout.grid): 0 where none was written or it cannot be decoded."""
    written, found = arrays.opened(path, workload, arrays.UNIT_HASH), np.zeros(layout.grid, "uint64")
    for block in layout.blocks():
        with suppress(arrays.CorruptCube):
            found[block.grid] = arrays.read(written, block.region)[0, 0, 0, 0]
    return found


def status_of(done_hash: Array, layout: Layout) -> Array:
    """`status` as the marked hashes tell it, (layout.shape): what is not done is pending, whatever it was."""
    units = np.where(done_hash != 0, np.int8(Status.DONE), np.int8(Status.PENDING))
    return with_holes(units.repeat(layout.chunk[0], axis=2).repeat(layout.chunk[1], axis=3), layout)


def _stored(path: Path, workload: str, name: str, shape: Sequence[int]) -> Array:
    """What is on disk, fitted to `shape`: a growth that was cut short leaves a larger array than its labels say."""
    try:
        stored = arrays.read(arrays.opened(path, workload, name), ...)
    except arrays.NoSuchArray as error:
        raise arrays.corrupt(path / workload / name, error) from error
    values = np.zeros(tuple(shape), stored.dtype)
    common = tuple(slice(min(sizes)) for sizes in zip(stored.shape, shape, strict=True))
    values[common] = stored[common]
    return values


def _store(path: Path, workload: str, name: str, values: Array, dimensions: Sequence[str]) -> None:
    if arrays.exists(path, workload, name):
        array = arrays.opened(path, workload, name, "r+")
        if array.shape == values.shape:
            arrays.write_region(array, tuple(slice(0, size) for size in values.shape), values)
            return
    _store_grown(path, workload, name, values, dimensions)


def _store_grown(path: Path, workload: str, name: str, values: Array, dimensions: Sequence[str]) -> None:
    final = path / workload / name
    clear_siblings(final)
    made = sibling(final)
    try:
        with writing(final):
            arrays.create(path, workload, made.name, values.shape, values.shape, dimensions, variable=name)
            array = arrays.opened(path, workload, made.name, "r+")
            arrays.write_region(array, tuple(slice(0, size) for size in values.shape), values)
        replace_folder(made, final)
    finally:
        shutil.rmtree(made, ignore_errors=True)
