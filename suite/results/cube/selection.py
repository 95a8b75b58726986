"""A workload as its study asks for it: its labels in the study's order, no holes, and only units that are done.

Everything that reads a cube goes through here, so that what is read never depends on how the cube grew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.axes import filled, positions
from suite.results.cube.chunks import Chunks
from suite.results.cube.labels import Labels
from suite.results.cube.layout import Layout
from suite.results.cube.ledger import DONE_HASH, Status, load_done_hash, load_status

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Selection:
    """One workload. where: positions along each axis; status: int8 (contestant, seed, condition, realisation); marked:
    the hash of each unit in the ledger, (layout.grid), or None in a copy, which nobody writes to."""

    path: Path
    workload: str
    labels: Labels
    where: tuple[list[int], list[int], list[int], list[int]]
    status: Array
    marked: Array | None

    @property
    def variables(self) -> list[str]:
        """Scores, then counts of non-finite samples, then hashes."""
        return [*self.labels.measures, arrays.NONFINITE, arrays.UNIT_HASH]

    def rows(self, name: str, contestant: int) -> Array:
        """The values of variable `name` of the contestant at index `contestant`: (seed, condition, realisation).

        Cells that are not done, or no longer, hold the fill value: NaN, -1 or 0.
        """
        values = self._row(name, contestant)
        dtype, fill = arrays.kind(name)
        return np.where(self._done(contestant), values, np.array(fill, dtype))

    def _done(self, contestant: int) -> Array:
        """To be asked after the values were read: whoever writes a unit anew takes its hash away before that."""
        done = self.status[contestant] == Status.DONE
        if self.marked is None:
            return done
        seeds, conditions, realisations = self.where[1:]
        depth, width = self.labels.layout.chunk
        units = np.ix_(seeds, [at // depth for at in conditions], [at // width for at in realisations])
        return done & (self._row(arrays.UNIT_HASH, contestant) == self.marked[self.where[0][contestant]][units])

    def _row(self, name: str, contestant: int) -> Array:
        return self._chunks[name].row(self.where[0][contestant])[np.ix_(*self.where[1:])]

    @cached_property
    def _chunks(self) -> dict[str, Chunks]:
        return {name: Chunks(arrays.opened(self.path, self.workload, name)) for name in self.variables}


def select(path: Path, workload: str, asked: Layout | None = None) -> Selection:
    """The selection of one workload, or of the labels `asked` in it; raises NoSuchArray or CorruptCube."""
    labels = Labels.from_json(arrays.attributes(path, workload))
    labels = labels if asked is None else replace(labels, wanted=asked)
    layout, wanted = labels.layout, labels.wanted
    where = (
        positions(layout.contestants, wanted.contestants),
        positions(layout.seeds, wanted.seeds),
        positions(layout.conditions, filled(wanted.conditions)),
        positions(layout.realisations, filled(wanted.realisations)),
    )
    status = load_status(path, workload, layout)[np.ix_(*where)]
    marked = load_done_hash(path, workload, layout) if arrays.exists(path, workload, DONE_HASH) else None
    return Selection(path, workload, labels, where, status, marked)


def selections(path: Path) -> list[Selection]:
    """Every workload of the cube, by name."""
    return [select(path, workload) for workload in arrays.workloads(path)]
