"""The cube of a study as its driver sees it: made, grown and marked by one process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import Score, SuiteError
from suite.contract.sources import Source, told
from suite.results.cube import arrays
from suite.results.cube.axes import filled
from suite.results.cube.labels import Labels
from suite.results.cube.layout import Block, Layout
from suite.results.cube.ledger import Ledger, Status
from suite.results.cube.observations import Place, hash_at, mark_failed

FORMAT = 1


class ForeignCube(SuiteError):
    """The folder holds the cube of another study, or of the same study with another entropy."""


class TakenLabel(SuiteError):
    """The cube has a workload within which another one would lie."""


class ForeignSource(SuiteError):
    """The cube holds scores on other data than this run would add: real data and stand-ins are never mixed."""


class Cube:
    """`results/STUDY/cube.zarr`: one Zarr group per workload. One process at a time may grow or mark it.

    Units are written beside it, by any number of processes, with `write_block`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ledgers: dict[str, Ledger] = {}

    @staticmethod
    def open(path: Path) -> Cube:
        """The cube at `path`, which must be there; raises NoSuchArray or CorruptCube."""
        arrays.attributes(path)
        return Cube(path)

    @staticmethod
    def create_or_open(path: Path, study: str, entropy: int) -> Cube:
        """The cube at `path`, made if missing; raises ForeignCube where it belongs to another (study, entropy)."""
        mine = {"study": study, "entropy": entropy, "format": FORMAT}
        if not (path / "zarr.json").exists():
            arrays.set_attributes(path, "", mine)
        theirs = arrays.attributes(path)
        if theirs != mine:
            raise ForeignCube(
                f"{path}: this cube belongs to {_owner(theirs)}, not to {_owner(mine)}; "
                "choose another `name` in the study file, or delete the folder"
            )
        return Cube(path)

    @property
    def workloads(self) -> list[str]:
        """The workloads that have been made, sorted."""
        return arrays.workloads(self.path)

    def labels(self, workload: str) -> Labels:
        """Axes, scores, data source and title of a workload; raises NoSuchArray."""
        return Labels.from_json(arrays.attributes(self.path, workload))

    def layout(self, workload: str) -> Layout:
        """All positions of a workload, in use or not; raises NoSuchArray."""
        return self.labels(workload).layout

    def ensure(
        self, workload: str, wanted: Layout, measures: Mapping[str, Score], source: Source, title: str
    ) -> Layout:
        """Makes a workload, or grows it by what `wanted` has more; returns all its positions.

        The chunk is that of the first call. Readers see the labels of the last call, in its order. Raises
        ForeignSource where the workload is there with other data, TakenLabel where one of another label is in its way.
        """
        there = self.workloads
        made = workload in there
        if taken := [other for other in there if other.startswith(f"{workload}/") or workload.startswith(f"{other}/")]:
            raise TakenLabel(
                f"{self.path}: workload {taken[0]!r} is there, and {workload!r} has no place beside it; give it "
                "another label, choose another `name` in the study file, or delete the folder"
            )
        layout = self._grown(workload, wanted, source) if made else wanted
        self._make_arrays(workload, layout, [*measures, arrays.NONFINITE, arrays.UNIT_HASH], made)
        ledger = (Ledger.load if made else Ledger.fresh)(self.path, workload, layout)
        ledger.replace(ledger.status, ledger.done_hash)
        # The labels come last: until they are written, the workload is what it was.
        arrays.set_attributes(self.path, workload, Labels(layout, wanted, measures, source, title).to_json())
        self._ledgers[workload] = ledger
        return layout

    def mark(self, workload: str, blocks: Iterable[Block], status: Status, hashes: Iterable[int] | None = None) -> None:
        """Sets the status of units in one write; DONE needs the hash of each, as given to `write_block`.

        Before units that are done are computed anew, mark them PENDING: their old scores stay but no longer count.
        Raises ResultsNotWritable; memory and disk are then as before.
        """
        grids = [block.grid for block in blocks]
        if (status == Status.DONE) != (hashes is not None):
            raise ValueError("hashes are given for DONE and for nothing else")
        if grids:
            self._ledger(workload).mark(grids, status, list(hashes) if hashes is not None else [0] * len(grids))

    def book(self, workload: str, block: Block, unit_hash: int) -> None:
        """Marks one unit as done, at a cost that does not grow with the cube: readers of this package see it at once,
        others when `settle` was called. Raises ResultsNotWritable."""
        self._ledger(workload).book(block.grid, unit_hash)

    def settle(self) -> None:
        """Has the arrays say all that was booked. Raises ResultsNotWritable."""
        for ledger in self._ledgers.values():
            ledger.settle()

    def status(self, workload: str) -> np.ndarray[Any, Any]:
        """Status of each unit, int8 of shape `layout.grid`: index it with `block.grid`."""
        return self._ledger(workload).status.copy()

    def hashes(self, workload: str) -> np.ndarray[Any, Any]:
        """Hash of each unit that is done, else 0; uint64 of shape `layout.grid`: index it with `block.grid`."""
        ledger = self._ledger(workload)
        return np.where(ledger.status == Status.DONE, ledger.done_hash, np.uint64(0))

    def done(self, workload: str) -> Callable[[Block, int], bool]:
        """Whether a block, also one of a layout that is yet to be grown, is done under a hash."""
        hash_of = self._lookup(workload, self.hashes)
        return lambda block, unit_hash: hash_of(block) == unit_hash

    def not_applicable(self, workload: str) -> Callable[[Block], bool]:
        """Whether a block, also one of a layout that is yet to be grown, was marked as having no meaning."""
        status_of = self._lookup(workload, self.status)
        return lambda block: status_of(block) == Status.NOT_APPLICABLE

    def is_observed(self, place: Place, unit_hash: str) -> bool:
        """Whether an observation is done under a hash; one that cannot be read is not."""
        try:
            return hash_at(self.path, place) == unit_hash
        except arrays.CorruptCube:
            return False

    def fail_observations(self, workload: str, places: Collection[Place]) -> None:
        """Says which observations failed. Raises ResultsNotWritable."""
        mark_failed(self.path, workload, places)

    def _lookup(self, workload: str, values_of: Callable[[str], np.ndarray[Any, Any]]) -> Callable[[Block], int | None]:
        """What the ledger has for a block, None where it does not reach."""
        if workload not in self.workloads:
            return lambda block: None
        values = values_of(workload)
        contestants, seeds, conditions, realisations = values.shape

        def at(block: Block) -> int | None:  # asked of every unit of a plan
            first, second, third, fourth = block.grid
            within = first < contestants and second < seeds and third < conditions and fourth < realisations
            return values.item(block.grid) if within else None

        return at

    def _ledger(self, workload: str) -> Ledger:
        if workload not in self._ledgers:
            self._ledgers[workload] = Ledger.load(self.path, workload, self.layout(workload))
        return self._ledgers[workload]

    def _grown(self, workload: str, wanted: Layout, source: Source) -> Layout:
        present = self.labels(workload)
        if present.source != source:
            raise ForeignSource(
                f"{self.path}: workload {workload!r} holds scores on {told(present.source)!r}, this run has "
                f"{told(source)!r}; provide the same data, choose another `name` in the study file, or "
                "delete the folder"
            )
        conditions, realisations = filled(wanted.conditions), filled(wanted.realisations)
        return present.layout.grown(wanted.contestants, wanted.seeds, conditions, realisations)

    def _make_arrays(self, workload: str, layout: Layout, names: Iterable[str], made: bool) -> None:
        for name in names:
            if made and arrays.exists(self.path, workload, name):
                arrays.resize(self.path, workload, name, layout.shape)
            else:
                arrays.create(self.path, workload, name, layout.shape, (1, 1, *layout.chunk), arrays.DIMENSIONS)


def _owner(attributes: Mapping[str, Any]) -> str:
    return f"study {attributes.get('study')!r}, entropy {attributes.get('entropy')} (format {attributes.get('format')})"
