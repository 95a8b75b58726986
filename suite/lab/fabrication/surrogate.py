"""The Gaussian process that stands for the laboratory: Matérn 5/2 with one length scale per feature, white noise.

Why scikit-learn: docs/adr/0006-fabrication-search.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor

from suite.lab.fabrication.kernel import NoisyMatern

Array = np.ndarray[Any, Any]

# Steps of L-BFGS from each start.
_STEPS = 50


@dataclass(frozen=True)
class Prediction:
    """Of every row: the mean, the standard deviation of the latent function, and that of a new device, noise included.

    All on the scale of the values that were fitted.
    """

    mean: Array
    latent_sd: Array
    sd: Array


class Surrogate:
    """A Gaussian process over features (n, d) and values (n,), larger is better.

    Hyperparameters maximise the marginal likelihood, from a fixed start and, where given, from `start` (the optimum
    of a smaller table): few searches of bounded length, and the same bytes every time.
    """

    def __init__(self, features: Array, values: Array, start: Array | None = None) -> None:
        starts = [] if start is None else [start]
        self._centre, self._scale = float(values.mean()), float(values.std()) or 1.0
        self._features, self._scaled = features, (values - self._centre) / self._scale
        self._fitted = _fit(NoisyMatern.fresh(features.shape[1]), features, self._scaled, _optimiser(starts))

    @property
    def optimum(self) -> Array:
        """Logarithms of the hyperparameters found."""
        return self._fitted.kernel_.theta

    @property
    def best(self) -> float:
        """The largest mean among the fitted rows: what a new device has to beat (plug-in under noise)."""
        return float(self.predict(self._features).mean.max())

    def predict(self, features: Array) -> Prediction:
        """Of features (n, d)."""
        mean, sd = self._fitted.predict(features, return_std=True)
        latent = np.sqrt(np.maximum(sd**2 - self._fitted.kernel_.noise, 0.0))
        return Prediction(self._centre + self._scale * mean, self._scale * latent, self._scale * sd)

    def believing(self, features: Array) -> Surrogate:
        """The kriging believer: rows (n, d) not yet measured count as measured at their means; nothing is refitted."""
        believer = copy(self)
        believer._features = np.vstack([self._features, features])
        believer._scaled = np.concatenate([self._scaled, self._fitted.predict(features)])
        believer._fitted = _fit(self._fitted.kernel_, believer._features, believer._scaled, None)
        return believer


def _fit(kernel: NoisyMatern, features: Array, values: Array, optimiser: Any) -> GaussianProcessRegressor:
    return GaussianProcessRegressor(kernel, optimizer=optimiser).fit(features, values)


def _optimiser(starts: Sequence[Array]) -> Callable[[Any, Array, Array], tuple[Array, float]]:
    """Minimises scikit-learn's objective from its own start and from `starts`; the first of equals wins."""

    def optimise(objective: Any, initial: Array, bounds: Array) -> tuple[Array, float]:
        found = [
            minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": _STEPS})
            for start in (initial, *starts)
        ]
        best = min(found, key=lambda result: result.fun)
        return best.x, best.fun

    return optimise
