"""Files that are old or new, never torn, not even by a power cut: temporary file, fsync, rename, fsync of the name."""

from __future__ import annotations

import errno
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
    """Writes `content` to `path` atomically; parents are made. What was there or, once this returns, `content` outlasts
    a power cut. Raises ResultsNotWritable."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = sibling(path)
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            sync_names(path.parent)
        finally:
            partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Has the content of a file on disk, where no power cut takes it away. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(folder: Path) -> None:
    """Has the names in a folder on disk. Raises OSError, but not where the file system knows no such thing."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):
            raise


def sync_below(folder: Path) -> None:
    """Has a folder on disk, with all that it holds. Raises OSError."""
    for path in (folder, *folder.rglob("*")):
        (sync_names if path.is_dir() else sync)(path)


def sibling(path: Path) -> Path:
    """A name beside `path` that no other process uses: what is written there can be renamed onto `path`."""
    return path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")


def clear_siblings(path: Path) -> None:
    """Deletes the folders beside `path`, whose name may be a pattern, that a killed process left half-written; to be
    called while nobody else writes there."""
    for left in path.parent.glob(f"{path.name}.*.partial"):
        shutil.rmtree(left, ignore_errors=True)


def replace_folder(new: Path, path: Path) -> None:
    """Renames the folder `new` to `path`; a folder that is already there makes way and is then deleted. Raises
    ResultsNotWritable."""
    with writing(path):
        sync_below(new)
        old = sibling(path) if path.exists() else None
        if old:
            path.rename(old)
        new.rename(path)
        sync_names(path.parent)
        if old:
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
