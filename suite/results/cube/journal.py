"""Units that are done but not yet in the ledger's arrays: a record is appended for each, whatever the cube's size.

The file lies in the folder of the array `status`, where Zarr does not look; the ledger's next write takes it in. A
record is in the file once `append` returns, so a killed process loses none. It is on disk once `sync` returns, which
the ledger calls at most once per second and which its own writes do as well: a power cut can lose the units that were
booked in the second after the last of these. They are then computed again; their scores were on disk before.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite.results.files import sync, sync_names, writing

Array = np.ndarray[Any, Any]
# Place of the unit in `layout.grid`, and its hash, which is not 0.
RECORD = np.dtype([("grid", "<u4", 4), ("hash", "<u8")])


@dataclass(frozen=True)
class Journal:
    """The journal in the folder of an array."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file; there is none where nothing waits."""
        return self.folder / "journal"

    def append(self, grid: Sequence[int], unit_hash: int) -> None:
        """Adds one unit, in one write. Raises ResultsNotWritable; the unit then counts as not done."""
        record = np.array((tuple(grid), unit_hash), RECORD).tobytes()
        with writing(self.path), self.path.open("ab", buffering=0) as file:
            whole = file.tell() // RECORD.itemsize * RECORD.itemsize
            if whole != file.tell():
                # A writer was killed, or the disk was full, in the middle of a record.
                file.truncate(whole)
            if file.write(record) < len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def sync(self) -> None:
        """Has every record on disk. Raises ResultsNotWritable."""
        with writing(self.path):
            sync(self.path)
            sync_names(self.folder)

    def read(self, shape: Sequence[int]) -> Array:
        """The records (n,) RECORD of units within `shape`, without a torn last one."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return np.zeros(0, RECORD)
        records = np.frombuffer(content, RECORD, count=len(content) // RECORD.itemsize)
        return records[(records["grid"] < np.array(shape)).all(1) & (records["hash"] != 0)]

    def clear(self) -> None:
        """Deletes what the arrays have taken in. Raises ResultsNotWritable."""
        with writing(self.path):
            self.path.unlink(missing_ok=True)
            # Else a power cut brings it back, beside arrays that say otherwise by then.
            sync_names(self.folder)
