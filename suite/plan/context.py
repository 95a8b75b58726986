"""What every worker is told once: the study, where results and data lie, and the data themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from suite.contract import Splits, SuiteError, Workload
from suite.contract.registry import Entry, registry
from suite.contract.seeds import torch_generator
from suite.contract.sources import Source, told
from suite.plan.identity import content
from suite.plan.share import Share
from suite.plan.units import DataKey
from suite.studies.study import Study

if TYPE_CHECKING:
    from torch import Tensor, nn

    from suite.crossbar.key import Key

__fingerprint__ = "glue"


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

    units: a folder that takes finished sweep units as npz files instead of the cube (None: the cube); share: what is
    done of the study, and kept in that folder with all that a run notes; digests: of the data that the run was planned
    with: no other ones are used; states: stored ones that were handed over, for a worker that sees no store.
    """

    study: Study
    results: Path
    root: Path | None = None
    accelerator: Literal["cpu", "cuda"] = "cpu"
    units: Path | None = None
    share: Share | None = None
    digests: Mapping[DataKey, str] = field(default_factory=dict, hash=False)
    states: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @property
    def folder(self) -> Path:
        """Everything of this study but its trained states; each job of an array has its own, so that none waits."""
        if self.share is not None and self.units is not None:
            return self.units
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
        entry = self.study.workloads[name]
        return found.at(self.study.scale, entry.settings, entry.epochs)

    def stream(self, name: str) -> str:
        """What random streams of a label are keyed by: its file's name, so that two settings of a workload see the same
        crossbars, as methods do, and a label is but a name."""
        return self.study.workloads[name].workload

    def initial_network(self, name: str, seed: int) -> nn.Module:
        """The network of a workload as training starts from it."""
        keys = "initial-weights", self.stream(name), seed
        return self.workload(name).network(torch_generator(self.study.entropy, *keys))

    def key(self, name: str, seed: int, devices: Iterable[str] = ()) -> Key:
        """What a trained state is swept by: these devices, the study's crossbars, the recipe's block size."""
        from suite.crossbar.key import Key
        from suite.crossbar.settings import Crossbar

        known = {device: registry(self.study.plugins).device(device) for device in devices}
        named = {label: given.crossbar() for label, given in self.study.crossbars.items()}
        block = self.workload(name).recipe(self.study.scale).test_block
        return Key(self.stream(name), self.study.entropy, seed, known, {"weights": Crossbar(), **named}, block)

    def state(self, key: str) -> dict[str, Tensor]:
        """A stored state. Raises CorruptState; FileNotFoundError where there is none."""
        from suite.results import store

        if key in self.states:
            return store.unpacked(store.file_of(self.store, key), key, self.states[key])
        return store.load(self.store, key)

    def data_key(self, name: str, seed: int) -> DataKey:
        """Which data a unit needs; most workloads have the same for every seed."""
        return name, self.workload(name).data_seed(seed)

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
