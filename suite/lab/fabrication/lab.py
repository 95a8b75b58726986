"""The virtual laboratory: a surrogate on the published devices, how far it errs, and what it would make next.

It predicts, it does not explain: the table is no designed experiment. All seventeen one-hour devices have MAI and
100 nm of silver, every FAI device had ten hours at 180+210 C, and MABr stands with 3 h at 180 C or 10 h at 210 C alone,
so that the effect of none of these can be told from the others'. No causal claim follows from a prediction.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pandas import DataFrame

from suite.data.facts import TABLE
from suite.lab.fabrication.pool import LATER_WHOLE, TRUSTED, Pool, pools
from suite.lab.fabrication.space import Space
from suite.lab.fabrication.suggest import LEVEL, Laboratory, suggestions
from suite.lab.fabrication.table import Columns, Table, frame
from suite.lab.fabrication.targets import Target
from suite.lab.fabrication.validation import Validation, cross_validation

# What cannot be chosen freely: the conversion of each halide, and the alumina template with its pores.
FEASIBLE = Space(
    tied=(("conversion_time_h", "conversion_temp_c", "halide"), ("length_um", "diameter_nm", "third_etch"))
)
CONFOUNDING = (
    "no causal claim: all one-hour devices have MAI and 100 nm Ag, all FAI devices had 10 h at 180+210 C, and MABr "
    "stands with 3 h at 180 C or 10 h at 210 C alone; what one of these factors does cannot be told from the others"
)


def table_of(pool: Pool) -> Table:
    """A pool as a table of measured devices."""
    columns = Columns("sigma", "sigma", pool.numeric, pool.categorical)
    return Table(Path(TABLE.name), columns, pool.rows, pool.sigma_log, frame([], columns))


def errors(target: Target) -> DataFrame:
    """Cross-validated errors on the scale of `target`, for all pools: leaving out a recipe, and leaving out all
    devices of one conversion time and halide."""
    rows = []
    for pool in pools():
        laboratory = Laboratory.of(table_of(pool), target)
        groups = [f"{time:g} h {halide}" for time, halide in zip(*_group_columns(pool), strict=True)]
        by_group = cross_validation(laboratory.encoder, pool.rows, pool.sigma_log, groups, target)
        for name, found in (("recipe", laboratory.validation), ("time and halide", by_group)):
            rows.append({"pool": pool.name, "left_out": name, **_errors(found)})
    return DataFrame(rows)


# By the stored sigma without the suspicious one, and over the whole loop.
Sigma = Literal["stored", "whole"]
SEARCHED: dict[Sigma, str] = {"stored": TRUSTED, "whole": LATER_WHOLE}


def next_devices(size: int, target: Target, level: float = LEVEL, sigma: Sigma = "stored") -> DataFrame:
    """Recipes beyond the pool that is searched by this sigma, with calibrated intervals."""
    table = table_of(next(pool for pool in pools() if pool.name == SEARCHED[sigma]))
    return suggestions(Laboratory.of(table, target, level), table, table.pending, FEASIBLE, size)


def error_lines(table: DataFrame, target: Target) -> Iterator[str]:
    """`errors` as text."""
    unit = "decades of sigma" if target == "log_sigma" else "usability"
    yield f"root mean square error in {unit} on devices left out, against predicting the mean of the others"
    for row in table.itertuples():
        word = "better" if row.rmse < row.rmse_of_mean else "NO better"
        yield (
            f"  {row.pool:20} left out by {row.left_out:15} {row.rmse:.3f} against {row.rmse_of_mean:.3f}: {word} than "
            f"the mean; 95 % intervals hold {row.coverage:.0%}"
        )
    yield CONFOUNDING


def _group_columns(pool: Pool) -> tuple[list[float], list[str]]:
    return list(pool.rows["conversion_time_h"]), list(pool.rows["halide"])


def _errors(found: Validation) -> dict[str, float]:
    return {"rmse": found.rmse, "rmse_of_mean": found.rmse_of_mean, "coverage": found.coverage}
