"""What units of work leave, and how it is kept: made by a worker, written by it or, where it cannot, by the driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from suite.results import store
from suite.results.records import save_record

if TYPE_CHECKING:
    import numpy as np

    from suite.plan.context import Context
    from suite.results.cube import Block, Place
    from suite.run.executors import Outcome

__fingerprint__ = "glue"


class Product(Protocol):
    """Something that a unit leaves."""

    def keep(self, context: Context) -> None:
        """Write it where the run keeps its results. Raises ResultsNotWritable."""


@dataclass(frozen=True)
class Record:
    """A record of the store."""

    key: str
    content: Mapping[str, Any]

    def keep(self, context: Context) -> None:
        """Into the store."""
        save_record(context.store, self.key, self.content)


@dataclass(frozen=True)
class State:
    """A trained state, or what fits one to a chip, as the store has it."""

    key: str
    content: bytes

    def keep(self, context: Context) -> None:
        """Into the store."""
        store.put(context.store, self.key, self.content)


@dataclass(frozen=True)
class Scores:
    """Of one sweep: what every block that it stands for gets."""

    workload: str
    blocks: tuple[Block, ...]
    scores: Mapping[str, np.ndarray[Any, Any]]
    nonfinite: np.ndarray[Any, Any]
    unit_hash: int

    def keep(self, context: Context) -> None:
        """Into the cube, or the folder of units that stands for it."""
        from suite.results.cube import save_unit_npz, write_block

        for block in self.blocks:
            kept = block, self.scores, self.nonfinite, self.unit_hash
            if context.units is not None:
                save_unit_npz(context.units, self.workload, *kept)
            else:
                write_block(context.cube, self.workload, *kept)


@dataclass(frozen=True)
class Observed:
    """Named arrays of one observation, with their dimensions."""

    place: Place
    found: Mapping[str, np.ndarray[Any, Any]]
    dims: Mapping[str, Sequence[str]]
    unit_hash: str

    def keep(self, context: Context) -> None:
        """Into the cube."""
        from suite.results.cube import write_observation

        write_observation(context.cube, self.place, self.found, self.dims, self.unit_hash)


def kept(context: Context, outcome: Outcome) -> Outcome:
    """Writes all that a unit has left; where that fails, so has the unit."""
    try:
        for product in outcome.products:
            product.keep(context)
    except Exception as error:
        return outcome.failed(error, outcome.seconds, cpu_s=outcome.cpu_s)
    return replace(outcome, products=())
