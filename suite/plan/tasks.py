"""What is handed to a worker: the context of the run, one task per unit, and the outcome that comes back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from suite.contract import Splits, SuiteError, Workload
from suite.contract.digests import digest
from suite.contract.method import Statistics
from suite.contract.registry import Entry, registry
from suite.contract.seeds import TUNING_SEED, torch_generator
from suite.contract.sources import Source, told
from suite.plan.identity import content
from suite.plan.units import Contestant, FitUnit, ObserveUnit, SweepUnit
from suite.studies.study import Study

if TYPE_CHECKING:
    from torch import nn

    from suite.results.cube import Block

__fingerprint__ = "glue"

DataKey = tuple[str, int]


class DataChanged(SuiteError):
    """Data are no longer those that the run was planned with."""


@dataclass(frozen=True)
class Identity:
    """What the data of a workload are: the source that rows name, and the digest that hashes hold; files: see
    `suite.plan.identity.content.Data`."""

    source: Source
    digest: str
    files: tuple[Path, ...] | None


@dataclass(frozen=True)
class Context:
    """What every worker is told once: the study, where results and data lie, cpu or cuda.

    units: a folder that takes finished sweep units as npz files instead of the cube (None: the cube); digests: of the
    data that the run was planned with: no other ones are used.
    """

    study: Study
    results: Path
    root: Path | None = None
    accelerator: Literal["cpu", "cuda"] = "cpu"
    units: Path | None = None
    digests: Mapping[DataKey, str] = field(default_factory=dict, hash=False)

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

    def entry(self, name: str) -> Entry:
        """The file behind a workload's label, of the study's own plug-ins or of the house."""
        return registry(self.study.plugins).entry("workload", self.stream(name))

    def workload(self, name: str) -> Workload:
        """The workload of a label as the study sets it, at its scale."""
        found: Workload = self.entry(name).value
        return found.at(self.study.scale, self.study.workloads[name].settings)

    def stream(self, name: str) -> str:
        """What random streams of a label are keyed by: its file's name, so that two settings of a workload see the same
        crossbars, as methods do, and a label is but a name."""
        return self.study.workloads[name].workload

    def initial_network(self, name: str, seed: int) -> nn.Module:
        """The network of a workload as training starts from it."""
        keys = "initial-weights", self.stream(name), seed
        return self.workload(name).network(torch_generator(self.study.entropy, *keys))

    def data_key(self, name: str, seed: int) -> DataKey:
        """Which data a unit needs; most workloads have the same for every seed."""
        return name, seed if self.workload(name).seeded_data else 0

    def splits(self, name: str, seed: int) -> Splits:
        """The data of a workload, read once per process. Raises DataChanged."""
        key = self.data_key(name, seed)
        self.provide(key, lambda: self._read(key))
        splits = _HELD[self._place(key)]
        if splits.digest != self.digests.get(key, splits.digest):
            raise DataChanged(
                f"{told(splits.source)}: the data of {name} are not those that this run was planned with; leave them "
                "as they are while a run lasts, then give the same command again"
            )
        return splits

    def identity(self, name: str, seed: int) -> Identity:
        """What the data of a workload are, told once per process."""
        place = self._place(self.data_key(name, seed))
        if place not in _IDENTITIES:
            self.splits(name, seed)
        return _IDENTITIES[place]

    def _read(self, key: DataKey) -> Splits:
        workload, path = self.workload(key[0]), self.entry(key[0]).path
        data = content.read(workload, path, self.study.scale, self.root, key[1])
        _IDENTITIES.setdefault(self._place(key), Identity(data.splits.source, data.splits.digest, data.files))
        return data.splits

    def provide(self, key: DataKey, read: Callable[[], Splits]) -> None:
        """Have the data of `key` at hand, by `read` if they are not; what was used longest ago makes way."""
        place = self._place(key)
        _HELD[place] = _HELD.pop(place) if place in _HELD else read()
        while len(_HELD) > MOST_HELD:
            del _HELD[next(iter(_HELD))]

    def _place(self, key: DataKey) -> tuple[Any, ...]:
        entry = self.study.workloads[key[0]]
        settings = tuple(sorted(entry.settings.items()))
        return self.study.scale, self.root, self.study.plugins, entry.workload, settings, key[1]


# Data sets of this process, the last used last.
_HELD: dict[tuple[Any, ...], Splits] = {}
MOST_HELD = 3
# Of all that this process has read.
_IDENTITIES: dict[tuple[Any, ...], Identity] = {}


@dataclass(frozen=True)
class TrialTask:
    """One tuning candidate; bar: what it must be worth half-way (see suite.training.stopping), a function of what its
    search was told before and so no part of its hash."""

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
    """One chunk of the cube; also: the chunks of other labels that stand for the same, and get the same scores."""

    unit: SweepUnit
    also: tuple[Block, ...] = ()
    kind: Literal["sweep"] = "sweep"

    @property
    def hash(self) -> str:
        """Identity of the scores."""
        return self.unit.hash

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All that it fills."""
        return (self.unit.block, *self.also)

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


def work_of(task: Task) -> Hashable:
    """What two tasks share whose outcome is one, as those of two labels with the same entry."""
    match task:
        case SweepTask():
            return task.kind, task.hash, task.unit.block.conditions, task.unit.block.realisations
        case ObserveTask():
            return task.kind, task.hash, task.unit.place
        case _:
            return task.kind, task.hash


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
