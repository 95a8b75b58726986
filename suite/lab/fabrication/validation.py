"""How far the surrogate errs on devices that it has not seen, and how wide an interval must be to hold them.

Devices are left out one recipe at a time, or one group at a time: where a table is confounded, a device left out alone
has close relatives among those that stay, and only leaving out the whole group shows what a new kind of device costs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.lab.fabrication.encoding import Encoder
from suite.lab.fabrication.surrogate import Surrogate
from suite.lab.fabrication.targets import Z95, Target, modelled

Array = np.ndarray[Any, Any]

# More folds cost time and say nothing new.
MOST_FOLDS = 40


@dataclass(frozen=True)
class Validation:
    """Of every device when it was left out: what was measured and predicted, the sd of a new device, and the mean of
    the devices that stayed, all on the surrogate's scale."""

    measured: Array
    predicted: Array
    sd: Array
    mean_of_rest: Array

    @property
    def rmse(self) -> float:
        """Root mean square error of the surrogate."""
        return float(np.sqrt(np.mean((self.predicted - self.measured) ** 2)))

    @property
    def rmse_of_mean(self) -> float:
        """Root mean square error of predicting the mean of the devices that stayed: what any surrogate has to beat."""
        return float(np.sqrt(np.mean((self.mean_of_rest - self.measured) ** 2)))

    @property
    def coverage(self) -> float:
        """Share of devices inside the surrogate's own 95 % interval, mean +- 1.96 sd."""
        return float((self._scores <= Z95).mean())

    def level(self, wanted: float) -> float:
        """What a calibrated interval holds of new devices: what is wanted, or n / (n + 1) where n are too few."""
        return min(wanted, len(self.sd) / (len(self.sd) + 1))

    def reach(self, wanted: float) -> float:
        """Half width of the calibrated interval in predicted sd: the order statistic of the errors, in sd, that
        split-conformal prediction takes (Lei et al., J. Am. Stat. Assoc. 113, 1094 (2018), section 2.2)."""
        place = math.ceil(self.level(wanted) * (len(self.sd) + 1) - 1e-9)
        return float(np.sort(self._scores)[place - 1])

    @property
    def _scores(self) -> Array:
        return np.abs(self.predicted - self.measured) / self.sd


def recipe_folds(rows: DataFrame) -> list[int]:
    """A label per row: devices of equal factors leave together, one recipe at a time up to MOST_FOLDS recipes."""
    recipes = list(rows.itertuples(index=False, name=None))
    places = {recipe: place for place, recipe in enumerate(dict.fromkeys(recipes))}
    return [places[recipe] % MOST_FOLDS for recipe in recipes]


def cross_validation(
    encoder: Encoder, rows: DataFrame, sigma_log: Array, groups: Sequence[Any], target: Target
) -> Validation:
    """Every group of rows predicted from all others; `groups` has one label per row, at least two different ones."""
    features, values, labels = encoder.features(rows), modelled(sigma_log, target), np.array(groups)
    predicted, sd, mean = np.empty_like(values), np.empty_like(values), np.empty_like(values)
    for label in dict.fromkeys(groups):
        out = labels == label
        found = Surrogate(features[~out], values[~out]).predict(features[out])
        predicted[out], sd[out], mean[out] = found.mean, found.sd, values[~out].mean()
    return Validation(values, predicted, sd, mean)
