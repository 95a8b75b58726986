"""Finds workloads, methods and devices by scanning folders: file stem = name. The only module that imports plug-ins."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from suite.contract.cells import Device
from suite.contract.errors import SuiteError
from suite.contract.method import Method
from suite.contract.names import meant
from suite.contract.opened import opened_by
from suite.contract.workload import Workload

__fingerprint__ = "glue"

Kind = Literal["workload", "method", "device"]

_HOUSE = Path(__file__).parents[1]
_FOLDERS: dict[Kind, Path] = {
    "workload": _HOUSE.parent / "workloads",
    "method": _HOUSE / "methods",
    "device": _HOUSE / "devices",
}
_TYPES: dict[Kind, type] = {"workload": Workload, "method": Method, "device": Device}


class UnknownName(SuiteError):
    """A name that no plug-in file has."""


class BrokenPlugin(SuiteError):
    """A plug-in file that cannot be used, with the reason."""


@dataclass(frozen=True)
class Entry:
    """A plug-in file: its value, or the reason why there is none."""

    kind: Kind
    name: str
    path: Path
    value: Any = None
    reason: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Optional packages that a workload needs and this machine lacks."""
        needs = getattr(self.value, "needs", ())
        return tuple(package for package in needs if importlib.util.find_spec(package) is None)


class Registry:
    """All plug-in files of the house and of the user's folders (each with workloads/, methods/, devices/)."""

    def __init__(self, plugins: Iterable[Path] = ()) -> None:
        self._entries: dict[Kind, dict[str, Entry]] = {"workload": {}, "method": {}, "device": {}}
        for kind, folder in _FOLDERS.items():
            self._scan(kind, folder)
            for own in plugins:
                self._scan(kind, Path(own) / f"{kind}s")

    def entries(self, kind: Kind) -> list[Entry]:
        """Every file found, usable or not, by name."""
        return [entry for _, entry in sorted(self._entries[kind].items())]

    def entry(self, kind: Kind, name: str) -> Entry:
        """The file of a usable plug-in; raises UnknownName, or BrokenPlugin with the file's own error."""
        found = self._entries[kind].get(name)
        if found is None:
            raise UnknownName(f"unknown {kind} {name!r}{meant(name, self._entries[kind])}")
        if found.value is None:
            raise BrokenPlugin(f"{found.path}: this {kind} cannot be used: {found.reason}")
        return found

    def workload(self, name: str) -> Workload:
        """The WORKLOAD of workloads/NAME.py."""
        return self.entry("workload", name).value

    def method(self, name: str) -> Method:
        """The METHOD of suite/methods/NAME.py."""
        return self.entry("method", name).value

    def device(self, name: str) -> Device:
        """The DEVICE of suite/devices/NAME.py."""
        return self.entry("device", name).value

    def _scan(self, kind: Kind, folder: Path) -> None:
        for path in sorted(folder.glob("*.py")):
            if path.stem.startswith("_"):
                continue
            entry = _load(kind, path)
            if path.stem in self._entries[kind]:
                other = self._entries[kind][path.stem].path
                entry = Entry(kind, path.stem, path, reason=f"the name is taken by {other}; rename the file")
            self._entries[kind][path.stem] = entry


def _load(kind: Kind, path: Path) -> Entry:
    constant = kind.upper()
    try:
        module = _module(kind, path)
    except Exception as error:
        return Entry(kind, path.stem, path, reason=f"it raises {type(error).__name__} at import: {error}")
    value = getattr(module, constant, None)
    if value is None:
        return Entry(kind, path.stem, path, reason=f"it does not define {constant}")
    if not isinstance(value, _TYPES[kind]):
        reason = f"{constant} is a {type(value).__name__}, not a suite.contract.{_TYPES[kind].__name__}"
        return Entry(kind, path.stem, path, reason=reason)
    return Entry(kind, path.stem, path, value)


def _module(kind: Kind, path: Path) -> ModuleType:
    """Import a file under a name made of its path, so that equal stems in two folders never meet."""
    unique = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    name = f"suite_plugin_{kind}_{path.stem}_{unique}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    sys.modules[name] = module
    try:
        opened_by(lambda: loader.exec_module(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module


@lru_cache(maxsize=8)
def registry(plugins: tuple[Path, ...] = ()) -> Registry:
    """The registry of this process for these plug-in folders."""
    return Registry(plugins)
