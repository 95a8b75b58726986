"""Files of I-V sweeps -> Sweeps, one per device: workbooks, and tables as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from suite.contract.names import cut
from suite.lab.characterise.columns import Measured, measured
from suite.lab.characterise.headings import no_sweeps, titled
from suite.lab.characterise.sheets import Sheet
from suite.lab.characterise.stacked import cycles_of_stack
from suite.lab.characterise.steps import steadied
from suite.lab.characterise.sweeps import Source, SweepError, Sweeps, check_copied_rows, checked
from suite.lab.characterise.text_tables import read_text
from suite.lab.characterise.traces import cycles_of_trace, loops
from suite.lab.characterise.workbooks import read_workbook

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# A sheet of more cells is no note on how a sample was made.
_MOST_NOTED = 40


def read_devices(
    file: Path, current_unit: str | None = None, voltage_unit: str | None = None, gaps: bool = False
) -> tuple[Sweeps, ...]:
    """The sweeps of every device in a file, in SI units.

    A table has a column of the voltage and one current per cycle, as the authors of arXiv:2412.02779 publish them; or
    cycle number, voltage and one current; or voltage and one current, with or without time, of which the cycles are
    found. In a workbook every sheet with such columns is a device, or, where each has one cycle alone, all together are
    one; other sheets are notes.
    gaps: whether, in columns of cycles, a current may be missing in the middle of one.
    Units come from the headers ("current (mA)", "V_mV"), else from the two flags, else they are SI and the notes say
    so. Raises SweepError: file, row or column, fix.
    """
    sheets = _sheets(file)
    tables = [(sheet, titled(Source(file), sheet)) for sheet in sheets]
    swept = [(sheet, table) for sheet, table in tables if table is not None]
    if not swept:
        raise no_sweeps(Source(file), sheets)
    notes, warnings = _others([sheet for sheet, table in tables if table is None])
    sources = [Source(file, sheet.title if len(swept) > 1 else None) for sheet, _ in swept]
    found = [
        _noted(measured(source, table, current_unit, voltage_unit), notes, warnings)
        for source, (_, table) in zip(sources, swept, strict=True)
    ]
    if len(found) > 1 and (together := _one_cycle_each(sources, found)) is not None:
        return (together,)
    return tuple(_sweeps(source, each, gaps) for source, each in zip(sources, found, strict=True))


def _sheets(file: Path) -> list[Sheet]:
    if not file.is_file():
        raise SweepError(f"{file}: no such file; give the path of a workbook or table of I-V sweeps")
    with file.open("rb") as opened:
        start = opened.read(4)
    if start == _OLD_EXCEL:
        raise SweepError(f"{file}: a workbook in the format of Excel 97 (.xls); save it as xlsx, or as CSV")
    if start == _ZIP or file.suffix.lower() == ".xlsx":
        return read_workbook(file)
    return [read_text(file)]


def _others(sheets: Iterable[Sheet]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(notes, warnings) of the sheets that name no voltage and current: small ones say how a sample was made."""
    notes, warnings = [], []
    for sheet in sheets:
        if (cells := sum(cell is not None for row in sheet.cells for cell in row)) > _MOST_NOTED:
            warnings.append(
                f"sheet {sheet.title!r} ({cells} cells) is left out: no row of it names a voltage and currents"
            )
            continue
        names, *rows = sheet.cells
        for row in rows:
            pairs = [(key, value) for key, value in zip(names, row, strict=False) if value is not None]
            notes.append("; ".join(f"{str(key).strip()} {_said(value)}" for key, value in pairs))
    return tuple(notes), tuple(warnings)


def _said(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else value


def _noted(found: Measured, notes: tuple[str, ...], warnings: tuple[str, ...]) -> Measured:
    return replace(found, notes=notes + found.notes, warnings=found.warnings + warnings)


def _sweeps(source: Source, found: Measured, gaps: bool) -> Sweeps:
    if found.cycle is not None:
        return cycles_of_stack(source, found, found.cycle)
    if found.current.shape[1] == 1:
        return cycles_of_trace(source, found)
    voltage, noise = steadied(found.voltage)
    told = (f"the voltage is noisier than its steps: averaged to a noise of {1e3 * noise:.2g} mV",) if noise else ()
    sweeps = checked(source, voltage, found.current, (*found.notes, *told), found.rows, found.warnings, gaps)
    check_copied_rows(source, voltage, found.current, found.rows)
    return sweeps


def _one_cycle_each(sources: list[Source], found: list[Measured]) -> Sweeps | None:
    """The device of which each sheet holds one cycle; None where each holds a device. Raises SweepError for both."""
    import numpy as np

    single = [sheet.cycle is None and sheet.current.shape[1] == 1 and loops(sheet.voltage) < 2 for sheet in found]
    if not any(single):
        return None
    titles = [source.sheet for source in sources]
    if not all(single):
        one, many = titles[single.index(True)], titles[single.index(False)]
        raise SweepError(
            f"{sources[0].file}: sheet {one!r} holds one cycle and sheet {many!r} several, so that it is open whether "
            "a sheet is a cycle or a device; put them into files of their own"
        )
    joined = Measured(
        np.concatenate([sheet.voltage for sheet in found]),
        np.concatenate([sheet.current for sheet in found]),
        None,
        None,
        np.concatenate([sheet.rows for sheet in found]),
        (*found[0].notes, f"one cycle a sheet: {cut(titles)}"),
        tuple(dict.fromkeys(warning for sheet in found for warning in sheet.warnings)),
    )
    numbers = np.repeat(np.arange(1, len(found) + 1), [len(sheet.voltage) for sheet in found]).astype(float)
    return cycles_of_stack(Source(sources[0].file), joined, numbers)
