"""What a power cut leaves: contents and names as they were when a file, or its folder, was last synced. Linux alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.results import files


class Disk:
    """Watches every `os.fsync` below a folder, and every sync of a whole file system. on_sync: called after each.

    A new folder's name is kept with the first thing in it that is, as the journals of file systems do; whatever takes
    the place of something else must be synced by name.
    """

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self._root, self._sync, self._sync_all = root, os.fsync, files.sync_file_system
        # Zarr writes chunks side by side: a folder's names as they were must not come after newer ones.
        self._lock = threading.Lock()
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self.on_sync: Callable[[], None] = lambda: None
        patch.setattr(os, "fsync", self._synced)
        patch.setattr(files, "sync_file_system", self._all_synced)

    def left(self, file: Path) -> bytes | None:
        """What there is of a file after a power cut now; None where its name is gone, b"" where its content is."""
        number: int | None = _number(self._root)
        for part in file.relative_to(self._root).parts:
            number = None if number is None else self._names.get(number, {}).get(part)
        return None if number is None else self._contents.get(number, b"")

    def holds(self, file: Path) -> bool:
        """Whether the content of a file, whatever its name is by then, would be what it is now."""
        return self._contents.get(_number(file)) == file.read_bytes()

    def lost(self) -> list[Path]:
        """The files that would not be what they are now."""
        there = (file for file in self._root.rglob("*") if file.is_file())
        return [file for file in there if self.left(file) != file.read_bytes()]

    def _synced(self, descriptor: int) -> None:
        self._sync(descriptor)
        with self._lock:
            self._note(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        self.on_sync()

    def _all_synced(self, folder: Path) -> None:
        self._sync_all(folder)
        with self._lock:
            for path in (self._root, *self._root.rglob("*")):
                self._note(path)
        self.on_sync()

    def _note(self, path: Path) -> None:
        if path.is_dir():
            self._names[_number(path)] = {child.name: _number(child) for child in path.iterdir()}
            while path != self._root:
                self._names.setdefault(_number(path.parent), {}).setdefault(path.name, _number(path))
                path = path.parent
        else:
            self._contents[_number(path)] = path.read_bytes()


def _number(path: Path) -> int:
    return path.stat().st_ino
