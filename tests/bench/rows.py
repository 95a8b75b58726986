"""One figure of any bench, held against its bar: the row that all benches share, the table they print, their file."""

from __future__ import annotations

import csv
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from math import isnan
from pathlib import Path
from typing import Literal

from suite.contract import SuiteError
from suite.results.provenance import hardware

_COMPARED: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}

# What, value, unit, bar.
Figure = tuple[str, float, str, str]


@dataclass(frozen=True)
class Measured:
    """One figure. bar: ">= 3" or "<= 10" in the same unit, "" where none is set; holds: "" where there is no bar."""

    bench: str
    name: str
    value: float
    unit: str
    bar: str
    holds: Literal["pass", "short", ""]
    processor: str
    torch: str


COLUMNS = [field.name for field in fields(Measured)]


def measured(bench: str, name: str, value: float, unit: str, bar: str = "") -> Measured:
    """The row of a figure on this machine; raises ValueError for a bar that cannot be read."""
    return Measured(bench, name, value, unit, bar, _holds(value, bar), hardware()["cpu"], version("torch"))


def rows_of(bench: str, of: str, figures: Iterable[Figure]) -> list[Measured]:
    """The rows of those figures of one thing that could be measured here: NaN stands for those that could not."""
    return [measured(bench, f"{of}: {what}", *figure) for what, *figure in figures if not isnan(figure[0])]


def _holds(value: float, bar: str) -> Literal["pass", "short", ""]:
    if not bar:
        return ""
    sign, _, limit = bar.partition(" ")
    if sign not in _COMPARED:
        raise ValueError(f"bar {bar!r}: write it as '>= 3' or '<= 10'")
    return "pass" if _COMPARED[sign](value, float(limit)) else "short"


def table(rows: Sequence[Measured]) -> str:
    """The rows as text, one line each."""
    if not rows:
        return "nothing was measured"
    cells = [("bench", "what", "value", "unit", "bar", "")]
    cells += [(row.bench, row.name, f"{row.value:.4g}", row.unit, row.bar, row.holds) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    return "\n".join([*lines, f"on {rows[0].processor}; torch {rows[0].torch}"])


def write(rows: Iterable[Measured], path: Path) -> None:
    """The rows as CSV, numbers with four digits. What the file has already stays, but for what is measured anew: the
    same figure on the same processor."""
    found = {_key(row): row for row in read(path)} if path.exists() else {}
    for row in rows:
        cells = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in asdict(row).items()}
        found[_key(cells)] = cells
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.values())


def read(path: Path) -> list[dict[str, str]]:
    """The rows of such a file. Raises SuiteError for any other file."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise SuiteError(f"{path}: not a table of benches (columns {', '.join(COLUMNS)}); name another file")
        return list(reader)


def _key(cells: dict[str, str]) -> tuple[str, ...]:
    return cells["bench"], cells["name"], cells["processor"]
