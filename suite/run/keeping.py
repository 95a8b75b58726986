"""What units of work leave, and how it is kept: made by a worker, written by it or, where it cannot, by the driver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from suite.results import store
from suite.results.files import Batch, ResultsNotWritable, Stages
from suite.results.records import record_files

if TYPE_CHECKING:
    import numpy as np

    from suite.plan.context import Context
    from suite.plan.units import Unit
    from suite.results.cube import Block, Place, Writer
    from suite.run.executors import Outcome

__fingerprint__ = "glue"


class Product(Protocol):
    """Something that a unit leaves."""

    def files(self, keeper: Keeper) -> Iterable[Stages]:
        """What is to be written where the run keeps its results. Raises SuiteError."""


@dataclass(frozen=True)
class Record:
    """A record of the store."""

    key: str
    content: Mapping[str, Any]

    def files(self, keeper: Keeper) -> Iterable[Stages]:
        """Of the store."""
        return [[record_files(keeper.context.store, self.key, self.content)]]


@dataclass(frozen=True)
class State:
    """A trained state, or what fits one to a chip, as the store has it."""

    key: str
    content: bytes

    def files(self, keeper: Keeper) -> Iterable[Stages]:
        """Of the store."""
        return [[{store.file_of(keeper.context.store, self.key): self.content}]]


@dataclass(frozen=True)
class Scores:
    """Of one sweep: what every block that it stands for gets."""

    workload: str
    blocks: tuple[Block, ...]
    scores: Mapping[str, np.ndarray[Any, Any]]
    nonfinite: np.ndarray[Any, Any]
    unit_hash: int

    def files(self, keeper: Keeper) -> Iterable[Stages]:
        """Of the cube, or of the folder of units that stands for it."""
        from suite.results.cube import unit_npz

        units = keeper.context.units
        for block in self.blocks:
            kept = self.workload, block, self.scores, self.nonfinite, self.unit_hash
            yield keeper.cube.stages(*kept) if units is None else [unit_npz(units, *kept)]


@dataclass(frozen=True)
class Observed:
    """Named arrays of one observation, with their dimensions."""

    place: Place
    found: Mapping[str, np.ndarray[Any, Any]]
    dims: Mapping[str, Sequence[str]]
    unit_hash: str

    def files(self, keeper: Keeper) -> Iterable[Stages]:
        """None: it is a folder of the cube, which is written here and now."""
        from suite.results.cube import write_observation

        write_observation(keeper.context.cube, self.place, self.found, self.dims, self.unit_hash)
        return []


class Keeper:
    """Writes what units leave, that of all which ended by now at once; for one process, as long as a run lasts."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @cached_property
    def cube(self) -> Writer:
        """The chunks of the run's cube."""
        from suite.results.cube import Writer

        return Writer(self.context.cube)

    def kept(self, ended: Iterable[tuple[Unit, Outcome]]) -> list[tuple[Unit, Outcome]]:
        """Units with what came of them, all of whose products are on disk; where that could not be had, the unit has
        failed. Each is taken when the one before is written, so that large ones are not in memory together."""
        with Batch() as batch:
            found = [(unit, self._added(batch, outcome), bool(outcome.products)) for unit, outcome in ended]
            try:
                batch.commit()
            except ResultsNotWritable as error:
                # Nobody knows which of them are on disk.
                return [(unit, _failed(outcome, error) if wrote else outcome) for unit, outcome, wrote in found]
        return [(unit, outcome) for unit, outcome, _ in found]

    def one(self, unit: Unit, outcome: Outcome) -> Outcome:
        """`kept`, of a unit by itself."""
        ((_, found),) = self.kept([(unit, outcome)])
        return found

    def _added(self, batch: Batch, outcome: Outcome) -> Outcome:
        try:
            for product in outcome.products:
                for stages in product.files(self):
                    batch.add(stages)
        except Exception as error:
            return _failed(outcome, error)
        return replace(outcome, products=())


def _failed(outcome: Outcome, error: Exception) -> Outcome:
    return outcome.failed(error, outcome.seconds, cpu_s=outcome.cpu_s)
