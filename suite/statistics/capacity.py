"""How large a stored automaton may be: where success falls through one half, and how that grows with the network.

Intervals are of a bootstrap over trials (other automata, vectors and walks), 95 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REPEATS = 200


@dataclass(frozen=True)
class Trials:
    """Of networks of one size and automata of one ratio of edges to states: states (sizes,), rising, edges (sizes,);
    success (sizes, trials), shares of right walks; active: neurons of a sparse state, 0 where codes are dense."""

    neurons: int
    active: int
    ratio: float
    states: Array
    edges: Array
    success: Array

    @property
    def half(self) -> float:
        """States at which half of all walks are right, on the falling step function nearest to the means, between its
        steps linear; NaN where it never falls so far, or begins below."""
        from scipy.optimize import isotonic_regression

        means = isotonic_regression(self.success.mean(1), increasing=False).x
        if not means[0] > 0.5 >= means[-1]:
            return float("nan")
        after = int(np.argmax(means <= 0.5))
        low, high = means[after - 1], means[after]
        part = (low - 0.5) / (low - high)
        return float(self.states[after - 1] + part * (self.states[after] - self.states[after - 1]))


@dataclass(frozen=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    high: float


def edge_cost(groups: Sequence[Trials]) -> float:
    """c of states + c edges = a N, the line between right and wrong walks in dense networks of any N: a logistic
    regression on states / N and edges / N."""
    from sklearn.linear_model import LogisticRegression

    dense = [group for group in groups if not group.active]
    if len({group.ratio for group in dense}) < 2:
        return float("nan")
    places, right, wrong = (np.concatenate(parts) for parts in zip(*map(_counts, dense), strict=True))
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(
        np.concatenate([places, places]), np.repeat([1, 0], len(right)), sample_weight=np.concatenate([right, wrong])
    )
    states, edges = fitted.coef_[0]
    return float(edges / states)


def _counts(group: Trials) -> tuple[Array, Array, Array]:
    """Percent of N (sizes, 2), right and wrong walks (sizes,); trials of one size are one row, which is as likely."""
    right = group.success.sum(axis=1)
    places = 100 * np.stack([group.states, group.edges], axis=1) / group.neurons
    return places, right, group.success.shape[1] - right


def per_neuron(groups: Sequence[Trials]) -> float:
    """C / N of dense networks with as many edges as states, least squares through 0."""
    neurons, half = _growth(groups, sparse=False)
    return float((neurons * half).sum() / (neurons**2).sum()) if len(neurons) else float("nan")


def exponent(groups: Sequence[Trials], sparse: bool) -> float:
    """b of C ~ N^b with as many edges as states; sparse: with the number of active neurons that is best at each N."""
    neurons, half = _growth(groups, sparse)
    return float(np.polyfit(np.log(neurons), np.log(half), 1)[0]) if len(set(neurons)) > 1 else float("nan")


def _growth(groups: Sequence[Trials], sparse: bool) -> tuple[Array, Array]:
    best: dict[int, float] = {}
    for group in groups:
        if group.ratio == 1 and bool(group.active) == sparse and np.isfinite(half := group.half):
            best[group.neurons] = max(half, best.get(group.neurons, 0.0))
    return np.array([*best], float), np.array([*best.values()], float)


def estimate(
    groups: Sequence[Trials], number: Callable[[Sequence[Trials]], float], generator: np.random.Generator
) -> Estimate:
    """A number of some trials; NaN ends where resampled trials give none."""
    found = np.array([number([_resampled(group, generator) for group in groups]) for _ in range(REPEATS)])
    found = found[np.isfinite(found)]
    low, high = np.quantile(found, [0.025, 0.975]) if len(found) > REPEATS / 2 else (np.nan, np.nan)
    return Estimate(number(groups), float(low), float(high))


def _resampled(group: Trials, generator: np.random.Generator) -> Trials:
    trials: Any = generator.integers(group.success.shape[1], size=group.success.shape)
    return replace(group, success=np.take_along_axis(group.success, trials, axis=1))
