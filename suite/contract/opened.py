"""Which files code opens for reading, as Python's audit events tell it (PEP 578).

Readers in other languages that open files themselves raise no event: h5py, safetensors, pyarrow given a path. Files
that Python or an installed package reads of its own are left out: versions tell what these hold.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from pathlib import Path
from threading import get_ident
from types import FrameType
from typing import Any, TypeVar

from suite.contract.digests import file_hash
from suite.contract.errors import SuiteError

Value = TypeVar("Value")

_INSTALLED = ("site-packages", "dist-packages")
_MACHINE = ("/proc/", "/sys/", "/dev/", "/etc/")
_STANDARD = os.path.dirname(os.__file__) + os.sep
# What importlib.metadata reads of installed packages, wherever they are installed from.
_DISTRIBUTIONS = (".dist-info", ".egg-info")
_COMPILED = (*BYTECODE_SUFFIXES, *EXTENSION_SUFFIXES, ".so", ".dll", ".dylib")
# Who reads source files as such: imports, and whoever shows a line of code.
_READERS = ("<frozen importlib", f"{_STANDARD}linecache.py", f"{_STANDARD}tokenize.py")
_WRITES = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class ReadUnseen(SuiteError):
    """A plug-in read a file at a time when no hash can hold it."""


@dataclass
class Opened:
    """SHA-256 of what was read, by file, in the order of the first reads; of what other threads read, by content.

    rewritten: a file was both written and read, so that another time fewer may be read.
    """

    files: dict[Path, str]
    rewritten: bool


@dataclass
class _Watch:
    """One call that is watched: `frame` is the one that made it, `others` are the threads that ran before it."""

    frame: FrameType | None
    others: frozenset[int]
    thread: int = field(default_factory=get_ident)
    read: dict[Path, None] = field(default_factory=dict)
    apart: set[Path] = field(default_factory=set)
    written: set[Path] = field(default_factory=set)
    at_import: dict[Path, dict[Path, None]] = field(default_factory=dict)

    def see(self, path: Path, writes: bool, frames: list[FrameType]) -> None:
        """Book one file."""
        if get_ident() in self.others:
            return
        inside = frames[: frames.index(self.frame)] if self.frame in frames else frames
        module = next((frame for frame in inside if frame.f_code.co_name == "<module>"), None)
        if writes:
            self.written.add(path)
        elif module is not None:
            self.at_import.setdefault(Path(module.f_code.co_filename).resolve(), {})[path] = None
        elif get_ident() == self.thread:
            self.read[path] = None
        else:
            self.apart.add(path)


_WATCHES: list[_Watch] = []
_GUARDED: set[int] = set()
# What a module read while it was imported, by its own file: whatever reaches the module depends on it.
_AT_IMPORT: dict[Path, list[str]] = {}


def opened_by(call: Callable[[], Value]) -> tuple[Value, Opened]:
    """What a call returns, and the files that it read: in this thread, or in threads that it started."""
    _install()
    watch = _Watch(sys._getframe(), frozenset(sys._current_frames()) - {get_ident()})
    _WATCHES.append(watch)
    try:
        value = call()
    finally:
        _WATCHES.remove(watch)
        watch.frame = None
        for module, read in watch.at_import.items():
            _AT_IMPORT[module] = list(_hashed(read).values())
    files = _hashed(watch.read)
    apart = _hashed(path for path in watch.apart if path not in files)
    in_order = sorted(apart, key=lambda path: apart[path])
    return value, Opened(files | {path: apart[path] for path in in_order}, not watch.written.isdisjoint(files | apart))


def read_at_import(module: Path) -> list[str]:
    """SHA-256 of each file that a module read while it was imported, in this order."""
    return _AT_IMPORT.get(module, [])


@contextmanager
def no_method_or_device_reads() -> Iterator[None]:
    """Raises ReadUnseen where a method or a device reads a file in this thread: no hash would hold it."""
    _install()
    _GUARDED.add(get_ident())
    try:
        yield
    finally:
        _GUARDED.discard(get_ident())


def _hashed(paths: Iterable[Path]) -> dict[Path, str]:
    return {path: _hash(path, os.stat(path)) for path in paths if path.is_file()}


def _hash(path: Path, found: os.stat_result) -> str:
    return _hash_of(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@cache
def _hash_of(path: Path, *stamp: int) -> str:
    return file_hash(path)


@cache
def _install() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hooks cannot be taken off again: this one does nothing unless somebody watches."""
    if not (_WATCHES or _GUARDED) or event not in ("open", "sqlite3.connect"):
        return
    if not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    path = os.path.abspath(os.fsdecode(arguments[0]))
    frames = list(_frames(sys._getframe(1)))
    if not _counts(path, [frame.f_code.co_filename for frame in frames]):
        return
    writes = event == "open" and bool(arguments[2] & _WRITES)
    for watch in _WATCHES:
        watch.see(Path(path), writes, frames)
    if get_ident() in _GUARDED and not writes:
        _refuse(path, frames)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _counts(path: str, readers: list[str]) -> bool:
    """Whether a file may hold what results depend on."""
    if path.startswith(_MACHINE) or path.endswith(_COMPILED) or Path(path).parent.name.endswith(_DISTRIBUTIONS):
        return False
    if path.endswith(tuple(SOURCE_SUFFIXES)) and readers[0].startswith(_READERS):
        return False
    package = _package(path)
    if package is None:
        return not path.startswith(_STANDARD)
    return package not in map(_package, readers)


@cache
def _package(path: str) -> str | None:
    """The folder of the installed package that a file lies in."""
    for folder in _INSTALLED:
        _, found, rest = path.partition(f"{os.sep}{folder}{os.sep}")
        if found:
            return rest.partition(os.sep)[0]
    return None


def _refuse(path: str, frames: list[FrameType]) -> None:
    """The plug-in that is nearest to the read answers for it; workloads read their data."""
    for frame in frames:
        kind = str(frame.f_globals.get("__name__", "")).removeprefix("suite_plugin_").partition("_")[0]
        if kind == "workload":
            return
        if kind in ("method", "device"):
            raise ReadUnseen(
                f"{frame.f_code.co_filename}, line {frame.f_lineno}: reads {path} while a unit runs, and no hash holds "
                "it; read it at the top of the file, outside of functions"
            )
