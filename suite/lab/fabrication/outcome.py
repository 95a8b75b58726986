"""What a replay says: evaluations to each goal with intervals, and the best usability after every round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.lab.fabrication.pool import Pool
from suite.lab.fabrication.replay import expected_random, goals
from suite.results.files import write_bytes
from suite.statistics.paired import interval, paired

Array = np.ndarray[Any, Any]

# The rounds of the committed replay (results/reference/fabrication), for figures.
ROUNDS = Path(__file__).parent / "rounds.csv"
# The authors' own search (41 evaluations of a Gaussian process, 2023-11-04): of each proposal the number of the nearest
# device of their later table, monotonicity x exp(-sigma). From BayesFT/logs.log.json of
# github.com/qiaosun22/BayesMultiOpenPCDet, commit 23a5b31.
AUTHORS_SEARCH = Path(__file__).parent / "authors_search.csv"


def summary(found: DataFrame, pools: Sequence[Pool]) -> DataFrame:
    """One row per pool, goal and strategy: mean evaluations with their 95 % t interval over repetitions, the exact
    expectation of random search, and the difference to the random search of the same repetitions, paired.

    found: as of `replay`. A difference below zero that excludes zero says that the strategy is faster than chance.
    """
    rows = [
        {"pool": pool.name, "goal": goal, "strategy": name, **_row(found, pool, goal, name)}
        for pool in pools
        for goal in goals(pool)
        for name in dict.fromkeys(found["strategy"])
    ]
    return DataFrame(rows)


def _row(found: DataFrame, pool: Pool, goal: str, name: str) -> dict[str, Any]:
    counts, random = _counts(found, pool, goal, name), _counts(found, pool, goal, "random")
    mean, difference = interval(counts), paired(counts, random)
    exact = expected_random(len(pool.sigma_log), len(goals(pool)[goal]))
    return {
        "mean": mean.mean,
        "low": mean.mean - mean.half_width,
        "high": mean.mean + mean.half_width,
        "repetitions": mean.n,
        "random_exact": exact,
        "minus_random": difference.mean,
        "minus_random_low": difference.mean - difference.half_width,
        "minus_random_high": difference.mean + difference.half_width,
        "differs": difference.excludes_zero,
    }


def _counts(found: DataFrame, pool: Pool, goal: str, name: str) -> Array:
    chosen = found[(found["pool"] == pool.name) & (found["strategy"] == name)]
    return chosen.sort_values("repetition")[goal].to_numpy(float)


def rounds(found: DataFrame, pools: Sequence[Pool]) -> DataFrame:
    """One row per pool, strategy and round: the best usability so far, mean over repetitions with its 95 % t interval.

    A round is one device made, the starts included; a search that has found the best stays there.
    """
    rows = []
    for pool in pools:
        usability = np.exp(-pool.sigma_log)
        for name, group in found[found["pool"] == pool.name].groupby("strategy", sort=False):
            best = np.array([_best_so_far(usability, tried) for tried in group["tried"]])
            for count, values in enumerate(best.T, start=1):
                mean = interval(values)
                row = {"pool": pool.name, "strategy": name, "round": count, "usability": mean.mean}
                ends = {"low": mean.mean - mean.half_width, "high": mean.mean + mean.half_width}
                rows.append({**row, **ends, "repetitions": mean.n})
    return DataFrame(rows)


def _best_so_far(usability: Array, tried: Iterable[int]) -> Array:
    best = np.maximum.accumulate(usability[list(tried)])
    return np.pad(best, (0, len(usability) - len(best)), mode="edge")


def write(found: DataFrame, pools: Sequence[Pool], folder: Path) -> list[Path]:
    """Writes replay.csv (evaluations per repetition), summary.csv and rounds.csv. Raises ResultsNotWritable."""
    tables = {
        "replay.csv": found.drop(columns="tried"),
        "summary.csv": summary(found, pools),
        "rounds.csv": rounds(found, pools),
    }
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_bytes(folder / name, text.encode())
    return [folder / name for name in tables]


def lines(table: DataFrame) -> list[str]:
    """A `summary` as text."""
    heading = f"{'goal':11} {'strategy':13} {'evaluations':>21} {'random':>7}  minus random, paired"
    shown = ["95 % t intervals over repetitions; evaluations include the starts"]
    for pool, rows in table.groupby("pool", sort=False):
        shown += [f"pool: {pool} ({rows['repetitions'].max()} repetitions)", heading]
        for row in rows.itertuples():
            mean = f"{row.mean:.2f} [{row.low:.2f}, {row.high:.2f}]"
            apart = f"{row.minus_random:+.2f} [{row.minus_random_low:+.2f}, {row.minus_random_high:+.2f}]"
            note = "" if row.differs or row.strategy == "random" else " (n.s.)"
            apart = "" if row.strategy == "random" else apart
            shown.append(f"{row.goal:11} {row.strategy:13} {mean:>21} {row.random_exact:>7.2f}  {apart}{note}")
    return shown
