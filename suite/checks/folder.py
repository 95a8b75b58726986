"""A plug-in folder of the user, held to the contract: what `suite check` prints."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from suite.checks.kit import Kit
from suite.checks.outcomes import STATES, State, outcomes
from suite.checks.table import KINDS
from suite.contract import SuiteError
from suite.contract.registry import Entry, registry

# Workloads of the house on which methods are tried beside the user's own: data and minutes are no matter.
SMALL = ("mnist_mlp", "mnist_lenet")
FOLDERS = tuple(f"{kind}s" for kind in KINDS)


class NoPlugins(SuiteError):
    """A folder in which no plug-in file can be found."""


def files_of(folder: Path) -> list[Entry]:
    """The user's files, usable or not. Raises NoPlugins where there are none, or where some would not be found."""
    for inner in sorted(path for path in folder.glob("*/") if path.name not in FOLDERS and any(path.glob("*.py"))):
        if close := difflib.get_close_matches(inner.name, FOLDERS, 1, cutoff=0.8):
            raise NoPlugins(f"{inner}: files in it are not found; rename it {close[0]}")
    found = [
        entry
        for kind in KINDS
        for entry in registry((folder,)).entries(kind)
        if entry.path.parent == folder / f"{kind}s"
    ]
    if not found:
        nearby = f"give {folder.parent} instead" if folder.name in FOLDERS else "put each file into that of its kind"
        raise NoPlugins(f"{folder}: no plug-in file in {', '.join(FOLDERS)} below it; {nearby}")
    return found


def lines(folder: Path, names: Sequence[str] = (), root: Path | None = None) -> Iterator[tuple[str, bool]]:
    """(line, no failure?), as the checks end: the files of the folder with an outcome per check, and their number.

    names: the workloads that are held, and on which methods and devices are tried (default: the folder's own, and two
    of the house beside for the other kinds). Raises NoPlugins, or UnknownName for a name that no workload has.
    """
    files = files_of(folder)
    kit = _kit(folder, files, names, root)
    count: Counter[State] = Counter()
    for entry in files:
        if entry.kind == "workload" and names and entry.name not in names:
            continue
        yield f"{entry.kind} {entry.name} ({entry.path})", True
        for outcome in outcomes(kit, entry):
            count[outcome.state] += 1
            yield f"  {outcome}", outcome.state != "FAILED"
    yield ", ".join(f"{count[state]} {state}" for state in STATES if count[state]), True


def _kit(folder: Path, files: Sequence[Entry], names: Sequence[str], root: Path | None) -> Kit:
    found = registry((folder,))
    for name in names:
        found.entry("workload", name)
    usable = {entry.name for entry in found.entries("workload") if entry.value}
    own = [entry.name for entry in files if entry.kind == "workload"]
    on = tuple(name for name in names or (*SMALL, *own) if name in usable)
    small = tuple(name for name in SMALL if name in on)
    return Kit((folder,), on=on, small=small, usual=(names or SMALL)[0], longest="ci", root=root)
