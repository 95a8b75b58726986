"""From factors of fabrication to features: numbers scaled to [0, 1], one column per category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.contract import SuiteError

Array = np.ndarray[Any, Any]


class UnknownLevel(SuiteError):
    """A category that no measured device has: nothing can be predicted of it."""


@dataclass(frozen=True)
class Encoder:
    """Ranges of the numeric factors and levels of the categorical ones, as found in a table.

    A two-step temperature such as `180+210` is a category; so is a missing third etch (`NA`).
    """

    ranges: dict[str, tuple[float, float]]
    levels: dict[str, tuple[str, ...]]

    @staticmethod
    def of(rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> Encoder:
        """From the rows of a pool or table."""
        ranges = {name: (float(rows[name].min()), float(rows[name].max())) for name in numeric}
        return Encoder(ranges, {name: tuple(sorted(set(rows[name]))) for name in categorical})

    def features(self, rows: DataFrame) -> Array:
        """(rows, columns): numbers outside the table's range leave [0, 1]. Raises UnknownLevel."""
        columns = [self._scaled(rows, name) for name in self.ranges]
        for name, levels in self.levels.items():
            self._check(rows, name)
            columns += [(rows[name] == level).to_numpy(float) for level in levels]
        return np.column_stack(columns)

    def _scaled(self, rows: DataFrame, name: str) -> Array:
        low, high = self.ranges[name]
        return (rows[name].to_numpy(float) - low) / ((high - low) or 1.0)

    def _check(self, rows: DataFrame, name: str) -> None:
        unknown = sorted(set(rows[name]) - set(self.levels[name]))
        if unknown:
            known = ", ".join(self.levels[name])
            raise UnknownLevel(
                f"column {name}: no measured device has {unknown[0]!r} (known: {known}), so that nothing can be "
                "predicted of it; measure one such device first, or leave the level out"
            )
