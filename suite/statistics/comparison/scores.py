"""The table that every comparison starts from: one row per workload, contestant, condition, score and seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Score, SuiteError
from suite.contract.sources import tested_on

if TYPE_CHECKING:
    from pandas import DataFrame

CONDITION = ["device", "crossbar", "sigma_log", "condition"]
CELL = ["workload", "source", "contestant", *CONDITION, "usability", "score"]
# Workload -> its measures; the first is its main one.
Measures = Mapping[str, Mapping[str, Score]]
COLUMNS = [*CELL, "seed", "mean", "std", "n_realisations"]


def scores_by_seed(cube: Path) -> DataFrame:
    """One row per seed and condition: mean and standard deviation over realisations, and their number.

    sigma_log and usability are NaN where the device knows other levels alone: the condition's key says these.
    """
    from suite.results.cube import to_frame

    grouped = to_frame(cube).groupby([*CELL, "seed"], sort=True, dropna=False)["value"]
    return grouped.agg(mean="mean", std="std", n_realisations="count").reset_index()


def published_scores(folder: Path) -> DataFrame:
    """The same of tables that `suite publish` wrote. Raises SuiteError where they are missing or lack a column."""
    import pandas

    from suite.results.cube.former import TODAY

    path = folder / "scores.csv"
    if not path.is_file():
        raise SuiteError(f"{path}: no such table; name a folder that `suite publish` wrote")
    scores = pandas.read_csv(path).rename(columns=TODAY)
    if lacking := set(COLUMNS) - set(scores.columns):
        raise SuiteError(f"{path}: has no column {', '.join(sorted(lacking))}; write it anew with `suite publish`")
    return scores


def measures_in(scores: DataFrame, plugins: tuple[Path, ...] = (), files: Mapping[str, str] | None = None) -> Measures:
    """What the workload files say of every workload in `scores`; files: {label: file} of a study, where a label is not
    the name of its file. Raises SuiteError for an unknown one."""
    from suite.contract.registry import registry

    known, files = registry(plugins), files or {}
    return {name: known.workload(files.get(name, name)).measures for name in scores["workload"].unique()}


def measure_of(measures: Measures, workload: str, score: str) -> Score:
    """The measure behind a score, on its test set."""
    return measures[workload][score.partition("@")[0]].on(tested_on(score))
