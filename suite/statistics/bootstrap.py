"""Bootstrap intervals over seeds, for numbers that are no plain mean of seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 4000


def seed_bootstrap(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    by_seed: NDArray[np.float64],
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Expanded percentile interval of statistic(mean over seeds); NaN where there is one seed.

    by_seed: (seeds, ...), independent along the first axis; statistic: means (resamples, ...) -> (resamples,). Whole
    seeds are drawn again, with all their realisations and levels. With n seeds plain percentiles are too narrow by
    sqrt((n - 1) / n) and by the normal in place of the t distribution; the level is widened to make up for both
    (T. Hesterberg, The American Statistician 69, 2015, section 4.5).
    """
    from scipy.stats import bootstrap, norm, t

    n = len(by_seed)
    if n < 2:
        return float("nan"), float("nan")
    tail = norm.cdf(np.sqrt(n / (n - 1)) * t.ppf((1 - confidence) / 2, n - 1))

    def of_seeds(chosen: NDArray[np.int64], axis: int = -1) -> Any:
        return statistic(by_seed[np.atleast_2d(chosen)].mean(1)).reshape(chosen.shape[:-1])

    found = bootstrap(
        (np.arange(n),),
        of_seeds,
        vectorized=True,
        n_resamples=RESAMPLES,
        method="percentile",
        confidence_level=1 - 2 * tail,
        rng=generator,
    ).confidence_interval
    return float(found.low), float(found.high)
