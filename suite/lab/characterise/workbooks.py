"""Workbooks -> tables of cells, one a sheet."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from suite.lab.characterise.sheets import Cell, Sheet, cell_of, trimmed
from suite.lab.characterise.sweeps import SweepError

_EMPTY = re.compile(rb"<c(?: [^<>]*)?/>")


def read_workbook(file: Path) -> list[Sheet]:
    """The sheets of an xlsx file that hold anything. Raises SweepError."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(_without_empty_cells(file), read_only=True, data_only=True)
        sheets = []
        for worksheet in book.worksheets:
            # The extent that a file states may be wrong: instruments write A1.
            worksheet.reset_dimensions()
            cells = [[_cell(value) for value in row] for row in worksheet.iter_rows(values_only=True)]
            filled = {row: trimmed(line) for row, line in enumerate(cells, start=1)}
            filled = {row: line for row, line in filled.items() if line}
            sheets.append(Sheet(worksheet.title, list(filled), list(filled.values()), f"sheet {worksheet.title!r}"))
    except Exception as error:
        raise SweepError(f"{file}: not a workbook that openpyxl can read ({error}); save it anew as xlsx") from error
    return [sheet for sheet in sheets if sheet.cells]


def _without_empty_cells(file: Path) -> BytesIO:
    """A workbook less its cells that hold a format alone: sheets of ten thousand formatted rows are read in a fifth of
    the time."""
    found = BytesIO()
    with ZipFile(file) as book, ZipFile(found, "w") as lean:
        for part in book.namelist():
            content = book.read(part)
            lean.writestr(part, _EMPTY.sub(b"", content) if part.startswith("xl/worksheets/") else content)
    found.seek(0)
    return found


def _cell(value: object) -> Cell:
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return cell_of(str(value))
