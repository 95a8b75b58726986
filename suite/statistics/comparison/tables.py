"""Tables of a comparison: cells with both spreads, and paired differences to a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from suite.contract import Score
from suite.statistics.comparison.scores import CELL, CONDITION, Measures, measure_of
from suite.statistics.paired import interval, p_value, paired

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def cells(scores: DataFrame) -> DataFrame:
    """Mean, 95 % t interval on seed means, and both spreads, one row per workload, contestant, condition and score.

    sd_seeds: of seed means (missing for one seed); sd_realisations: within a seed, root mean square over seeds.
    """
    import pandas

    rows = []
    for labels, cell in scores.groupby(CELL, sort=True, dropna=False):
        found = interval(cell["mean"])
        rows.append(
            {
                **dict(zip(CELL, labels, strict=True)),
                "mean": found.mean,
                "low": found.mean - found.half_width,
                "high": found.mean + found.half_width,
                "sd_seeds": cell["mean"].std(),
                "sd_realisations": np.sqrt((cell["std"] ** 2).mean()),
                "n_seeds": found.n,
                "n_realisations": cell["n_realisations"].min(),
            }
        )
    return pandas.DataFrame(rows)


def differences(scores: DataFrame, baseline: str, measures: Measures) -> DataFrame:
    """Every method minus the baseline, per condition: mean and 95 % t interval on seed means, paired by seed.

    Conditions are kept apart, also those that differ in settings alone. p_value: paired t test; p_holm: corrected for
    all methods and conditions of one workload and score (Holm's step-down). ratio: the paper's "fold", mean over
    baseline mean (its inverse where lower is better); excess_ratio: the same above chance, missing where the baseline
    is no better than chance by its own interval. One seed: no interval and no test.
    """
    import pandas

    rows = []
    for labels, cell in scores.groupby(["workload", "score", *CONDITION], sort=True, dropna=False):
        named = dict(zip(["workload", "score", *CONDITION], labels, strict=True))
        by_seed = cell.pivot(index="seed", columns="contestant", values="mean")
        for contestant in [name for name in by_seed.columns if name != baseline and baseline in by_seed]:
            both = by_seed[[contestant, baseline]].dropna()
            if len(both):
                row = _difference(
                    both[contestant], both[baseline], measure_of(measures, named["workload"], named["score"])
                )
                rows.append({**named, "contestant": contestant, "baseline": baseline, **row})
    return _corrected(pandas.DataFrame(rows))


def _difference(own: Series, base: Series, measure: Score) -> dict[str, Any]:
    found, level = paired(own, base), interval(base)
    ratio = own.mean() / base.mean() if base.mean() else float("nan")
    at_chance = not abs(level.mean - measure.level) > level.half_width
    excess = float("nan") if at_chance else (own.mean() - measure.level) / (base.mean() - measure.level)
    return {
        "baseline_mean": base.mean(),
        "mean": own.mean(),
        "difference": found.mean,
        "low": found.mean - found.half_width,
        "high": found.mean + found.half_width,
        "n_seeds": found.n,
        "significant": found.excludes_zero,
        "p_value": p_value(own, base),
        "ratio": ratio if measure.higher_is_better else 1 / ratio,
        "excess_ratio": excess,
    }


def _corrected(table: DataFrame) -> DataFrame:
    if table.empty:
        return table
    table = table.assign(p_holm=float("nan"))
    tested = table[table["p_value"].notna()]
    if tested.empty:
        return table
    # A second of a processor, which no study of one seed needs.
    from statsmodels.stats.multitest import multipletests

    for _, family in tested.groupby(["workload", "score"]):
        table.loc[family.index, "p_holm"] = multipletests(family["p_value"], method="holm")[1]
    return table
