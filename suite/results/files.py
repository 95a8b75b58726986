"""Files that are old or new, never torn, not even by a power cut: temporary file, fsync, rename, fsync of the name."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from suite.contract import SuiteError

# Of what is written at once: the files of each stage are on disk, names and all, before any of the next has its name.
Stages = Sequence[Mapping[Path, bytes]]
# So many are synced one by one; where there are more, all that their file systems have waiting is.
FEW = 8
# From then on Linux tells whether a file system could write all that it had waiting.
TELLS_OF_ERRORS = (5, 8)


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


class Batch:
    """Files that are written together, and so at the price of a few waits for the disk, however many they are.

    They have their names from `commit` on. At any moment, and after a power cut, each is old or new.
    """

    def __init__(self) -> None:
        self._stages: list[list[tuple[Path, Path]]] = []
        self._unnamed: set[Path] = set()
        # Of each file system.
        self._folders: dict[int, Path] = {}

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *error: object) -> None:
        """Deletes what has no name, where that can be done."""
        for partial in self._unnamed:
            with suppress(OSError):
                partial.unlink()

    def add(self, stages: Stages) -> None:
        """Writes contents; parents are made. Raises ResultsNotWritable: then none of these is part of the batch."""
        added = [[(self._written(path, content), path) for path, content in stage.items()] for stage in stages]
        self._stages += [[] for _ in added[len(self._stages) :]]
        for stage, more in zip(self._stages, added, strict=False):
            stage += more

    def _written(self, path: Path, content: bytes) -> Path:
        partial = sibling(path)
        self._unnamed.add(partial)
        with writing(path):
            try:
                file = partial.open("wb")
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = partial.open("wb")
            with file:
                self._folders[os.fstat(file.fileno()).st_dev] = path.parent
                file.write(content)
        return partial

    def commit(self) -> None:
        """Gives all their names; once this returns they outlast a power cut. Raises ResultsNotWritable."""
        self._sync([partial for stage in self._stages for partial, _ in stage], sync)
        for stage in self._stages:
            for partial, path in stage:
                with writing(path):
                    partial.replace(path)
                self._unnamed.remove(partial)
            self._sync({path.parent for _, path in stage}, sync_names)
        self._stages = []

    def _sync(self, paths: Collection[Path], one: Callable[[Path], None]) -> None:
        many = len(paths) > FEW and _syncfs() is not None
        for path in self._folders.values() if many else paths:
            with writing(path):
                (sync_file_system if many else one)(path)


def write_files(*stages: Mapping[Path, bytes]) -> None:
    """Writes files as one batch. Raises ResultsNotWritable."""
    with Batch() as batch:
        batch.add(stages)
        batch.commit()


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` to `path` atomically; parents are made. What was there or, once this returns, `content` outlasts
    a power cut. Raises ResultsNotWritable."""
    write_files({path: content})


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


def sync_file_system(folder: Path) -> None:
    """Has on disk all that was written to the file system of a folder. Raises OSError."""
    call = _syncfs()
    assert call is not None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if call(descriptor):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Linux's call, which Python lacks; None where there is none, or one that is silent about errors."""
    if sys.platform != "linux" or tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) < TELLS_OF_ERRORS:
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    return found


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
