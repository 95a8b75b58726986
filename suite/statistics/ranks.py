"""Ranks of methods over workloads, as J. Demsar proposes (Journal of Machine Learning Research 7, 2006)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# Fewer workloads leave Nemenyi's test next to no power.
FEWEST_WORKLOADS = 8
FEWEST_METHODS = 3


@dataclass(frozen=True)
class Ranking:
    """average: mean rank of every method, 1 is best, ties share; friedman_p: of the hypothesis that methods do not
    differ; nemenyi: p values (methods, methods) of pairs. The last two are None below FEWEST_WORKLOADS or
    FEWEST_METHODS."""

    average: Series
    workloads: int
    friedman_p: float | None
    nemenyi: DataFrame | None


def ranking(scores: DataFrame) -> Ranking:
    """Ranks of scores (workloads, methods), higher is better. Raises ValueError where a score is missing."""
    if scores.isna().any(axis=None):
        raise ValueError("every method needs a score on every workload to be ranked")
    average = scores.rank(axis=1, ascending=False).mean().sort_values(kind="stable")
    workloads, methods = scores.shape
    if workloads < FEWEST_WORKLOADS or methods < FEWEST_METHODS:
        return Ranking(average, workloads, None, None)
    from scikit_posthocs import posthoc_nemenyi_friedman
    from scipy.stats import friedmanchisquare

    friedman = friedmanchisquare(*scores.to_numpy().T)
    return Ranking(average, workloads, float(friedman.pvalue), posthoc_nemenyi_friedman(scores))
