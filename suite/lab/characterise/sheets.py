"""The cells of a table as they stand in a file: numbers, texts, and empty ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

Cell = float | str | None

# An empty cell in the words of spreadsheets and instruments.
_MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "---"})
_NUMBER = {
    ".": re.compile(r"(?i)^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf$"),
    ",": re.compile(r"(?i)^[+-]?\d*,?\d+(e[+-]?\d+)?$|^[+-]?inf$"),
}


@dataclass(frozen=True)
class Sheet:
    """One table of a file. cells: a list per row, of unequal lengths; rows: the number of each in the file, from 1;
    told: how its bytes were understood, for messages."""

    title: str
    rows: list[int]
    cells: list[list[Cell]]
    told: str


def cell_of(text: str, decimal: str = ".") -> Cell:
    """What a text says: a number with this decimal mark, nothing, or itself."""
    stripped = text.strip()
    plain = stripped.replace("\N{MINUS SIGN}", "-")
    if _NUMBER[decimal].match(plain):
        return float(plain.replace(",", "."))
    return None if stripped.casefold() in _MISSING else stripped


def numbers_in(cells: list[Cell]) -> int:
    """How many cells of a row are numbers."""
    return sum(isinstance(cell, float) for cell in cells)


def texts_in(cells: list[Cell]) -> int:
    """How many cells of a row are texts."""
    return sum(isinstance(cell, str) for cell in cells)


def trimmed(cells: list[Cell]) -> list[Cell]:
    """A row without the empty cells at its end."""
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]
