"""From factors of fabrication to features: numbers scaled to [0, 1], one column per category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

Array = np.ndarray[Any, Any]


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
        """(rows, columns); numbers outside the table's range leave [0, 1]. Raises KeyError for an unknown category,
        which the readers of tables and spaces refuse with the row and the fix."""
        columns = [self._scaled(rows, name) for name in self.ranges]
        for name, levels in self.levels.items():
            columns += list(np.eye(len(levels))[:, [self._place(name, level) for level in rows[name]]])
        return np.column_stack(columns)

    def _scaled(self, rows: DataFrame, name: str) -> Array:
        low, high = self.ranges[name]
        return (rows[name].to_numpy(float) - low) / ((high - low) or 1.0)

    def _place(self, name: str, level: str) -> int:
        if level not in self.levels[name]:
            raise KeyError(f"{name}: {level!r} is not among {self.levels[name]}")
        return self.levels[name].index(level)
