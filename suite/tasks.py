"""What is handed to a worker: the context of the run, one task per unit, and the outcome that comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from suite.contract import Splits, Workload
from suite.fingerprint import digest
from suite.registry import registry
from suite.seeds import TUNING_SEED
from suite.study import Statistics, Study
from suite.units import Contestant, FitUnit, ObserveUnit, SweepUnit


@dataclass(frozen=True)
class Context:
    """What every worker is told once: the study, where results and data lie, cpu or cuda.

    units: a folder that takes finished sweep units as npz files instead of the cube (None: the cube).
    """

    study: Study
    results: Path
    root: Path | None = None
    accelerator: Literal["cpu", "cuda"] = "cpu"
    units: Path | None = None

    @property
    def folder(self) -> Path:
        """Everything of this study but its trained states."""
        return self.results / self.study.name

    @property
    def cube(self) -> Path:
        """The result cube."""
        return self.folder / "cube.zarr"

    @property
    def store(self) -> Path:
        """Trained states and tuning records, shared by all studies."""
        return self.results / "store"

    def workload(self, name: str) -> Workload:
        """The workload of that name, the study's own plug-ins included."""
        return registry(self.study.plugins).workload(name)

    def data_key(self, name: str, seed: int) -> DataKey:
        """Which data a unit needs; most workloads have the same for every seed."""
        return name, seed if self.workload(name).seeded_data else 0

    def splits(self, name: str, seed: int) -> Splits:
        """The data of a workload, read once per process."""
        key = self.data_key(name, seed)
        self.provide(key, lambda: self.workload(name).data(self.study.scale, self.root, key[1]))
        return _HELD[self._place(key)]

    def provide(self, key: DataKey, read: Callable[[], Splits]) -> None:
        """Have the data of `key` at hand, by `read` if they are not; what was used longest ago makes way."""
        place = self._place(key)
        _HELD[place] = _HELD.pop(place) if place in _HELD else read()
        while len(_HELD) > MOST_HELD:
            del _HELD[next(iter(_HELD))]

    def _place(self, key: DataKey) -> tuple[Any, ...]:
        return self.study.scale, self.root, self.study.plugins, *key


DataKey = tuple[str, int]

# Data sets of this process, the last used last.
_HELD: dict[tuple[Any, ...], Splits] = {}
MOST_HELD = 3


@dataclass(frozen=True)
class TrialTask:
    """One tuning candidate; bar: what it must be worth half-way (see suite.stopping), a function of what its search was
    told before and so no part of its hash."""

    contestant: Contestant
    number: int
    params: Mapping[str, float] = field(hash=False)
    tune_hash: str = ""
    bar: float | None = None
    kind: Literal["trial"] = "trial"

    @property
    def hash(self) -> str:
        """Identity of the candidate's outcome in the store."""
        return digest([self.tune_hash, self.number, self.params])

    @property
    def data(self) -> DataKey:
        """Workload and seed of the data it reads."""
        return self.contestant.workload, TUNING_SEED

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {"workload": self.contestant.workload, "contestant": self.contestant.label, "trial": self.number}


@dataclass(frozen=True)
class FitTask:
    """One training with the parameters that tuning chose, and with the kind of running statistics (None: there is but
    one)."""

    unit: FitUnit
    params: Mapping[str, float] = field(hash=False)
    statistics: Statistics | None = None
    kind: Literal["fit"] = "fit"

    @property
    def hash(self) -> str:
        """Identity of the trained state."""
        return self.unit.hash

    @property
    def data(self) -> DataKey:
        """Workload and seed of the data it reads."""
        return self.unit.contestant.workload, self.unit.seed

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        contestant = self.unit.contestant
        return {"workload": contestant.workload, "contestant": contestant.label, "seed": self.unit.seed}


@dataclass(frozen=True)
class SweepTask:
    """One chunk of the cube."""

    unit: SweepUnit
    kind: Literal["sweep"] = "sweep"

    @property
    def hash(self) -> str:
        """Identity of the scores."""
        return self.unit.hash

    @property
    def data(self) -> DataKey:
        """Workload and seed of the data it reads."""
        return self.unit.fit.contestant.workload, self.unit.fit.seed

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        fit, block = self.unit.fit, self.unit.block
        place = {"conditions": len(block.conditions), "realisations": len(block.realisations)}
        return {"workload": fit.contestant.workload, "contestant": fit.contestant.label, "seed": fit.seed, **place}


@dataclass(frozen=True)
class ObserveTask:
    """One observation of one trained state."""

    unit: ObserveUnit
    kind: Literal["observe"] = "observe"

    @property
    def hash(self) -> str:
        """Identity of the arrays."""
        return self.unit.hash

    @property
    def data(self) -> DataKey:
        """Workload and seed of the data it reads."""
        return self.unit.place.workload, self.unit.place.seed

    @property
    def labels(self) -> dict[str, Any]:
        """What the event log says of it."""
        return self.unit.place.labels


Task = TrialTask | FitTask | SweepTask | ObserveTask


@dataclass(frozen=True)
class Outcome:
    """What came of a task: its values, or the error that ended it; `fatal` ends the run (nothing can be written)."""

    seconds: float
    values: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    error_type: str = ""
    fatal: bool = False
    worker: str = ""
    attempt: int = 1
