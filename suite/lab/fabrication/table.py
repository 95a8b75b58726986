"""A user's table of devices: what each was made of and its sigma or usability; rows without it are yet to be measured.

Which columns are factors, and which of them are numbers, is inferred and told; every mistake is named by file, row
(the line of the file) and column.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pandas import DataFrame

from suite.contract import SuiteError
from suite.contract.commands import words
from suite.contract.names import cut, meant

Array = np.ndarray[Any, Any]
Scale = Literal["sigma", "usability"]
Row = Mapping[str, str]
Recipe = tuple[float | str, ...]

# Outcomes and remarks of our own tables (measured, packaged, suggested): never factors of fabrication.
PREDICTED = (
    "predicted_sigma",
    "sigma_low",
    "sigma_high",
    "predicted_usability",
    "usability_low",
    "usability_high",
    "interval_level",
    "expected_improvement",
    "outside_range",
)
NO_FACTORS = frozenset({"sigma", "sigma_log", "usability", "mono_len", "replicate", *PREDICTED})


# What a device is called, or when it was made: a level of its own for every device, from which nothing is learned.
_IDENTIFIER = re.compile(
    r"(?i)^((sample|specimen|device|cell|chip|die|wafer|run|batch|id|label|name|no|nr|number|index|date|#)"
    r"[ _.#-]*(id|label|name|no|nr|number)?\.?|unnamed: \d+|)$"
)
# So many texts that are all different are names, whatever their column is called.
_NAMED = 5

# Cross-validation leaves one recipe out and needs two others.
FEWEST = 3

# A usability of 0.007: no device that anyone would report, but a usual number of per cent.
_LARGEST_SIGMA = 5.0


class BadTable(SuiteError):
    """A table of devices that cannot be used; the message says which row and what to change."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table mean: `target` is on `scale`; factors are numeric or categorical."""

    target: str
    scale: Scale
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """All factors, numbers first."""
        return (*self.numeric, *self.categorical)


@dataclass(frozen=True)
class Table:
    """Devices that were measured (`rows`, `sigma_log`) and recipes that were not (`pending`), by factor."""

    path: Path
    columns: Columns
    rows: DataFrame
    sigma_log: Array
    pending: DataFrame
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Reading:
    """How the user overrides what is inferred. scale: of `target`, where its name does not say it."""

    target: str | None = None
    scale: Scale | None = None
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def read_table(path: Path, reading: Reading | None = None) -> Table:
    """The table in a CSV file with one heading line. Raises BadTable."""
    lines = read_lines(path)
    columns = _columns(path, lines, reading or Reading())
    measured: dict[tuple[Recipe, str], tuple[int, float]] = {}
    pending: dict[int, Recipe] = {}
    notes: list[str] = []
    for number, row in lines.items():
        recipe = recipe_of(path, number, row, columns)
        if not row[columns.target].strip():
            pending[number] = recipe
            continue
        sigma, key = _sigma(path, number, row, columns), (recipe, row.get("replicate", ""))
        if key not in measured:
            measured[key] = (number, sigma)
        elif measured[key][1] == sigma:
            notes.append(f"row {number} repeats row {measured[key][0]} and counts once")
        else:
            raise BadTable(
                f"{path}: rows {measured[key][0]} and {number} have equal factors but different {columns.target}; "
                "correct one of them, or number the devices of one recipe in a column `replicate`"
            )
    if len({recipe for recipe, _ in measured}) < FEWEST:
        raise BadTable(
            f"{path}: {len(measured)} measured row(s); a prediction needs at least {FEWEST} recipes, better 10"
        )
    rows = frame([recipe for recipe, _ in measured], columns)
    for number, recipe in pending.items():
        check_known(path, number, recipe, columns, rows)
    sigma_log = np.array([sigma for _, sigma in measured.values()])
    return Table(path, columns, rows, sigma_log, frame(pending.values(), columns), tuple(notes))


def check_known(path: Path, number: int, recipe: Recipe, columns: Columns, rows: DataFrame) -> None:
    """Raises BadTable where a recipe has a category that no measured row has."""
    for name, level in zip(columns.factors, recipe, strict=True):
        if name in columns.categorical and level not in (known := set(rows[name])):
            raise BadTable(
                f"{path}: row {number}, column {name}: no measured device has {level!r}{meant(str(level), known)}, so "
                f"that nothing can be predicted of it; measure one such device first, delete the row, or give "
                f"{words('--ignore', name)} if the column is no factor"
            )


def frame(recipes: Collection[Recipe], columns: Columns) -> DataFrame:
    """Recipes as rows, one column per factor."""
    return DataFrame(list(recipes), columns=list(columns.factors))


def read_lines(path: Path) -> dict[int, Row]:
    """The rows of a CSV file by line number. Raises BadTable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(f"{path}: cannot be read as a CSV file ({error}); give a UTF-8 text file") from error
    reader = csv.DictReader(io.StringIO(text))
    names = [name.strip() for name in reader.fieldnames or ()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadTable(f"{path}: two columns are called {twice[0]!r}; rename one")
    reader.fieldnames = names
    lines: dict[int, Row] = {}
    for row in reader:
        if None in row or None in row.values():
            raise BadTable(f"{path}: row {reader.line_num} has not {len(names)} values as the heading; mend its commas")
        lines[reader.line_num] = row
    if not lines:
        raise BadTable(f"{path}: the table is empty; give a heading line and at least 3 measured rows")
    return lines


def recipe_of(path: Path, number: int, row: Row, columns: Columns) -> Recipe:
    """The factors of one row. Raises BadTable for an empty value, or for text where a number belongs."""
    for name in columns.factors:
        if not row[name].strip():
            raise BadTable(
                f"{path}: row {number}, column {name}: empty; every factor needs a value (a level as `none`)"
            )
    numbers = [_number(path, number, name, row[name]) for name in columns.numeric]
    return (*numbers, *(row[name].strip() for name in columns.categorical))


def _columns(path: Path, lines: Mapping[int, Row], reading: Reading) -> Columns:
    names = list(next(iter(lines.values())))
    for name in (*reading.numeric, *reading.categorical, *reading.ignore):
        if name not in names:
            raise BadTable(f"{path}: has no column {name!r}{meant(name, names)}")
    target, scale = _target(path, names, reading)
    factors = [name for name in names if name not in {target, *NO_FACTORS, *reading.ignore}]
    if not factors:
        raise BadTable(f"{path}: has no factor of fabrication beside {target!r}; add a column per factor")
    _check_identifiers(path, factors, lines, reading)
    numeric = [name for name in factors if name not in reading.categorical and _is_numeric(name, lines, reading)]
    return Columns(target, scale, tuple(numeric), tuple(name for name in factors if name not in numeric))


def _check_identifiers(path: Path, factors: Sequence[str], lines: Mapping[int, Row], reading: Reading) -> None:
    """Raises BadTable for a column that names the devices, unless the user says that it is a factor."""
    for name in factors:
        if name in (*reading.numeric, *reading.categorical):
            continue
        texts = [row[name].strip() for row in lines.values()]
        distinct = len(set(texts)) == len(texts) >= _NAMED
        if _IDENTIFIER.match(name) or (distinct and not _is_numeric(name, lines, reading)):
            factor = f"{words('--numeric', name)} or {words('--categorical', name)} if it is one"
            raise BadTable(
                f"{path}: column {name!r} names the devices and is no factor of fabrication; give "
                f"{words('--ignore', name)}, or {factor}"
            )


def _target(path: Path, names: Sequence[str], reading: Reading) -> tuple[str, Scale]:
    scales: dict[str, Scale] = {"sigma": "sigma", "sigma_log": "sigma", "usability": "usability"}
    found = reading.target or next((name for name in scales if name in names), None)
    if found is None or found not in names:
        wanted = f"column {found!r}" if found else "target column: neither sigma nor usability"
        raise BadTable(f"{path}: has no {wanted} (columns: {cut(names)}); name it with --target")
    scale = reading.scale or scales.get(found)
    if scale is None:
        raise BadTable(f"{path}: column {found!r} is the target; say with --scale whether it is sigma or usability")
    return found, scale


def _is_numeric(name: str, lines: Mapping[int, Row], reading: Reading) -> bool:
    return name in reading.numeric or all(_parsed(row[name]) is not None for row in lines.values() if row[name].strip())


def _parsed(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _number(path: Path, number: int, name: str, text: str) -> float:
    value = _parsed(text)
    if value is None or not math.isfinite(value):
        raise BadTable(f"{path}: row {number}, column {name}: {text!r} is not a finite number; write one")
    return value


def _sigma(path: Path, number: int, row: Row, columns: Columns) -> float:
    value = _number(path, number, columns.target, row[columns.target])
    where = f"{path}: row {number}, column {columns.target}"
    if columns.scale == "usability":
        if not 0 < value <= 1:
            raise BadTable(f"{where}: usability exp(-sigma) lies in (0, 1], got {value:g}{_share(value)}")
        return -math.log(value) + 0.0
    if value <= 0:
        raise BadTable(f"{where}: sigma is positive, got {value:g}; give what was measured")
    if value > _LARGEST_SIGMA:
        raise BadTable(
            f"{where}: a sigma of {value:g} is a usability of {math.exp(-value):.1g}; sigma is the standard deviation "
            f"of ln G and no per cent{_share(value)}; leave out devices that do not switch"
        )
    return value


def _share(value: float) -> str:
    """How a number of per cent is written."""
    return f" (is it per cent? write {value / 100:g})" if value > 1 else ""
