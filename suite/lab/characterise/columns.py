"""Columns of a table -> voltage, currents, cycle numbers: what is no measurement is left out or refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.names import cut
from suite.lab.characterise import units
from suite.lab.characterise.headings import Table
from suite.lab.characterise.sheets import Cell
from suite.lab.characterise.sweeps import Source, SweepError, check_voltage

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# SCPI 1999, volume 1, 7.2.1: infinity and "not a number"; Keysight B1500 programming guide: no meaning.
_NO_READING = {
    9.9e37: "an overflow: the instrument's range or compliance was exceeded",
    9.91e37: "'not a number': nothing was measured",
    199.999e99: "over range, or a sweep that was aborted (B1500)",
}
_CODE, _LARGEST = 1e30, 1e6
# A setting takes at most this many values, or this share of its rows: a range, a compliance limit.
_LEVELS, _SHARE = 3, 0.1


@dataclass(frozen=True)
class Measured:
    """What a table holds, in SI units: voltage (rows,) in V, current (rows, columns) in A with NaN for empty cells,
    cycle (rows,) numbers or None, time (rows,) of cells or None, rows (rows,) of the file."""

    voltage: Array
    current: Array
    cycle: Array | None
    time: list[Cell] | None
    rows: Array
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def measured(source: Source, table: Table, current_unit: str | None, voltage_unit: str | None) -> Measured:
    """The measurement in a table; units from the headers, else from the two, else SI with a note. Raises SweepError."""
    import numpy as np

    notes: list[str] = []
    rows, swept = np.array(table.rows), _voltage(source, table, notes)
    volts, volts_assumed = _scaled(source, table, swept, units.VOLTAGE, voltage_unit)
    check_voltage(source, volts, rows)
    currents = _currents(source, table, notes)
    _check_roles(source, table, currents)
    scaled = [_scaled(source, table, at, units.CURRENT, current_unit) for at in currents]
    assumed = ["V"] * volts_assumed + ["A"] * any(silent for _, silent in scaled)
    if assumed:
        notes.append(f"units are assumed to be {' and '.join(assumed)}: headers without a unit, and no flag")
    return Measured(
        volts,
        np.stack([values for values, _ in scaled], axis=1),
        numbers(source, table, table.cycles[0]) if table.cycles else None,
        table.columns[table.times[0]] if table.times else None,
        rows,
        tuple(notes),
        _nameless(table),
    )


def numbers(source: Source, table: Table, at: int) -> Array:
    """A column as numbers, (rows,), NaN for empty cells. Raises SweepError for a text, and for an instrument's code."""
    import numpy as np

    name = table.names[at]
    for row, cell in zip(table.rows, table.columns[at], strict=True):
        if isinstance(cell, str):
            raise SweepError(f"{source}: row {row}: {cell!r} in column {name!r} is no number; correct it")
    values = np.array([np.nan if cell is None else cell for cell in table.columns[at]], dtype=float)
    codes = np.flatnonzero(np.isfinite(values) & (np.abs(values) >= _CODE))
    if codes.size:
        value = float(values[codes[0]])
        meaning = next((why for code, why in _NO_READING.items() if abs(abs(value) / code - 1) < 1e-4), "no reading")
        raise SweepError(
            f"{source}: row {table.rows[codes[0]]}: {value:g} in column {name!r} is an instrument's code for {meaning} "
            f"({codes.size} such cells in this column); measure again, or remove what has no reading: these rows from "
            "every cycle, or the whole cycle"
        )
    return values


def _scaled(source: Source, table: Table, at: int, known: dict[str, float], flag: str | None) -> tuple[Array, bool]:
    """(a column in SI, whether SI was assumed)."""
    import numpy as np

    scale, silent = units.factor(source, table.names[at], known, flag)
    values = numbers(source, table, at) * scale
    if (large := np.flatnonzero(np.isfinite(values) & (np.abs(values) > _LARGEST))).size:
        where = f"row {table.rows[large[0]]}: {values[large[0]]:g} {'V' if known is units.VOLTAGE else 'A'}"
        raise SweepError(
            f"{source}: {where} in column {table.names[at]!r} is more than any cell stands; state the unit in the "
            "header, or by --current-unit or --voltage-unit, or remove the row"
        )
    return values, silent


def _voltage(source: Source, table: Table, notes: list[str]) -> int:
    """The column of the swept voltage."""
    swept = table.voltages
    if len(swept) > 1:
        swept = [at for at in swept if len(set(table.columns[at]) - {None}) > 1]
        _tell_settings(table, set(table.voltages) - set(swept), notes)
    if len(swept) != 1:
        names = cut(repr(table.names[at]) for at in swept or table.voltages)
        raise SweepError(
            f"{source}: {len(swept)} columns of a swept voltage ({names}); keep the one that was applied to the cell"
        )
    return swept[0]


def _currents(source: Source, table: Table, notes: list[str]) -> list[int]:
    """The columns of the currents of the cycles: their names differ by a number alone."""
    found = [at for at in table.currents if table.holds(at)]
    settings = [at for at in found if _is_setting(table.columns[at])]
    if len({_stem(table.names[at]) for at in found}) > 1 and set(settings) != set(found):
        _tell_settings(table, settings, notes)
        found = [at for at in found if at not in settings]
        settings = []
    if settings:
        name, levels = table.names[settings[0]], len(set(table.columns[settings[0]]) - {None})
        raise SweepError(
            f"{source}: column {name!r} takes {levels} value{'s' if levels > 1 else ''} in {len(table.rows)} rows: a "
            "setting of the instrument, no measured current; remove it"
        )
    _check_names(source, [table.names[at] for at in found])
    stem = _stem(table.names[found[0]]) if found else ""
    return [at for at in table.currents if at in found or (not table.holds(at) and _stem(table.names[at]) == stem)]


def _tell_settings(table: Table, settings: Sequence[int] | set[int], notes: list[str]) -> None:
    if settings:
        names = cut(repr(table.names[at]) for at in sorted(settings))
        notes.append(f"left out as settings of the instrument, which take few values: {names}")


def _is_setting(cells: Sequence[Cell]) -> bool:
    """Whether a column holds a setting: far fewer values than rows."""
    values = [cell for cell in cells if cell is not None]
    levels = len(set(values))
    return levels <= max(_LEVELS, _SHARE * len(values)) and 2 * levels < len(values)


def _stem(name: str) -> str:
    """What a column's name says beside numbers and its unit."""
    return re.sub(r"[^a-zµμ]", "", re.sub(r"[(\[].*?[)\]]", "", name).casefold())


def _check_names(source: Source, names: list[str]) -> None:
    """Raises SweepError where the names of several currents do not differ by a number, and by it alone."""
    (usual, _), *others = Counter(map(_stem, names)).most_common() or [("", 0)]
    if others:
        like = next(name for name in names if _stem(name) == usual)
        odd = next(name for name in names if _stem(name) != usual)
        raise SweepError(
            f"{source}: columns {like!r} and {odd!r} differ in name by more than a number, so that they are no cycles "
            "of one measurement; remove the other columns, or number the cycles ('cycle 1', 'cycle 2'); both branches "
            "of a sweep belong into one column, one below the other"
        )
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise SweepError(f"{source}: two columns are called {twice[0]!r}; number the cycles ('cycle 1', 'cycle 2')")


def _check_roles(source: Source, table: Table, currents: list[int]) -> None:
    """Raises SweepError where columns of time, of cycle numbers and of currents do not go together."""
    if table.times and len(currents) > 1:
        raise SweepError(f"{source}: a time column and {len(currents)} currents; with time there is one current")
    if len(table.cycles) > 1 or (table.cycles and len(currents) > 1):
        raise SweepError(
            f"{source}: column {table.names[table.cycles[0]]!r} numbers the cycles, so that there must be one of it "
            f"and one current, found: {cut(name for name in table.names if name)}; remove it, or put the number of its "
            "cycle into the name of every current column"
        )
    if not currents:
        raise SweepError(f"{source}: no column of currents holds a value; give the measured currents")


def _nameless(table: Table) -> tuple[str, ...]:
    if not table.nameless:
        return ()
    places = cut(_letters(at) for at in table.nameless)
    return (f"columns without a name hold values and are left out: {places}; name them to have them read",)


def _letters(at: int) -> str:
    """A column as spreadsheets call it: A, B, ..., Z, AA."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
