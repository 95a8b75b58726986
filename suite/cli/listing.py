"""What `suite list` prints: every plug-in found, usable or not. Loads no heavy library."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from suite import figures
from suite.contract.registry import Entry, Kind, registry
from suite.studies.study import BUILT_IN

_KINDS: tuple[Kind, ...] = ("workload", "method", "device")
_COLUMNS = 80


def lines(plugins: Iterable[Path] = ()) -> Iterator[str]:
    """A heading per kind, a line per file; a broken file is a line with its reason."""
    found = registry(tuple(plugins))
    for kind in _KINDS:
        yield f"{kind}s"
        yield from (
            _line(entry.name, _describe(entry), folded=entry.value is not None) for entry in found.entries(kind)
        )
    yield "figures"
    for name in figures.names():
        yield _line(name, figures.find(name).title)
    yield "studies"
    yield from (_line(path.stem, _first_comment(path)) for path in sorted(BUILT_IN.glob("*.yaml")))


def _line(name: str, text: str, *, folded: bool = True) -> str:
    """An entry, over several lines of a terminal where it is long; a reason stays in one piece, to be searched for."""
    line = f"  {name:22} {text}"
    if not folded:
        return line
    return textwrap.fill(line, _COLUMNS, subsequent_indent=" " * 25, break_long_words=False, break_on_hyphens=False)


def _describe(entry: Entry) -> str:
    if entry.value is None:
        return f"BROKEN: {entry.path}: {entry.reason}"
    if entry.missing:
        return f"{entry.value.title} (needs: pip install {' '.join(entry.missing)})"
    return str(entry.value.title)


def _first_comment(path: Path) -> str:
    return path.read_text().splitlines()[0].lstrip("# ")
