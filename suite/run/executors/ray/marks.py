"""Whether a worker sees the folders that the driver keeps results in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suite.plan.context import Context
from suite.results.files import write_bytes


@dataclass(frozen=True)
class Marks:
    """Files that the driver has written, and what they hold: of this run, and of no other."""

    files: tuple[Path, ...]
    content: bytes

    def seen(self) -> bool:
        """Whether this process sees all of them."""
        try:
            return all(file.read_bytes() == self.content for file in self.files)
        except OSError:
            return False


@contextmanager
def marked(context: Context) -> Iterator[Marks]:
    """With a mark in every folder that results go to. Raises ResultsNotWritable."""
    folders = {context.folder, context.store, *([] if context.units is None else [context.units])}
    marks = Marks(tuple(folder / ".seen" for folder in folders), uuid.uuid4().bytes)
    for file in marks.files:
        write_bytes(file, marks.content)
    try:
        yield marks
    finally:
        for file in marks.files:
            file.unlink(missing_ok=True)
