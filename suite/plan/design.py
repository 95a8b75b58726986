"""The design of a workload whose study wants a precision: how many realisations, and the cells that ask for them."""

from __future__ import annotations

from dataclasses import dataclass

from suite.statistics.components import Components
from suite.studies.study import Precision


@dataclass(frozen=True)
class Cell:
    """One method under one condition (its key) on one test set: its label in the cube, and what is known of it."""

    contestant: str
    condition: str
    score: str
    found: Components


@dataclass(frozen=True)
class Design:
    """cells: as the pilot shows them; asked: realisations per seed that each asks for."""

    wanted: Precision
    cells: tuple[Cell, ...]
    asked: tuple[int, ...]

    @property
    def realisations(self) -> int:
        """What all cells get: the most that one asks for."""
        return max(self.asked)
