"""Bootstrap intervals over seeds, for numbers that are no plain mean of seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 4000


def seed_bootstrap(
    statistic: Callable[[Array], Array],
    by_seed: Array,
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> tuple[Array, Array]:
    """Expanded percentile intervals of statistic(mean over seeds), (k,) each; NaN where there is one seed.

    by_seed: (seeds, ...), independent along the first axis; statistic: means (resamples, ...) -> k numbers of each
    (k, resamples), all from the same resamples. Whole seeds are drawn again, with all their realisations and levels.
    With n seeds plain percentiles are too narrow by sqrt((n - 1) / n) and by the normal in place of the t distribution;
    the level is widened to make up for both (T. Hesterberg, The American Statistician 69, 2015, section 4.5).
    """
    n = len(by_seed)
    if n < 2:
        unknown = np.full(len(statistic(by_seed)), np.nan)
        return unknown, unknown
    from scipy.stats import bootstrap, norm, t

    tail = norm.cdf(np.sqrt(n / (n - 1)) * t.ppf((1 - confidence) / 2, n - 1))

    def of_seeds(chosen: NDArray[np.int64], axis: int = -1) -> Any:
        found = statistic(by_seed[np.atleast_2d(chosen)].mean(1))
        return found if chosen.ndim > 1 else found[:, 0]

    found = bootstrap(
        (np.arange(n),),
        of_seeds,
        vectorized=True,
        n_resamples=RESAMPLES,
        method="percentile",
        confidence_level=1 - 2 * tail,
        rng=generator,
    ).confidence_interval
    return found.low, found.high
