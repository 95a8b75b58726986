"""Ray's temporary folder: one for each run, gone with it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from suite.contract import SuiteError

# Unix sockets of Ray lie below its temporary folder, and their paths are limited to 107 characters.
LONGEST_TEMP_DIR = 45


class FolderTooLong(SuiteError):
    """Ray's sockets cannot have so long a path."""


@contextmanager
def own_folder() -> Iterator[str]:
    """A short folder that no other run uses, deleted at the end; those that killed runs left go as the next one begins.

    Ray's default one belongs to whoever came first.
    """
    common = Path(tempfile.gettempdir()) / f"suite-{os.getuid()}"
    with ExitStack() as held:
        common.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(common):
            _clear(common)
            folder = Path(tempfile.mkdtemp(prefix="", dir=common))
            held.enter_context(_locked(folder))
        if len(str(folder)) > LONGEST_TEMP_DIR:
            folder.rmdir()
            raise FolderTooLong(f"{folder}: too long for Ray's sockets; set TMPDIR to a folder of a shorter path")
        try:
            yield str(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clear(common: Path) -> None:
    for left in common.iterdir():
        with suppress(OSError), _locked(left, fcntl.LOCK_NB):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    """The lock ends with the process that has it, whatever namespace that lives in. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(descriptor)
