"""Bytes of a text file -> a table of cells: encoding, separator and decimal mark are found from the rows of numbers.

Instruments and spreadsheets write tabs, semicolons, commas or spaces, decimal points or commas, UTF-8, UTF-16 or
Windows-1252; headers may be separated otherwise than the numbers.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from suite.lab.characterise.sheets import Cell, Sheet, cell_of, numbers_in, texts_in, trimmed
from suite.lab.characterise.sweeps import SweepError

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# In the order of preference where several fit equally well.
_SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", "  ": "two or more spaces", " ": "space"}
# Spaces inside "Voltage (V)" and "U / V" separate nothing.
_SPACE = re.compile(r"(?<!/)\s+(?![(\[/])")
_COMMENT = re.compile(r"^\s*[#%]+")
# EasyEXPERT of the Keysight B1500 begins every row of a table with one of these.
_LABELS = ("DataName", "DataValue")
_SAMPLED_LINES = 200
_SHOWN_CHARACTERS = 60


class _Dialect(NamedTuple):
    separator: str
    decimal: str


def read_text(file: Path) -> Sheet:
    """The table of a text file; empty lines are counted, but not kept. Raises SweepError for what is no text."""
    encoding, text = _decoded(file, file.read_bytes())
    lines = {row: line for row, line in enumerate(text.splitlines(), start=1) if line.strip(" \t,;")}
    if not lines:
        raise SweepError(f"{file}: the file is empty; give a table with a line of column names and rows of numbers")
    dialect = _dialect(list(lines.values()))
    cells = [trimmed(_cells(line, dialect)) for line in lines.values()]
    width = max((len(row) for row in cells if numbers_in(row) >= 2), default=0)
    cells = [
        row if numbers_in(row) or len(row) >= width else _resplit(line, row, width)
        for line, row in zip(lines.values(), cells, strict=True)
    ]
    first = next(iter(lines.values())).strip()[:_SHOWN_CHARACTERS]
    separator = _SEPARATORS[dialect.separator]
    told = f"encoding {encoding}, separator {separator}, decimal mark {dialect.decimal!r}, first line {first!r}"
    return Sheet("", list(lines), cells, told)


def _decoded(file: Path, content: bytes) -> tuple[str, str]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            candidates = [encoding]
            break
    else:
        candidates = ["utf-8", "cp1252"]
        if b"\0" in content[:2]:
            candidates = ["utf-16-be" if content[0] == 0 else "utf-16-le"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return encoding, text
    raise SweepError(f"{file}: not a text in {' or '.join(candidates)}; export the sweeps as CSV in UTF-8, or as xlsx")


def _dialect(lines: Sequence[str]) -> _Dialect:
    """Under which most lines are rows of numbers; the most numbers, and the fewest texts beside them, where none is."""
    sample = lines[:: -(-len(lines) // _SAMPLED_LINES)]

    def fit(dialect: _Dialect) -> tuple[int, int]:
        rows = [row for row in (_cells(line, dialect) for line in sample) if numbers_in(row) >= 2]
        return sum(not texts_in(row) for row in rows), sum(numbers_in(row) - texts_in(row) for row in rows)

    return max((_Dialect(*pair) for pair in product(_SEPARATORS, ".,")), key=fit)


def _cells(line: str, dialect: _Dialect) -> list[Cell]:
    """Cells of a line; what follows a # after numbers is a comment, and a line that begins with one is a text."""
    if _COMMENT.match(line):
        return list(_split(line, dialect.separator))
    numbers = _parsed(line.partition("#")[0], dialect)
    return numbers if "#" not in line or numbers_in(numbers) else _parsed(line, dialect)


def _parsed(line: str, dialect: _Dialect) -> list[Cell]:
    texts = _split(line, dialect.separator)
    return [cell_of(text, dialect.decimal) for text in (texts[1:] if texts[0] in _LABELS else texts)]


def _resplit(line: str, cells: list[Cell], width: int) -> list[Cell]:
    """A line of text with another separator than the numbers, if that gives a cell for each of their columns."""
    for separator in _SEPARATORS:
        texts = _split(line, separator)
        if len(texts) == width:
            return list(texts)
    return cells


def _split(line: str, separator: str) -> list[str]:
    if separator == "  ":
        return re.split(r"\s{2,}", line.strip())
    if separator == " ":
        return _SPACE.split(line.strip())
    texts = next(csv.reader([line], delimiter=separator, skipinitialspace=True)) if '"' in line else []
    return [text.strip() for text in texts or line.split(separator)]
