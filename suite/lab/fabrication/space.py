"""What could be made next: all combinations of the levels in a table, or of those that `space.yaml` names.

levels:                                   # instead of those in the table; numbers may be new, categories not
  ag_thickness_nm: [100, 150, 200]
  halide: [MAI, MABr]
tied:                                     # factors that only occur together: combinations as in the table
  - [conversion_time_h, conversion_temp_c]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pandas import DataFrame, concat
from pydantic import BaseModel, ConfigDict, ValidationError

from suite.contract import SuiteError
from suite.contract.names import meant
from suite.contract.seeds import numpy_generator
from suite.lab.fabrication.table import Columns

# Larger spaces are sampled: so many recipes are scored in about a second.
MOST = 50_000


class BadSpace(SuiteError):
    """A space file that does not fit its table; the message names the field and the fix."""


class Space(BaseModel):
    """The content of `space.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: dict[str, tuple[bool | int | float | str, ...]] = {}
    tied: tuple[tuple[str, ...], ...] = ()


def read_space(path: Path, columns: Columns, rows: DataFrame) -> Space:
    """A space file, checked against the table: known factors, numbers where numbers belong, known categories.

    Raises BadSpace.
    """
    try:
        space = Space.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSpace(f"{path}: cannot be read as YAML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadSpace(f"{path}: field {place}: {first['msg']}; it has `levels` and `tied`") from error
    tied = [name for group in space.tied for name in group]
    for name in (*space.levels, *tied):
        if name not in columns.factors:
            raise BadSpace(f"{path}: {name!r} is no factor of the table{meant(name, columns.factors)}")
        if tied.count(name) + (name in space.levels) > 1:
            raise BadSpace(f"{path}: factor {name!r} is given twice; name it in `levels` or once in `tied`")
    levels = {name: _levels(path, name, values, columns, rows) for name, values in space.levels.items()}
    return space.model_copy(update={"levels": levels})


def _levels(path: Path, name: str, values: Sequence[Any], columns: Columns, rows: DataFrame) -> tuple[Any, ...]:
    where = f"{path}: field levels.{name}"
    if not values:
        raise BadSpace(f"{where}: is empty; give at least one level, or leave the factor out")
    if any(isinstance(value, bool) for value in values):
        raise BadSpace(f"{where}: YAML reads a bare yes or no as true or false; write it in quotes")
    if name in columns.numeric:
        if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
            raise BadSpace(f"{where}: the factor is numeric in the table; give finite numbers, got {list(values)}")
        return tuple(sorted({float(value) for value in values}))
    texts = tuple(sorted({str(value) for value in values}))
    known = set(rows[name])
    if unknown := [text for text in texts if text not in known]:
        raise BadSpace(
            f"{where}: no measured device has {unknown[0]!r}{meant(unknown[0], known)}, so that nothing can be "
            "predicted of it; measure one such device first, or leave the level out"
        )
    return texts


def candidates(rows: DataFrame, columns: Columns, space: Space) -> DataFrame:
    """Recipes that the space allows and that are not in `rows`, from which the levels come that it does not name.

    Of a space larger than MOST, MOST recipes drawn with a fixed key: the same table and space, the same recipes.
    """
    axes = _axes(rows, columns, space)
    size = math.prod(len(axis) for axis in axes)
    parts = [axis.iloc[index].reset_index(drop=True) for axis, index in zip(axes, _indices(axes, size), strict=True)]
    grid = concat(parts, axis="columns")[list(columns.factors)].drop_duplicates()
    known = set(rows[list(columns.factors)].itertuples(index=False, name=None))
    fresh = [recipe not in known for recipe in grid.itertuples(index=False, name=None)]
    return grid[fresh].reset_index(drop=True)


def _axes(rows: DataFrame, columns: Columns, space: Space) -> list[DataFrame]:
    """One per free factor or tied group: its levels, a column per factor."""
    tied = [list(group) for group in space.tied]
    free = [name for name in columns.factors if not any(name in group for group in tied)]
    axes = [DataFrame({name: space.levels.get(name, sorted(set(rows[name])))}) for name in free]
    return axes + [rows[group].drop_duplicates().sort_values(group) for group in tied]


def _indices(axes: Sequence[DataFrame], size: int) -> list[np.ndarray[Any, Any]]:
    lengths = [len(axis) for axis in axes]
    if size <= MOST:
        grid = np.array(list(itertools.product(*(range(length) for length in lengths))), dtype=int)
        return list(grid.T)
    generator = numpy_generator(0, "fabrication-space", *lengths)
    return [generator.integers(length, size=MOST) for length in lengths]
