"""Scores of a cube against usability as a tidy table: one row per workload, score, contestant and level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import FigureError, held

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray, Dataset, DataTree

COLUMNS = (
    "workload",
    "source",
    "contestant",
    "usability",
    "sigma_log",
    "score",
    "mean",
    "std",
    "n_seeds",
    "n_realisations",
    "n",
)
_SAMPLES = ["seed", "realisation"]


@dataclass(frozen=True)
class Panel:
    """One panel of curves: a score of a workload on a crossbar, under the title that readers see."""

    workload: str
    title: str
    score: str = "accuracy"
    crossbar: str = "weights"


def summary(tree: DataTree, panels: Sequence[Panel]) -> DataFrame:
    """The rows behind `panels`, with COLUMNS, for every method and level that has a finished cell.

    Levels are those of the log-normal device on the panel's crossbar, not the measured curves: a curve against
    usability joins points of one device only. mean and std run over all finished seeds x realisations (n of them);
    std has n - 1 in its denominator and is missing for n = 1. Sorted by workload, score, contestant, usability.

    Raises FigureError where a workload lacks the score, or has two conditions at one level.
    """
    import pandas

    frames = [_rows(tree[panel.workload].to_dataset(), panel) for panel in panels if panel.workload in held(tree)]
    finished = [frame for frame in frames if len(frame)]
    if not finished:
        return pandas.DataFrame(columns=list(COLUMNS))
    return pandas.concat(finished).sort_values(["workload", "score", "contestant", "usability"], ignore_index=True)


def _rows(dataset: Dataset, panel: Panel) -> DataFrame:
    if panel.score not in dataset:
        held = ", ".join(dataset.attrs["measures"])
        raise FigureError(f"workload {panel.workload!r} has no score {panel.score!r}; its scores are: {held}")
    frame = moments(_curve(dataset, panel))
    source = source_of(dataset.attrs["source"], panel.score)
    frame = frame[frame["n"] > 0].assign(workload=panel.workload, source=source, score=panel.score)
    return frame[list(COLUMNS)]


def _curve(dataset: Dataset, panel: Panel) -> DataArray:
    """The cells on the curve: (contestant, seed, condition, realisation)."""
    chosen = (
        (dataset["device"] == "lognormal") & (dataset["crossbar"] == panel.crossbar) & (dataset["curve_source"] == "")
    )
    cells = dataset[panel.score].isel(condition=chosen.to_numpy().nonzero()[0])
    levels = cells["usability"].to_numpy().tolist()
    if twice := sorted({level for level in levels if levels.count(level) > 1}):
        raise FigureError(
            f"workload {panel.workload!r} has two conditions at usability {twice[0]:g} that differ only in the "
            "device's settings; in the study, give the other ones a crossbar label of their own"
        )
    return cells


def moments(cells: DataArray) -> DataFrame:
    """Mean, sample standard deviation and counts over seeds and realisations, NaN cells left out: a row per contestant
    and condition, with its coordinates."""
    done = cells.notnull()
    n = done.sum(_SAMPLES)
    mean = cells.sum(_SAMPLES) / n.where(n > 0)
    variance = ((cells - mean) ** 2).sum(_SAMPLES) / (n - 1).where(n > 1)
    found = mean.to_dataset(name="mean").assign(
        std=variance**0.5,
        n_seeds=done.any("realisation").sum("seed"),
        n_realisations=done.any("seed").sum("realisation"),
        n=n,
    )
    # A frame leaves out coordinates that have an index.
    levels = found.xindexes.keys() - found.dims
    return found.drop_indexes(levels).to_dataframe().reset_index()
