"""What `suite list` prints: every plug-in found, usable or not. Loads no heavy library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from suite import figures
from suite.contract.registry import Entry, Kind, registry
from suite.studies.study import BUILT_IN

_KINDS: tuple[Kind, ...] = ("workload", "method", "device")


def lines(plugins: Iterable[Path] = ()) -> Iterator[str]:
    """A heading per kind, a line per file; a broken file is a line with its reason."""
    found = registry(tuple(plugins))
    for kind in _KINDS:
        yield f"{kind}s"
        yield from (f"  {entry.name:22} {_describe(entry)}" for entry in found.entries(kind))
    yield "figures"
    for name in figures.names():
        yield f"  {name:22} {figures.find(name).title}"
    yield "studies"
    yield from (f"  {path.stem:22} {_first_comment(path)}" for path in sorted(BUILT_IN.glob("*.yaml")))


def _describe(entry: Entry) -> str:
    if entry.value is None:
        return f"BROKEN: {entry.path}: {entry.reason}"
    if entry.missing:
        return f"{entry.value.title} (needs: pip install {' '.join(entry.missing)})"
    return str(entry.value.title)


def _first_comment(path: Path) -> str:
    return path.read_text().splitlines()[0].lstrip("# ")
