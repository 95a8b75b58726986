"""Each method's curve against sigma in single numbers, with bootstrap intervals over seeds, and ranks made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import Score
from suite.contract.seeds import numpy_generator
from suite.statistics.bootstrap import seed_bootstrap
from suite.statistics.comparison.scores import Measures, measure_of
from suite.statistics.ranks import Ranking, ranking
from suite.statistics.tolerance import area, tolerated_sigma

if TYPE_CHECKING:
    from pandas import DataFrame

Array = NDArray[np.float64]

# Of (sigma (levels,), means (..., levels), chance) -> (...).
QUANTITIES: dict[str, Callable[[Array, Array, float], Array]] = {
    "sigma_5_points": lambda sigma, means, chance: tolerated_sigma(sigma, means, 0.05),
    "sigma_10_points": lambda sigma, means, chance: tolerated_sigma(sigma, means, 0.10),
    "sigma_half_to_chance": lambda sigma, means, chance: tolerated_sigma(sigma, means, (means[..., 0] - chance) / 2),
    "area": lambda sigma, means, chance: area(sigma, means),
}
FEWEST_LEVELS = 3
PLAIN = "lognormal()@weights"
CURVE = ["workload", "score", "device", "crossbar", "settings"]


def robustness(scores: DataFrame, baseline: str, measures: Measures) -> DataFrame:
    """One row per curve, contestant and quantity: value, 95 % interval, and the paired difference to the baseline.

    A curve is a device on a crossbar at three levels of sigma or more, the perfect one among them. Quantities: the
    sigma tolerated until 5 points, 10 points or half of the way to chance are lost, and the area, the mean score over
    usability between the curve's levels. A tolerated sigma that reaches the last level is a lower bound (beyond).
    Intervals: `seed_bootstrap`, the same resampled seeds for all; seeds that lack a level are left out, and conditions
    without a sigma.
    """
    import pandas

    rows = []
    for labels, sigma, by_seed in _curves(scores):
        measure = measure_of(measures, labels["workload"], labels["score"])
        base = by_seed.get(baseline)
        for contestant, own in by_seed.items():
            found = _quantities(sigma, own, None if own is base else base, measure)
            rows += [{**labels, "contestant": contestant, **row, "last_sigma": sigma[-1]} for row in found]
    return pandas.DataFrame(rows)


def settings_of(condition: str) -> str:
    """What tells curves of one device and crossbar apart: the condition's key without its sigma."""
    return re.sub(r"sigma_log=[^,)]*,?", "", condition)


def _curves(scores: DataFrame) -> Iterator[tuple[dict[str, str], Array, dict[str, DataFrame]]]:
    """Labels, sigma (levels,) and, per method, scores (seeds, levels)."""
    scores = scores[scores["sigma_log"].notna()]
    settings = [settings_of(condition) for condition in scores["condition"]]
    for labels, curve in scores.assign(settings=settings).groupby(CURVE, sort=True):
        sigma = np.sort(curve["sigma_log"].unique())
        if len(sigma) < FEWEST_LEVELS or sigma[0] != 0:
            continue
        tables = {
            str(contestant): table.pivot(index="seed", columns="sigma_log", values="mean")
            .reindex(columns=sigma)
            .dropna()
            for contestant, table in curve.groupby("contestant")
        }
        filled = {contestant: table for contestant, table in tables.items() if len(table)}
        yield dict(zip(CURVE, labels, strict=True)), sigma, filled


def _quantities(sigma: Array, own: DataFrame, base: DataFrame | None, measure: Score) -> Iterator[dict[str, Any]]:
    """One row per quantity."""
    shared = own.index if base is None else own.index.intersection(base.index)
    alone = _intervals(sigma, own.to_numpy()[:, None], measure)
    if base is None or not len(shared):
        differences = np.full_like(alone, np.nan)
    else:
        pairs = np.stack([own.loc[shared].to_numpy(), base.loc[shared].to_numpy()], 1)
        differences = _intervals(sigma, pairs, measure)
    for quantity, (value, low, high), (apart, lower, upper) in zip(QUANTITIES, alone.T, differences.T, strict=True):
        beyond = quantity != "area" and bool(value >= sigma[-1])
        row = {"quantity": quantity, "value": value, "low": low, "high": high, "n_seeds": len(own), "beyond": beyond}
        yield row | {"difference": apart, "difference_low": lower, "difference_high": upper}


def _intervals(sigma: Array, curves: Array, measure: Score) -> Array:
    """Of curves (seeds, 1 or 2, levels): the quantities of the first, less those of the second, (3, quantities): value,
    low, high."""
    sign = 1.0 if measure.higher_is_better else -1.0

    def of(means: Array) -> Array:
        found = {name: each(sigma, sign * means, sign * measure.level) for name, each in QUANTITIES.items()}
        found["area"] = sign * found["area"]
        oriented = np.stack(list(found.values()))
        return oriented[..., 0] - oriented[..., 1] if oriented.shape[-1] == 2 else oriented[..., 0]

    value = of(curves.mean(0)[None])[:, 0]
    return np.stack([value, *seed_bootstrap(of, curves, numpy_generator(0, "bootstrap"))])


def ranks(found: DataFrame, measures: Measures) -> Ranking | None:
    """Ranks of methods by the area under each workload's main score, log-normal cells on plain weights.

    found: as of `robustness`. Methods that lack a workload are left out. Of several test sets the first by name counts.
    None where no workload has such a curve.
    """
    plain = found[(found["quantity"] == "area") & (found["settings"] == PLAIN)]
    main = plain[plain["score"] == [_main(plain, measures, workload) for workload in plain["workload"]]]
    table = main.pivot(index="workload", columns="contestant", values="value").dropna(axis=1)
    signs = [1 if next(iter(measures[workload].values())).higher_is_better else -1 for workload in table.index]
    return ranking(table.mul(signs, axis=0)) if len(table) else None


def _main(found: DataFrame, measures: Measures, workload: str) -> str:
    name = next(iter(measures[workload]))
    scores = {score for score in found.loc[found["workload"] == workload, "score"] if score.partition("@")[0] == name}
    return min(scores)
