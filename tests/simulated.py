"""Scores of simulated studies whose true curves are known: what intervals are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas
from numpy.typing import NDArray

from suite.contract import Score
from suite.contract.conditions import Condition
from suite.statistics.comparison.robustness import QUANTITIES, robustness
from suite.statistics.comparison.tables import cells, differences

SIGMA = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.2])
# How far a contestant's curve reaches.
REACH = {"erm": 0.6, "bayesmulti": 0.9}
CHANCE = 0.1
SEEDS, REALISATIONS = 5, 20
# Standard deviations: of seeds at sigma 0, of their slope, shared by contestants or not, and of realisations.
SHARED, OWN, SLOPE, REALISATION = 0.01, 0.005, 0.04, 0.05
MEASURES = {"accuracy": Score("Accuracy", CHANCE)}


@dataclass(frozen=True)
class Coverage:
    """Share of intervals that hold the truth, by what they are of, and their number."""

    share: float
    n: int


def truth(contestant: str) -> NDArray[np.float64]:
    """The true mean at every level (levels,)."""
    curve: NDArray[np.float64] = CHANCE + 0.88 * np.exp(-((SIGMA / REACH[contestant]) ** 2))
    return curve


def scores(cubes: range) -> pandas.DataFrame:
    """As of `scores_by_seed`: one workload per simulated cube, cube k always the same."""
    conditions = [Condition.of(sigma_log=float(sigma)) for sigma in SIGMA]
    return pandas.concat([_cube(number, conditions) for number in cubes], ignore_index=True)


def _cube(number: int, conditions: list[Condition]) -> pandas.DataFrame:
    rng = np.random.default_rng([7, number])
    common = _seeds(rng, SHARED)
    frames = []
    for contestant in REACH:
        means = truth(contestant) + common + _seeds(rng, OWN)
        # Realisations are drawn once for all levels, as the crossbars of a study are, and vanish at sigma 0.
        drawn = rng.normal(size=(SEEDS, REALISATIONS)) * REALISATION
        values = means[..., None] + drawn[:, None, :] * np.minimum(SIGMA, 1)[None, :, None]
        seed, level = (index.ravel() for index in np.indices(means.shape))
        frames.append(
            pandas.DataFrame(
                {
                    "workload": f"cube{number}",
                    "source": "synthetic:curves",
                    "contestant": contestant,
                    "device": "lognormal",
                    "crossbar": "weights",
                    "sigma_log": SIGMA[level],
                    "condition": [conditions[place].key for place in level],
                    "usability": np.exp(-SIGMA[level]),
                    "score": "accuracy",
                    "seed": seed,
                    "mean": values.mean(-1).ravel(),
                    "std": values.std(-1, ddof=1).ravel(),
                    "n_realisations": REALISATIONS,
                }
            )
        )
    return pandas.concat(frames, ignore_index=True)


def _seeds(rng: np.random.Generator, spread: float) -> NDArray[np.float64]:
    """(seeds, levels): an offset of the whole curve, and one that grows with sigma."""
    effect: NDArray[np.float64] = rng.normal(size=(SEEDS, 1)) * spread + rng.normal(size=(SEEDS, 1)) * SLOPE * SIGMA
    return effect


def coverage(cubes: range) -> dict[str, Coverage]:
    """Of means, paired differences, and each quantity of a curve and of its difference to ERM."""
    table = scores(cubes)
    measures = dict.fromkeys(table["workload"].unique(), MEASURES)
    level = {Condition.of(sigma_log=float(sigma)).key: place for place, sigma in enumerate(SIGMA)}

    def true(row: pandas.Series) -> float:
        return float(truth(row["contestant"])[level[row["condition"]]])

    own = cells(table)
    apart = differences(table, "erm", measures)
    base = truth("erm")[apart["condition"].map(level).to_numpy()]
    found = {
        "mean": _share(own, own.apply(true, axis=1)),
        "difference": _share(apart, apart.apply(true, axis=1) - base),
    }
    curves = robustness(table, "erm", measures)
    for quantity, of in QUANTITIES.items():
        rows = curves[curves["quantity"] == quantity]
        values = {contestant: float(of(SIGMA, truth(contestant), CHANCE)) for contestant in REACH}
        found[quantity] = _share(rows, rows["contestant"].map(values))
        against = rows[rows["contestant"] != "erm"].drop(columns=["low", "high"])
        against = against.rename(columns={"difference_low": "low", "difference_high": "high"})
        found[f"{quantity}, difference"] = _share(against, values["bayesmulti"] - values["erm"])
    return found


def _share(rows: pandas.DataFrame, value: pandas.Series | float) -> Coverage:
    held = (rows["low"] <= value) & (value <= rows["high"])
    return Coverage(float(held.mean()), len(held))
