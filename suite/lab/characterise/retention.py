"""Retention data -> a table of quantiles that makes a device: how far cells of each level have moved by each time.

A CSV with the columns `seconds` since programming, `target_uS` and `conductance_uS`, one row per reading. A target may
be what a cell was asked for, or its first reading: the device then moves cells from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.contract.names import meant
from suite.contract.relaxation import HEAD
from suite.contract.seeds import numpy_generator

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

    Array = np.ndarray[Any, Any]

COLUMNS = ("seconds", "target_uS", "conductance_uS")
# Steps of targets, readings per level, and per level and time; probabilities, dense at both ends for the tails.
MOST_LEVELS, CELLS_OF_LEVEL, FEWEST, RANKS = 80, 50, 10, 41
RESAMPLES = 400


class BadRetention(SuiteError):
    """A file that gives no retention table: file, row or column, and the fix."""


@dataclass(frozen=True)
class Retention:
    """rows: of the table, with HEAD and the probabilities as columns; moments: per time, of all levels together: mean
    and standard deviation of the change in uS, each with its 95 % bootstrap interval over readings."""

    name: str
    path: Path
    rows: DataFrame
    moments: DataFrame


def fit_retention(path: Path) -> Retention:
    """The table of a file. Raises BadRetention."""
    import pandas

    readings = _read(path)
    target, seconds = (readings[name].to_numpy() for name in ("target_uS", "seconds"))
    changes = readings.assign(change=readings["conductance_uS"] - target, level=_levels(target, seconds))
    rows, moments = pandas.DataFrame(_rows(path, changes)), pandas.DataFrame(_moments(changes))
    return Retention(re.sub(r"\W", "_", path.stem), path, rows, moments)


def _read(path: Path) -> DataFrame:
    import numpy as np
    import pandas

    try:
        found = pandas.read_csv(path, comment="#")
    except (OSError, ValueError) as error:
        raise BadRetention(f"{path}: cannot be read as CSV ({error}); columns are {', '.join(COLUMNS)}") from error
    for name in COLUMNS:
        if name not in found:
            raise BadRetention(
                f"{path}: no column {name!r}{meant(name, list(found))}; columns are {', '.join(COLUMNS)}"
            )
    numbers = found[list(COLUMNS)].apply(pandas.to_numeric, errors="coerce")
    wrong = ~np.isfinite(numbers).all(axis=1) | (numbers["seconds"] <= 0) | (numbers["target_uS"] < 0)
    if wrong.any():
        row = found.loc[wrong.idxmax(), list(COLUMNS)]
        said = ", ".join(f"{name} {value}" for name, value in row.items())
        raise BadRetention(
            f"{path}: reading {int(wrong.idxmax()) + 1}: {said}; give finite numbers, seconds above 0 and targets from "
            "0 on, and leave out what was not read"
        )
    return numbers


def _levels(target: Array, seconds: Array) -> Array:
    """The lowest target of each reading's level: of one target each where they are few, else of round steps; a level
    that holds too few cells goes on with the next ones, and the last one back."""
    import numpy as np

    edges = np.unique(target)
    if len(edges) > MOST_LEVELS:
        step = _round(float(np.quantile(target, 0.99)) / MOST_LEVELS)
        edges = np.unique(np.floor(target / step) * step)
    else:
        edges = np.concatenate([[0.0], (edges[1:] + edges[:-1]) / 2])
    place = np.searchsorted(edges, target, side="right") - 1
    # Cells, not readings: as many as were read at one time.
    cells = np.max([np.bincount(place[seconds == time], minlength=len(edges)) for time in np.unique(seconds)], axis=0)
    starts, held = [0.0], 0
    for at in range(1, len(edges)):
        held += cells[at - 1]
        if held >= CELLS_OF_LEVEL and cells[at:].sum() >= CELLS_OF_LEVEL:
            starts.append(float(edges[at]))
            held = 0
    return np.array(starts)[np.searchsorted(starts, target, side="right") - 1]


def _round(step: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten."""
    import math

    decade = 10.0 ** math.floor(math.log10(step))
    return min((factor * decade for factor in (1, 2, 5, 10)), key=lambda one: abs(math.log(one / step)))


def _rows(path: Path, changes: DataFrame) -> Iterator[dict[str, object]]:
    import numpy as np

    ranks = np.sin(np.linspace(0, np.pi / 2, RANKS)) ** 2
    times = sorted(changes["seconds"].unique())
    if len(times) < 2 or changes["level"].nunique() < 2:
        raise BadRetention(f"{path}: {len(times)} time(s), {changes['level'].nunique()} level(s); give two of each")
    for level, own in changes.groupby("level"):
        for seconds in times:
            values = own.loc[own["seconds"] == seconds, "change"].to_numpy()
            if len(values) < FEWEST:
                raise BadRetention(
                    f"{path}: {len(values)} readings at {seconds:g} s of targets from {level:g} uS on; give {FEWEST} "
                    "or more of each level at each time, or leave the time out"
                )
            found = np.quantile(values, ranks, method="hazen")
            quantiles = {f"{rank:.6g}": f"{value:.4g}" for rank, value in zip(ranks, found, strict=True)}
            yield {**dict(zip(HEAD, (f"{level:g}", f"{seconds:g}", len(values)), strict=True)), **quantiles}


def _moments(changes: DataFrame) -> Iterator[dict[str, float]]:
    import numpy as np

    generator = numpy_generator(0, "retention-bootstrap")
    for seconds, own in changes.groupby("seconds"):
        values = own["change"].to_numpy()
        again = values[generator.integers(len(values), size=(RESAMPLES, len(values)))]
        row: dict[str, float] = {"seconds": float(seconds), "cells": len(values)}
        for name, value, drawn in (("mean", values.mean(), again.mean(1)), ("sd", values.std(), again.std(1))):
            low, high = np.quantile(drawn, [0.025, 0.975])
            row |= {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}
        yield row
