"""What the driver knows of a workload's units: `status` per cell and `done_hash` per unit, each in one chunk.

Only the driver writes them, after a unit's data. They are rewritten whole: one atomic chunk while the shape stays,
a renamed folder when it grows. Between two such writes a journal holds the units that were done one by one.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.axes import holes
from suite.results.cube.chunks import Chunks
from suite.results.cube.journal import Journal
from suite.results.cube.layout import Layout
from suite.results.files import clear_siblings, replace_folder, sibling, writing

Array = np.ndarray[Any, Any]
STATUS, DONE_HASH = "status", "done_hash"
BLOCK_DIMENSIONS = ("contestant", "seed", "condition_block", "realisation_block")
# Part of the time between two writes of the arrays that the writes themselves may take: they cost as much as the cube
# is large, so the larger it is the longer the journal may grow.
WRITING_SHARE = 0.01
# Between two syncs of the journal.
SYNC_S = 1.0


class Status(IntEnum):
    """State of a cell; a hole is NOT_APPLICABLE."""

    PENDING = 0
    DONE = 1
    FAILED = 2
    NOT_APPLICABLE = 3


@dataclass
class Ledger:
    """In memory, (layout.grid): status int8, and done_hash uint64, 0 where a unit is not done."""

    path: Path
    workload: str
    layout: Layout
    status: Array
    done_hash: Array
    _next_write: float = 0.0
    _next_sync: float = 0.0

    @staticmethod
    def fresh(path: Path, workload: str, layout: Layout) -> Ledger:
        """All units pending."""
        return Ledger(path, workload, layout, np.zeros(layout.grid, "int8"), np.zeros(layout.grid, "uint64"))

    @staticmethod
    def load(path: Path, workload: str, layout: Layout) -> Ledger:
        """What is on disk; units that `layout` has more are pending. Raises CorruptCube.

        An array that is not there, because a process was killed while it made way for a larger one, is rebuilt.
        """
        known = arrays.exists(path, workload, DONE_HASH)
        done_hash = (load_done_hash if known else written_hashes)(path, workload, layout)
        known = arrays.exists(path, workload, STATUS)
        status = of_units(load_status(path, workload, layout), layout) if known else status_of(done_hash)
        return Ledger(path, workload, layout, status, done_hash)

    def mark(self, grids: Iterable[Sequence[int]], status: Status, hashes: Sequence[int]) -> None:
        """Sets the status of units, and their hashes (0 where not done). Raises ResultsNotWritable."""
        places = tuple(np.array(list(grids), int).reshape(-1, 4).T)
        new_status, new_hash = self.status.copy(), self.done_hash.copy()
        new_status[places], new_hash[places] = status, np.array(hashes, "uint64")
        self.replace(new_status, new_hash)

    def book(self, grid: Sequence[int], unit_hash: int) -> None:
        """Marks one unit as done: in the journal (which says how safe that is) when this returns, in the arrays at the
        next `settle` or before. Raises ResultsNotWritable.
        """
        self._journal.append(grid, unit_hash)
        self.status[tuple(grid)], self.done_hash[tuple(grid)] = Status.DONE, unit_hash
        if self._due():
            self.settle()
        elif time.monotonic() >= self._next_sync:
            self._journal.sync()
            self._next_sync = time.monotonic() + SYNC_S

    def settle(self) -> None:
        """Has the arrays take in the journal. Raises ResultsNotWritable; the journal then stays."""
        if self._journal.path.exists():
            start = time.monotonic()
            self.replace(self.status, self.done_hash)
            now = time.monotonic()
            self._next_write = now + (now - start) / WRITING_SHARE

    def replace(self, status: Array, done_hash: Array) -> None:
        """Writes both onto disk; memory follows only what is there. A crash between leaves units to be redone."""
        _store(self.path, self.workload, DONE_HASH, done_hash, BLOCK_DIMENSIONS)
        self.done_hash = done_hash
        _store(self.path, self.workload, STATUS, of_cells(status, self.layout), arrays.DIMENSIONS)
        self.status = status
        # Last, so that a crash before leaves the journal, which says the same once more.
        self._journal.clear()

    def _due(self) -> bool:
        return time.monotonic() >= self._next_write

    @property
    def _journal(self) -> Journal:
        return journal_of(self.path, self.workload)


def journal_of(path: Path, workload: str) -> Journal:
    """The journal of a workload. It goes with `status`, which is the array that is written last."""
    return Journal(path / workload / STATUS)


def of_units(status: Array, layout: Layout) -> Array:
    """(layout.grid) of (layout.shape): a unit's first cell is never a hole, so it speaks for the unit."""
    return status[:, :, :: layout.chunk[0], :: layout.chunk[1]].copy()


def of_cells(status: Array, layout: Layout) -> Array:
    """(layout.shape) of (layout.grid): a unit's status for each of its cells, NOT_APPLICABLE at holes."""
    return with_holes(status.repeat(layout.chunk[0], axis=2).repeat(layout.chunk[1], axis=3), layout)


def with_holes(status: Array, layout: Layout) -> Array:
    """`status` with NOT_APPLICABLE at every hole of `layout`, in place."""
    status[:, :, holes(layout.conditions)] = Status.NOT_APPLICABLE
    status[..., holes(layout.realisations)] = Status.NOT_APPLICABLE
    return status


def load_status(path: Path, workload: str, layout: Layout) -> Array:
    """Status of each cell on disk, (layout.shape). Raises CorruptCube."""
    # Before the array: what a driver moves from here to there in between is then seen in both.
    booked = journal_of(path, workload).read(layout.grid)["grid"]
    status = _stored(path, workload, STATUS, layout.shape)
    if len(booked):
        contestants, seeds, conditions, realisations = layout.grid
        units = status.reshape(contestants, seeds, conditions, layout.chunk[0], realisations, layout.chunk[1])
        contestant, seed, condition, realisation = booked.T
        units[contestant, seed, condition, :, realisation, :] = Status.DONE
    return with_holes(status, layout)


def load_done_hash(path: Path, workload: str, layout: Layout) -> Array:
    """Hash of each unit as marked on disk, (layout.grid). Raises CorruptCube."""
    booked = journal_of(path, workload).read(layout.grid)
    done_hash = _stored(path, workload, DONE_HASH, layout.grid)
    done_hash[tuple(booked["grid"].T)] = booked["hash"]
    return done_hash


def written_hashes(path: Path, workload: str, layout: Layout) -> Array:
    """`done_hash` as the units themselves tell it, (layout.grid): 0 where none was written or it cannot be decoded."""
    written, found = Chunks(arrays.opened(path, workload, arrays.UNIT_HASH)), np.zeros(layout.grid, "uint64")
    for grid in np.ndindex(found.shape):
        with suppress(arrays.CorruptCube):
            found[grid] = written.at(grid)[0, 0, 0, 0]
    return found


def status_of(done_hash: Array) -> Array:
    """Status of units as the marked hashes tell it, (layout.grid): what is not done is pending, whatever it was."""
    return np.where(done_hash != 0, np.int8(Status.DONE), np.int8(Status.PENDING))


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
