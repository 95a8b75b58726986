"""The units of work that a plan is made of, each with its kind, its hash, its data and what a log says of it.

What a unit is told as it is handed to a worker (`params`, `statistics`, `also`) does not tell it from others.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from suite.contract.digests import digest
from suite.contract.seeds import TUNING_SEED
from suite.studies.entries import MethodEntry

if TYPE_CHECKING:
    from suite.contract import Condition
    from suite.contract.method import Statistics
    from suite.results.cube import Block, Place

# Workload and seed of the data that a unit reads.
DataKey = tuple[str, int]


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

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {"workload": self.workload, "contestant": self.label}


@dataclass(frozen=True, slots=True)
class TrialUnit:
    """One tuning candidate; bar: what it must be worth half-way (see suite.training.stopping), a function of what its
    search was told before and so no part of its hash."""

    contestant: Contestant
    number: int
    params: Mapping[str, float] = field(hash=False)
    tune_hash: str
    bar: float | None = None
    kind: ClassVar[str] = "trial"

    @property
    def hash(self) -> str:
        """Identity of the candidate's outcome in the store."""
        return digest([self.tune_hash, self.number, self.params])

    @property
    def work(self) -> Hashable:
        """What two units share whose outcome is one, as those of two labels with the same entry."""
        return self.kind, self.hash

    @property
    def states(self) -> tuple[str, ...]:
        """Hashes of the stored states that it reads."""
        return ()

    @property
    def data(self) -> DataKey:
        """That of the tuning seed."""
        return self.contestant.workload, TUNING_SEED

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {**self.contestant.labels, "trial": self.number}


@dataclass(frozen=True, slots=True)
class FitUnit:
    """One training; its state is stored under `hash`, the search for its parameters under `tune_hash`, the search that
    this one begins with the best of under `warm_hash` ("": none).

    Told to a worker: the parameters that tuning chose, and the kind of running statistics (None: there is but one).
    """

    contestant: Contestant
    seed: int
    tune_hash: str
    hash: str
    warm_hash: str = ""
    params: Mapping[str, float] = field(default_factory=dict, compare=False)
    statistics: Statistics | None = field(default=None, compare=False)
    kind: ClassVar[str] = "fit"

    @property
    def work(self) -> Hashable:
        """As of a trial."""
        return self.kind, self.hash

    @property
    def states(self) -> tuple[str, ...]:
        """As of a trial."""
        return ()

    @property
    def data(self) -> DataKey:
        """That of its seed."""
        return self.contestant.workload, self.seed

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {**self.contestant.labels, "seed": self.seed}


@dataclass(frozen=True, slots=True)
class _OfState:
    """What reads one trained state."""

    fit: FitUnit

    @property
    def states(self) -> tuple[str, ...]:
        """Its own."""
        return (self.fit.hash,)

    @property
    def contestant(self) -> Contestant:
        """Whose state it is."""
        return self.fit.contestant

    @property
    def data(self) -> DataKey:
        """That of the training."""
        return self.fit.data


@dataclass(frozen=True, slots=True)
class AdaptUnit(_OfState):
    """One trained state, fitted to one chip: its cells and what was trained anew are stored under `hash`."""

    condition: Condition
    realisation: int
    hash: str
    kind: ClassVar[str] = "adapt"

    @property
    def work(self) -> Hashable:
        """As of a trial."""
        return self.kind, self.hash

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {**self.fit.labels, "condition": self.condition.key, "realisation": self.realisation}


class _Reading(_OfState):
    """What may read states that were fitted to chips, in place of the trained one."""

    __slots__ = ()
    needs: tuple[AdaptUnit, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """With those that fit it to chips."""
        return self.fit.hash, *(need.hash for need in self.needs)


@dataclass(frozen=True, slots=True)
class SweepUnit(_Reading):
    """One trained state under a block of conditions x realisations: one chunk of the cube.

    needs: what fits the state to each of these chips, realisation by realisation of each condition; () where nothing
    does. Told to a worker: the blocks of other labels that stand for the same, and get the same scores.
    """

    block: Block
    hash: str
    needs: tuple[AdaptUnit, ...] = field(default=(), compare=False)
    also: tuple[Block, ...] = field(default=(), compare=False)
    kind: ClassVar[str] = "sweep"

    @property
    def work(self) -> Hashable:
        """As of a trial."""
        return self.kind, self.hash, self.block.conditions, self.block.realisations

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All that it fills."""
        return (self.block, *self.also)

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        place = {"conditions": len(self.block.conditions), "realisations": len(self.block.realisations)}
        return {**self.fit.labels, **place}


@dataclass(frozen=True, slots=True)
class ObserveUnit(_Reading):
    """One trained state as one observation of its workload sees it: named arrays at a place of the cube."""

    place: Place
    hash: str
    needs: tuple[AdaptUnit, ...] = field(default=(), compare=False)
    kind: ClassVar[str] = "observe"

    @property
    def work(self) -> Hashable:
        """As of a trial."""
        return self.kind, self.hash, self.place

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return self.place.labels


# What is read off a trained state.
Reading = SweepUnit | ObserveUnit
Unit = TrialUnit | FitUnit | AdaptUnit | SweepUnit | ObserveUnit
