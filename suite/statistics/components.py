"""Where the variance of one benchmark cell comes from: its trained states, their programmings, its test samples."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Components:
    """Mean of a cell's scores and its variances, in squared units of the score.

    of_means: of the seed means, as observed; 1/realisations of `within` is part of it. within: from one programming of
    a trained state to the next, pooled over seeds.
    """

    seeds: int
    realisations: int
    mean: float
    of_means: float
    within: float

    @property
    def between(self) -> float:
        """Of trained states alone, which no number of realisations lessens: an estimate, never below 0."""
        return max(0.0, self.of_means - self.within / self.realisations)

    @property
    def half_width(self) -> float:
        """Of the 95 % t interval on these seed means."""
        return t_quantile(self.seeds - 1) * sqrt(self.of_means / self.seeds)

    def predicted(self, realisations: int) -> float:
        """The half width to expect of so many realisations."""
        return t_quantile(self.seeds - 1) * sqrt((self.between + self.within / realisations) / self.seeds)


def components(scores: np.ndarray[Any, Any]) -> Components:
    """Of the scores (seeds, realisations) of one cell; raises ValueError for fewer than two of either."""
    seeds, realisations = scores.shape
    if min(seeds, realisations) < 2:
        raise ValueError(f"variances take two seeds and two realisations, got {scores.shape}")
    means, within = scores.mean(1), scores.var(1, ddof=1).mean()
    return Components(seeds, realisations, float(means.mean()), float(means.var(ddof=1)), float(within))


def of_test_samples(share: float, samples: int) -> float:
    """Variance of a share of right answers from one test set of so many samples to the next, as of a binomial.

    Where all seeds and realisations are scored on one test set it is in none of their intervals, and none lessens it.
    """
    return share * (1.0 - share) / samples


def t_quantile(degrees: int) -> float:
    """Half of the central 95 % of Student's t, in standard errors."""
    from scipy.stats import t

    return float(t.ppf(0.975, degrees))
