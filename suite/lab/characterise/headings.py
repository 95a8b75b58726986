"""Where a table of sweeps begins: the row that names its columns, a row of units below it, and the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suite.contract.names import cut
from suite.lab.characterise import units
from suite.lab.characterise.sheets import Cell, Sheet, numbers_in, texts_in
from suite.lab.characterise.sweeps import Source, SweepError

# V, V1, V_bias, U / V, voltage, bias; AV and BV are the channels of a Keithley 4200.
_VOLTAGE = re.compile(r"(?i)^((?-i:[A-D])?v(?![a-z])|u(?![a-z])|volt|bias)")
_TIME = re.compile(r"(?i)^(t(?![a-z])|time)")
# "cycle" with a number is the current of that cycle; without one it is the column that numbers the cycles.
_CURRENT = re.compile(r"(?i)^((?-i:[A-D])?i(?![a-z])|current|cycle.*\d)")
_CYCLE = re.compile(r"(?i)^cycle(?!.*\d)")
# Between names and numbers: a row of units, one of comments, and what an instrument adds.
_MOST_BETWEEN = 3
_NAMES_WANTED = "one must be called voltage, the others current or cycle (with a unit, as in 'current (mA)')"


@dataclass(frozen=True)
class Table:
    """Named columns of cells. names: "" where a column has none; columns: a list of cells per name; rows: the number of
    each row in the file."""

    names: list[str]
    columns: list[list[Cell]]
    rows: list[int]

    @property
    def voltages(self) -> list[int]:
        """Columns of voltages that hold anything."""
        return [at for at, name in enumerate(self.names) if _VOLTAGE.match(name) and self.holds(at)]

    @property
    def currents(self) -> list[int]:
        """Columns of currents, empty ones included."""
        return [at for at, name in enumerate(self.names) if _CURRENT.match(name)]

    @property
    def times(self) -> list[int]:
        """Columns of times."""
        return [at for at, name in enumerate(self.names) if _TIME.match(name)]

    @property
    def cycles(self) -> list[int]:
        """Columns that number the cycles."""
        return [at for at, name in enumerate(self.names) if _CYCLE.match(name)]

    @property
    def nameless(self) -> list[int]:
        """Columns without a name that hold something."""
        return [at for at, name in enumerate(self.names) if not name and self.holds(at)]

    def holds(self, at: int) -> bool:
        """Whether a column has a cell that is not empty."""
        return any(cell is not None for cell in self.columns[at])


def titled(source: Source, sheet: Sheet) -> Table | None:
    """The sweeps of a sheet, below the last row above numbers that names a voltage and a current; None where there is
    no such row. Raises SweepError for rows that are longer than it."""
    for at, row in enumerate(sheet.cells):
        if _names_sweeps(names := _texts(row)) and (first := _first_numbers(sheet, at, names)) is not None:
            break
    else:
        return None
    for between in sheet.cells[at + 1 : first]:
        names = _with_remarks(names, _texts(between))
    kept = [
        place
        for place in range(first, len(sheet.cells))
        if sheet.cells[place] != row and not str(sheet.cells[place][0]).startswith(("#", "%"))
    ]
    width = max(len(sheet.cells[place]) for place in kept)
    if width > len(names) and not sheet.title:
        raise SweepError(
            f"{source}: the rows have more fields than the header; name every column in the header, and separate "
            f"columns by something else than the decimal mark (read with {sheet.told})"
        )
    names += [""] * (width - len(names))
    cells = [sheet.cells[place] for place in kept]
    columns = [[line[at] if at < len(line) else None for line in cells] for at in range(width)]
    return Table(names[:width], columns, [sheet.rows[place] for place in kept])


def no_sweeps(source: Source, sheets: Sequence[Sheet]) -> SweepError:
    """What to say of a file of which no table is `titled`."""
    numeric = [(sheet, at) for sheet in sheets for at, row in enumerate(sheet.cells) if numbers_in(row) > texts_in(row)]
    if not numeric:
        why = "holds no row of numbers; give a table with a line of column names and rows of numbers below it"
        return SweepError(f"{source}: {why} ({_read(sheets)})")
    for sheet, at in numeric:
        if at and texts_in(above := sheet.cells[at - 1]):
            names = cut(text for text in _texts(above) if text)
            return SweepError(f"{source}: columns {names}: {_NAMES_WANTED} ({_read(sheets)})")
    why = "no line names the columns; put one like 'voltage,cycle 1,cycle 2' above the numbers"
    return SweepError(f"{source}: {why} ({_read(sheets)})")


def _read(sheets: Iterable[Sheet]) -> str:
    return f"read with {cut(sheet.told for sheet in sheets)}"


def _texts(row: Iterable[Cell]) -> list[str]:
    texts = ["" if cell is None else f"{cell:g}" if isinstance(cell, float) else cell.strip() for cell in row]
    return [re.sub(r"^[#%]+\s*", "", text) if at == 0 else text for at, text in enumerate(texts)]


def _names_sweeps(names: Sequence[str]) -> bool:
    return any(map(_VOLTAGE.match, names)) and any(map(_CURRENT.match, names))


def _first_numbers(sheet: Sheet, at: int, names: Sequence[str]) -> int | None:
    """The row where numbers begin below a row of names; None where other names, or too many texts, come before them."""
    wanted = [place for place, name in enumerate(names) if _VOLTAGE.match(name) or _CURRENT.match(name)]
    for first in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(sheet.cells))):
        row = sheet.cells[first]
        if any(isinstance(row[place], float) for place in wanted if place < len(row)):
            return first
        if numbers_in(row) or _names_sweeps(_texts(row)):
            return None
    return None


def _with_remarks(names: Sequence[str], remarks: Sequence[str]) -> list[str]:
    """Names with the units, or the comments, of a row below them."""
    stripped = [remark.strip("()[] ") for remark in remarks]
    if all(units.is_unit(remark) for remark in stripped if remark):
        stripped = [f"({remark})" if remark else "" for remark in stripped]
    stripped += [""] * (len(names) - len(stripped))
    return [f"{name} {remark}".strip() for name, remark in zip(names, stripped, strict=False)]
