"""Checking a cube: every chunk is decoded, and what is torn is set back, so that the next run computes it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.chunks import Chunks
from suite.results.cube.layout import Block, Layout
from suite.results.cube.ledger import (
    DONE_HASH,
    STATUS,
    Array,
    Ledger,
    Status,
    load_done_hash,
    load_status,
    of_units,
    status_of,
    written_hashes,
)
from suite.results.cube.observations import discard, hash_at, load_register, read_observation
from suite.results.cube.study_cube import Cube
from suite.results.files import writing

if TYPE_CHECKING:
    import zarr

    Arrays = dict[str, zarr.Array[Any]]

# Of one block: cells (c, r) by name; None where the chunk cannot be decoded.
Values = dict[str, Array | None]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: in a sweep unit (its block), in an observation or in a workload's ledger (None)."""

    workload: str
    block: Block | None
    reason: str

    def __str__(self) -> str:
        if self.block is None:
            return f"{self.workload}: {self.reason}"
        first, last = self.block.conditions[0].key, self.block.conditions[-1].key
        return (
            f"{self.workload}, {self.block.contestant}, seed {self.block.seed}, {first} to {last}, "
            f"realisations {self.block.realisations[0]} to {self.block.realisations[-1]}: {self.reason}"
        )


def verify(path: Path, *, repair: bool = True) -> list[Finding]:
    """Decodes every chunk of the cube at `path` and compares it with what the driver marked.

    With `repair`, units with a finding become pending, torn chunks are deleted and a torn ledger is rebuilt.
    To be called while no run writes. Raises NoSuchArray, CorruptCube (metadata) or ResultsNotWritable.
    """
    cube = Cube.open(path)
    return [
        finding
        for workload in cube.workloads
        for finding in (*_verify_workload(cube, workload, repair), *_verify_observations(path, workload, repair))
    ]


def _verify_observations(path: Path, workload: str, repair: bool) -> list[Finding]:
    torn = []
    for place in load_register(path, workload).wanted:
        try:
            unit_hash = hash_at(path, place)
            if unit_hash:
                read_observation(path, place, unit_hash)
        except arrays.CorruptCube:
            torn.append(place)
    if repair:
        discard(path, torn)
    return [Finding(workload, None, f"{place}: cannot be decoded") for place in torn]


def _verify_workload(cube: Cube, workload: str, repair: bool) -> list[Finding]:
    labels = cube.labels(workload)
    names = [*labels.measures, arrays.NONFINITE, arrays.UNIT_HASH]
    opened = {name: arrays.opened(cube.path, workload, name) for name in names}
    chunks = {name: Chunks(array) for name, array in opened.items()}
    ledger, findings = _sound_ledger(cube.path, workload, labels.layout)
    defects, done = {}, ledger.status == Status.DONE
    for block in labels.layout.blocks():
        values = {name: _values(array, block) for name, array in chunks.items()}
        reason = _defect(values, int(ledger.done_hash[block.grid]) if done[block.grid] else None)
        if reason:
            defects[block] = reason
        if repair:
            _delete_chunks(opened, block, _torn(values))
    if repair and (findings or defects):
        reset = [block for block in defects if done[block.grid]]
        ledger.mark([block.grid for block in reset], Status.PENDING, [0] * len(reset))
    return findings + [Finding(workload, block, reason) for block, reason in defects.items()]


def _values(chunks: Chunks, block: Block) -> Array | None:
    """The block's cells (c, r) without holes; None where the chunk cannot be decoded."""
    try:
        chunk = chunks.at(block.grid)
    except arrays.CorruptCube:
        return None
    return chunk[0, 0, : block.shape[0], : block.shape[1]]


def _torn(values: Values) -> list[str]:
    return [name for name, found in values.items() if found is None]


def _defect(values: Values, marked: int | None) -> str | None:
    """What is wrong with a unit; `marked`: its hash in the ledger, None where it is not done."""
    if torn := _torn(values):
        return f"{', '.join(torn)}: cannot be decoded"
    if marked is None:
        return None
    found = {name: array for name, array in values.items() if array is not None}
    hashes, counts = found.pop(arrays.UNIT_HASH), found.pop(arrays.NONFINITE)
    lacking = [name for name, scores in found.items() if np.isnan(scores).any()]
    if (counts < 0).any():
        lacking.append(arrays.NONFINITE)
    if lacking:
        return f"{', '.join(lacking)}: missing or NaN"
    if marked == 0 or (hashes != marked).any():
        return f"{arrays.UNIT_HASH}: not the one that was marked ({marked:016x})"
    return None


def _delete_chunks(opened: Arrays, block: Block, names: list[str]) -> None:
    for name in names:
        file = arrays.chunk_file(opened[name], block.grid)
        with writing(file):
            file.unlink()


def _sound_ledger(path: Path, workload: str, layout: Layout) -> tuple[Ledger, list[Finding]]:
    """The ledger; of its two arrays, one that is torn is rebuilt from the other and the units' own hashes."""
    ledger, findings = Ledger.fresh(path, workload, layout), []
    try:
        ledger.done_hash = load_done_hash(path, workload, layout)
    except arrays.CorruptCube:
        findings.append(Finding(workload, None, f"{DONE_HASH}: cannot be decoded"))
        ledger.done_hash = written_hashes(path, workload, layout)
    try:
        ledger.status = of_units(load_status(path, workload, layout), layout)
    except arrays.CorruptCube:
        findings.append(Finding(workload, None, f"{STATUS}: cannot be decoded"))
        ledger.status = status_of(ledger.done_hash)
    return ledger, findings
