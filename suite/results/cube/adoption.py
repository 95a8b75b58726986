"""Taking over units that another study has already done: equal hashes are equal scores, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from suite.results.cube import arrays
from suite.results.cube.chunks import Chunks
from suite.results.cube.ingestion import covered, write_covered
from suite.results.cube.layout import Block
from suite.results.cube.ledger import Status
from suite.results.cube.study_cube import Cube
from suite.results.cube.units import Unit

# Whom a hash stands for in the cube that adopts: (contestant, seed); two labels of one entry share theirs.
Names = Mapping[int, Sequence[tuple[str, int]]]


def adopt(cube: Cube, workload: str, missing: Mapping[Block, int], others: Iterable[Path]) -> int:
    """Writes and marks every block of `missing` {block: its hash} whose cells the cubes at `others` hold; how many.

    A block that was done under another hash is replaced. The other cubes are read only; one that cannot be read is
    passed over. Raises ResultsNotWritable.
    """
    names: dict[int, list[tuple[str, int]]] = {}
    for block, unit_hash in missing.items():
        if (block.contestant, block.seed) not in names.setdefault(unit_hash, []):
            names[unit_hash].append((block.contestant, block.seed))
    measures = set(cube.labels(workload).measures)
    units = [unit for path in others for unit in _units(path, workload, measures, names)]
    found = {
        block: places
        for block, places in covered(cube.layout(workload), units).items()
        if missing.get(block) == places[0][0].unit_hash
    }
    if not found:
        return 0
    cube.mark(workload, found, Status.PENDING)
    for block, places in found.items():
        write_covered(cube.path, workload, block, places)
    cube.mark(workload, found, Status.DONE, [places[0][0].unit_hash for places in found.values()])
    return len(found)


def _units(path: Path, workload: str, measures: set[str], names: Names) -> Iterator[Unit]:
    """The done blocks of another cube whose hash is wanted, under each name that wants them."""
    try:
        theirs = Cube.open(path)
        if workload not in theirs.workloads or set(theirs.labels(workload).measures) != measures:
            return
        hashes, layout = theirs.hashes(workload), theirs.layout(workload)
        read = (*measures, arrays.NONFINITE, arrays.UNIT_HASH)
        chunks = {name: Chunks(arrays.opened(path, workload, name)) for name in read}
    except (arrays.NoSuchArray, arrays.CorruptCube):
        return
    for grid in np.argwhere(np.isin(hashes, np.array(list(names), "uint64"))):
        contestant, seed, condition, realisation = map(int, grid)
        block = layout.block((contestant, seed, condition, realisation))
        try:
            yield from _read(chunks, workload, block, int(hashes[tuple(grid)]), names)
        except arrays.CorruptCube:
            continue


def _read(chunks: Mapping[str, Chunks], workload: str, block: Block, unit_hash: int, names: Names) -> Iterator[Unit]:
    """The block, if its cells are those of the hash that its ledger gave."""
    used = (slice(block.shape[0]), slice(block.shape[1]))

    def cells(name: str) -> np.ndarray:
        return chunks[name].at(block.grid)[0, 0][used]

    scores = {name: cells(name) for name in chunks if name not in (arrays.NONFINITE, arrays.UNIT_HASH)}
    nonfinite = cells(arrays.NONFINITE)
    # Last: whoever began to write the unit anew since its ledger was read took the hash away before any score.
    if (cells(arrays.UNIT_HASH) != unit_hash).any():
        return
    keys = tuple(condition.key for condition in block.conditions)
    for contestant, seed in names[unit_hash]:
        yield Unit(workload, contestant, seed, keys, block.realisations, unit_hash, scores, nonfinite)
