"""Is this machine fit to run the suite? What `suite doctor` checks."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from suite.cli.listing import _KINDS
from suite.cli.packages import packages, pip_line
from suite.contract.registry import registry
from suite.data.datasets import data_root, statuses
from suite.results.cpus import allowed_cpus

Check = tuple[bool | None, str]

# Of data sources; all other states are fine.
_FINE = {"partial": False, "missing": None}


def checks(results: Path) -> Iterator[Check]:
    """(fine?, what was found) for Python, packages, plug-ins, data, cores and disk; None: not here, and nothing that
    has to be mended."""
    yield sys.version_info >= (3, 11), f"python {sys.version.split()[0]} (3.11 or newer)"
    yield from (_package(name, extra) for name, extra in packages().items())
    if not packages():
        yield None, "crossbar-suite runs from a folder and is not installed, so the packages it asks for are not known"
    yield from _plugins()
    root = data_root()
    for source in statuses(root):
        yield _FINE.get(source.state, True), f"data {source.name}: {source.state}: {source.note}"
    yield True, f"cores this process may use: {allowed_cpus()}"
    yield _writable(results)


def _package(name: str, extra: str) -> Check:
    try:
        return True, f"{name} {version(name)}"
    except PackageNotFoundError:
        return (None if extra else False), str(pip_line(name))


def _plugins() -> Iterator[Check]:
    for kind in _KINDS:
        for entry in registry().entries(kind):
            if entry.value is None:
                yield False, f"{entry.path}: {entry.reason}"


def _writable(results: Path) -> Check:
    folder = next(parent for parent in (results.resolve(), *results.resolve().parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free / 2**30
    except OSError as error:
        return False, f"{results}: cannot be written ({error.strerror}); choose another with --results"
    return free > 1, f"{results}: writable, {free:.0f} GiB free"
