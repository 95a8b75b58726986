"""The units of work that a plan is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from suite.studies.entries import MethodEntry

if TYPE_CHECKING:
    from suite.results.cube import Block, Place


@dataclass(frozen=True, slots=True)
class Contestant:
    """One method label on one workload: it is tuned once, then trained with every seed."""

    workload: str
    label: str
    entry: MethodEntry = field(hash=False)

    @property
    def tuned(self) -> bool:
        """False where the study fixes the parameters."""
        return self.entry.tuning != "none"


@dataclass(frozen=True, slots=True)
class FitUnit:
    """One training; its state is stored under `hash`, the search for its parameters under `tune_hash`, the search that
    this one begins with the best of under `warm_hash` ("": none)."""

    contestant: Contestant
    seed: int
    tune_hash: str
    hash: str
    warm_hash: str = ""


@dataclass(frozen=True, slots=True)
class SweepUnit:
    """One trained state under a block of conditions x realisations: one chunk of the cube."""

    fit: FitUnit
    block: Block
    hash: str


@dataclass(frozen=True, slots=True)
class ObserveUnit:
    """One trained state as one observation of its workload sees it: named arrays at a place of the cube."""

    fit: FitUnit
    place: Place
    hash: str


# What is read off a trained state.
Reading = SweepUnit | ObserveUnit
