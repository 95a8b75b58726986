"""Files that are either old or new, never torn: temporary file, fsync, rename."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from suite.contract import SuiteError


class ResultsNotWritable(SuiteError):
    """The results folder refuses writes: read-only, full, over quota, or not ours."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an OSError inside into ResultsNotWritable, which names `path`, the cause and the fix."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        raise ResultsNotWritable(
            f"{path}: cannot write results ({cause}); free space there or make it writable, then give the same "
            "command again: what is already written is kept and only the missing units are computed"
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` to `path` atomically and durably; parents are made. Raises ResultsNotWritable."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = sibling(path)
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def sibling(path: Path) -> Path:
    """A name beside `path` that no other process uses: what is written there can be renamed onto `path`."""
    return path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")


def clear_siblings(path: Path) -> None:
    """Deletes the folders beside `path`, whose name may be a pattern, that a killed process left half-written; to be
    called while nobody else writes there."""
    for left in path.parent.glob(f"{path.name}.*.partial"):
        shutil.rmtree(left, ignore_errors=True)


def replace_folder(new: Path, path: Path) -> None:
    """Renames the folder `new` to `path`; a folder that is already there makes way and is then deleted."""
    with writing(path):
        if not path.exists():
            new.rename(path)
            return
        old = sibling(path)
        path.rename(old)
        new.rename(path)
        shutil.rmtree(old)


def cut_torn_line(file: Any) -> None:
    """Removes what follows the last line end of a log open for reading and writing: a writer was killed in it."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
