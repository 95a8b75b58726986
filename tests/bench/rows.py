"""One figure of any bench, held against its bar: the row that all benches share, and the table they print."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from typing import Literal

from tests.bench.hardware import processor

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


def measured(bench: str, name: str, value: float, unit: str, bar: str = "") -> Measured:
    """The row of a figure on this machine; raises ValueError for a bar that cannot be read."""
    return Measured(bench, name, value, unit, bar, _holds(value, bar), processor(), version("torch"))


def known(bench: str, of: str, figures: Sequence[Figure]) -> list[Measured]:
    """The rows of those figures of one thing that could be measured here: NaN stands for those that could not."""
    return [
        measured(bench, f"{of}: {what}", value, unit, bar) for what, value, unit, bar in figures if not isnan(value)
    ]


def _holds(value: float, bar: str) -> Literal["pass", "short", ""]:
    if not bar:
        return ""
    sign, _, limit = bar.partition(" ")
    if sign not in _COMPARED:
        raise ValueError(f"bar {bar!r}: write it as '>= 3' or '<= 10'")
    return "pass" if _COMPARED[sign](value, float(limit)) else "short"


def table(rows: Sequence[Measured]) -> str:
    """The rows as text, one line each."""
    cells = [("bench", "what", "value", "unit", "bar", "")]
    cells += [(row.bench, row.name, f"{row.value:.4g}", row.unit, row.bar, row.holds) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    lines = [
        f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}} {d:<{widths[3]}}  {e:<{widths[4]}}  {f}".rstrip()
        for a, b, c, d, e, f in cells
    ]
    foot = f"on {rows[0].processor}; torch {rows[0].torch}" if rows else "nothing was measured"
    return "\n".join([*lines, foot])
