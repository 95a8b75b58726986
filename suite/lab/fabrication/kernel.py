"""The covariance of the surrogate as one kernel: variance x Matérn 5/2 with a length scale per feature, white noise.

Equal to scikit-learn's `ConstantKernel() * Matern(nu=2.5) + WhiteKernel()` and several times faster on tens of rows,
where the sum and product of kernel objects costs more than the arithmetic (a test holds the two together).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.gaussian_process.kernels import Kernel

Array = np.ndarray[Any, Any]

# Bounds for values scaled to variance 1 and features scaled to [0, 1].
VARIANCE, LENGTH, NOISE = (1e-2, 1e2), (0.1, 30.0), (1e-3, 1.0)


class NoisyMatern(Kernel):
    """k(x, x') of features (n, d); parameters: variance, d length scales, variance of the noise."""

    def __init__(self, parameters: tuple[float, ...]) -> None:
        self.parameters = parameters

    @staticmethod
    def fresh(columns: int) -> NoisyMatern:
        """Where every fit begins: unit variance and length scales, a tenth of the variance as noise."""
        return NoisyMatern((1.0, *[1.0] * columns, 0.1))

    @property
    def noise(self) -> float:
        """Variance of the white noise."""
        return self.parameters[-1]

    @property
    def theta(self) -> Array:
        """Logarithms of the parameters."""
        return np.log(self.parameters)

    @theta.setter
    def theta(self, logarithms: Array) -> None:
        """Set by scikit-learn's optimiser."""
        self.parameters = tuple(np.exp(logarithms).tolist())

    @property
    def n_dims(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    @property
    def bounds(self) -> Array:
        """Bounds of theta, (parameters, 2)."""
        return np.log([VARIANCE, *[LENGTH] * (len(self.parameters) - 2), NOISE])

    def __call__(self, X: Array, Y: Array | None = None, eval_gradient: bool = False) -> Any:
        """(n, m) covariances, with noise only where Y is not given; on request their gradient in theta (n, n, p)."""
        variance, *lengths, noise = self.parameters
        if Y is not None:
            return variance * _matern(np.sqrt(5 * cdist(X / lengths, Y / lengths, "sqeuclidean")))
        squared = ((X[:, None] - X[None]) / lengths) ** 2
        root = np.sqrt(5 * squared.sum(axis=2))
        smooth, white = variance * _matern(root), noise * np.eye(len(X))
        if not eval_gradient:
            return smooth + white
        along = (5 / 3) * (variance * (1 + root) * np.exp(-root))[:, :, None] * squared
        return smooth + white, np.dstack([smooth, along, white])

    def diag(self, X: Array) -> Array:
        """Variances (n,) of new devices, noise included."""
        return np.full(len(X), self.parameters[0] + self.noise)

    def is_stationary(self) -> bool:
        """Yes: only differences of features matter."""
        return True


def _matern(root: Array) -> Array:
    """Matérn 5/2 of sqrt(5) times the distance (Rasmussen and Williams 2006, eq. 4.17)."""
    return (1 + root + root**2 / 3) * np.exp(-root)
