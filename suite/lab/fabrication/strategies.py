"""Ways to choose the next device of a pool: each a function of what was tried and what is left.

`left` comes in the repetition's own random order and ties go to its first, so that no strategy profits from the order
of the table. Why these: docs/adr/0006-fabrication-search.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from suite.lab.fabrication.acquisition import expected_improvement, first_best
from suite.lab.fabrication.pool import Pool
from suite.lab.fabrication.surrogate import Surrogate
from suite.lab.fabrication.targets import Target, modelled

Array = np.ndarray[Any, Any]
# choose(tried, left) -> one of left; both are rows of the pool.
Chooser = Callable[[Sequence[int], Sequence[int]], int]


def first_left(pool: Pool) -> Chooser:
    """Random search: the repetition's order as it stands."""
    return lambda tried, left: left[0]


def nearest_to_best(pool: Pool) -> Chooser:
    """The device most like the best one so far (Euclidean, features in [0, 1]): varying a recipe by hand, no model."""
    features, sigma = pool.features, pool.sigma_log

    def choose(tried: Sequence[int], left: Sequence[int]) -> int:
        best = min(tried, key=lambda row: sigma[row])
        distance = ((features[list(left)] - features[best]) ** 2).sum(axis=1)
        # Distances that rounding alone tells apart are equal.
        return left[int(distance.round(9).argmin())]

    return choose


def gaussian_process(pool: Pool, target: Target) -> Chooser:
    """Expected improvement of a Gaussian process that is refitted at every step, also from its last optimum."""
    features, values = pool.features, modelled(pool.sigma_log, target)
    optimum: Array | None = None

    def choose(tried: Sequence[int], left: Sequence[int]) -> int:
        nonlocal optimum
        surrogate = Surrogate(features[list(tried)], values[list(tried)], optimum)
        optimum = surrogate.optimum
        gains = expected_improvement(surrogate.predict(features[list(left)]), surrogate.best)
        return left[first_best(gains)]

    return choose


STRATEGIES: dict[str, Callable[[Pool], Chooser]] = {
    "gp_log_sigma": lambda pool: gaussian_process(pool, "log_sigma"),
    "gp_usability": lambda pool: gaussian_process(pool, "usability"),
    "nearest": nearest_to_best,
    "random": first_left,
}
