"""Published scores of made-up curves, as the table `scores.csv` has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas

from suite.contract.conditions import Condition


def scores_of(
    curves: Mapping[str, Sequence[Sequence[float]]], sigmas: Sequence[float], std: Callable[[int], float]
) -> pandas.DataFrame:
    """Scores by seed of curves {contestant: (seeds, levels)} on plain crossbars; std(seed): over realisations."""
    rows = [
        {
            "workload": "w",
            "source": "toy:points",
            "contestant": contestant,
            "device": "lognormal",
            "crossbar": "weights",
            "sigma_log": sigma,
            "condition": Condition.of(sigma_log=sigma).key,
            "usability": np.exp(-sigma),
            "score": "accuracy",
            "seed": seed,
            "mean": mean,
            "std": std(seed),
            "n_realisations": 4,
        }
        for contestant, by_seed in curves.items()
        for seed, curve in enumerate(by_seed)
        for sigma, mean in zip(sigmas, curve, strict=True)
    ]
    return pandas.DataFrame(rows)
