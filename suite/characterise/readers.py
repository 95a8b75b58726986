"""Files of I-V sweeps -> Sweeps: xlsx in the authors' layout, and tables as CSV or TSV."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.characterise import units
from suite.characterise.stacked import cycles_of_stack
from suite.characterise.sweeps import SweepError, Sweeps, checked
from suite.characterise.traces import cycles_of_trace

if TYPE_CHECKING:
    from pandas import DataFrame

_SHEET = "Sheet1"
_VOLTAGE = re.compile(r"(?i)^(v(?![a-z])|volt|bias)")
_TIME = re.compile(r"(?i)^(t(?![a-z])|time)")
# "cycle" with a number is the current of that cycle; without one it is the column that numbers the cycles.
_CURRENT = re.compile(r"(?i)^(i(?![a-z])|current|cycle.*\d)")
_CYCLE = re.compile(r"(?i)^cycle(?!.*\d)")


def read_sweeps(file: Path, current_unit: str | None = None, voltage_unit: str | None = None) -> Sweeps:
    """The sweeps of a file, in SI units.

    .xlsx: sheet `Sheet1` with `voltage` and one current column per cycle, as the authors of arXiv:2412.02779 publish.
    .csv, .tsv, .txt: the same columns; or cycle number, voltage and one current; or time, voltage and one current, of
    which the cycles are found.
    Units come from the headers ("current (mA)", "V_mV"), else from the two flags, else they are SI and the notes say
    so. Raises SweepError: file, row or column, fix.
    """
    if not file.is_file():
        raise SweepError(f"{file}: no such file; give the path of a workbook or table of I-V sweeps")
    table, notes = _workbook(file) if file.suffix.lower() == ".xlsx" else (_text(file), ())
    voltage, currents, timed, cycle = _columns(file, table)
    values: dict[str, Any] = {}
    assumed: list[str] = []
    for column in (voltage, *currents):
        known, flag = (units.VOLTAGE, voltage_unit) if column == voltage else (units.CURRENT, current_unit)
        scale, silent = units.factor(file, column, known, flag)
        values[column] = _numbers(file, table, column) * scale
        if silent and (unit := "V" if column == voltage else "A") not in assumed:
            assumed.append(unit)
    if assumed:
        notes += (f"units are assumed to be {' and '.join(assumed)}: headers without a unit, and no flag",)
    rows = table.index.to_numpy()
    volts, amperes = values[voltage].to_numpy(), table.assign(**values)[currents].to_numpy(dtype=float)
    if cycle is not None:
        numbers = _numbers(file, table, cycle).to_numpy(dtype=float)
        return cycles_of_stack(file, numbers, volts, amperes[:, 0], rows, notes)
    if timed or len(currents) == 1:
        return cycles_of_trace(file, volts, amperes[:, 0], rows, notes)
    return checked(file, volts, amperes, notes, rows)


def _workbook(file: Path) -> tuple[DataFrame, tuple[str, ...]]:
    """Sheet 1, its index the rows of the file, and the fabrication notes of sheet 2."""
    import pandas

    try:
        sheets = pandas.read_excel(file, sheet_name=None)
    except Exception as error:
        raise SweepError(f"{file}: not a workbook that openpyxl can read ({error}); save it anew as xlsx") from error
    if _SHEET not in sheets:
        found = ", ".join(map(str, sheets))
        raise SweepError(f"{file}: no sheet {_SHEET!r}, found: {found}; name the sheet with the sweeps {_SHEET}")
    rows = [row for name, sheet in sheets.items() if name != _SHEET for row in sheet.to_dict("records")]
    notes = tuple("; ".join(f"{str(key).strip()} {value}" for key, value in row.items()) for row in rows)
    table = sheets[_SHEET].rename(columns=str)
    return table.set_axis(range(2, len(table) + 2)), notes


def _text(file: Path) -> DataFrame:
    """The table, its index the rows of the file: empty ones and comments are counted, but not read."""
    import pandas

    try:
        lines = enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1)
        filled = {row: line for row, line in lines if line.partition("#")[0].strip()}
        text = StringIO("\n".join(filled.values()))
        table = pandas.read_csv(text, sep=None, engine="python", comment="#")
    except Exception as error:
        raise SweepError(f"{file}: not a table ({error}); give CSV or TSV with a header row") from error
    if not isinstance(table.index, pandas.RangeIndex):
        raise SweepError(f"{file}: the rows have more fields than the header; name every column in the header")
    return table.rename(columns=str).set_axis(list(filled)[1:])


def _columns(file: Path, table: DataFrame) -> tuple[str, list[str], bool, str | None]:
    """(voltage column, current columns, whether there is a time column, column of cycle numbers)."""
    names = [name.strip() for name in table.columns]
    table.columns = names
    voltages = [name for name in names if _VOLTAGE.match(name)]
    currents = [name for name in names if _CURRENT.match(name)]
    if len(voltages) != 1 or not currents:
        raise SweepError(
            f"{file}: columns {', '.join(names)}: one must be called voltage, the others current or cycle "
            "(with a unit, as in 'current (mA)')"
        )
    timed = any(_TIME.match(name) for name in names)
    if timed and len(currents) > 1:
        raise SweepError(f"{file}: a time column and {len(currents)} currents; with time there is one current")
    cycles = [name for name in names if _CYCLE.match(name)]
    if len(cycles) > 1 or (cycles and len(currents) > 1):
        raise SweepError(
            f"{file}: column {cycles[0]!r} numbers the cycles, so that there must be one of it and one current, found: "
            f"{', '.join(names)}; remove it, or put the number of its cycle into the name of every current column"
        )
    return voltages[0], currents, timed, cycles[0] if cycles else None


def _numbers(file: Path, table: DataFrame, column: str) -> DataFrame:
    """The column as numbers; an empty cell is NaN, a text an error."""
    import pandas

    numbers = pandas.to_numeric(table[column], errors="coerce")
    bad = table.index[numbers.isna() & table[column].notna()]
    if len(bad):
        row = int(bad[0])
        raise SweepError(f"{file}: row {row}: {table[column][row]!r} in column {column!r} is no number; correct it")
    return numbers
