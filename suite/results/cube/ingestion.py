"""Adding units that came as npz files: cells are matched by their labels, not by the blocks they were computed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np

from suite.results.cube.layout import Block, Layout
from suite.results.cube.ledger import Status
from suite.results.cube.study_cube import Cube
from suite.results.cube.units import CorruptUnit, Unit, load_unit_npz
from suite.results.cube.write import write_block

# The units that hold a block's cells, row by row, each with the cell's place in its arrays.
Places = list[tuple[Unit, int, int]]


@dataclass
class Ingested:
    """What became of the files: units written, units that were done already, and files left out with the reason."""

    written: int = 0
    already_done: int = 0
    left_out: dict[Path, str] = field(default_factory=dict)


def ingest(path: Path, files: Iterable[Path]) -> Ingested:
    """Writes and marks every block of the cube at `path` whose cells the files cover with one unit hash.

    The workloads must have been made (`Cube.ensure`). A block that is done stays as it is: mark it pending first
    if its hash is out of date. Files are read only. Raises NoSuchArray, CorruptCube or ResultsNotWritable.
    """
    cube, result = Cube.open(path), Ingested()
    units = _loaded(cube, files, result)
    for workload in sorted({unit.workload for unit in units.values()}):
        _ingest(cube, workload, {file: unit for file, unit in units.items() if unit.workload == workload}, result)
    return result


def _loaded(cube: Cube, files: Iterable[Path], result: Ingested) -> dict[Path, Unit]:
    """The units that are sound and have the scores of their workload; the others are left out."""
    units = {}
    measures = {workload: set(cube.labels(workload).measures) for workload in cube.workloads}
    for file in sorted(files):
        try:
            unit = load_unit_npz(file)
        except CorruptUnit as error:
            result.left_out[file] = str(error)
            continue
        if unit.workload not in measures:
            result.left_out[file] = f"workload {unit.workload!r} is not in this cube; add it to the study"
        elif set(unit.scores) != measures[unit.workload]:
            result.left_out[file] = f"its scores are {sorted(unit.scores)}, not {sorted(measures[unit.workload])}"
        else:
            units[file] = unit
    return units


def _ingest(cube: Cube, workload: str, units: dict[Path, Unit], result: Ingested) -> None:
    found = covered(cube.layout(workload), units.values())
    status = cube.status(workload)
    new = {block: places for block, places in found.items() if status[block.grid] != Status.DONE}
    for block, places in new.items():
        write_covered(cube.path, workload, block, places)
    cube.mark(workload, new, Status.DONE, [places[0][0].unit_hash for places in new.values()])
    result.written += len(new)
    result.already_done += len(found) - len(new)
    used = {id(unit) for places in found.values() for unit, _, _ in places}
    for file, unit in units.items():
        if id(unit) not in used:
            result.left_out[file] = "its cells cover no whole unit of this cube; ingest the other files with it"


def covered(layout: Layout, units: Iterable[Unit]) -> dict[Block, Places]:
    """The blocks of `layout` all of whose cells some units of one hash hold."""
    cells: dict[tuple[str, int, int], dict[tuple[str, int], tuple[Unit, int, int]]] = {}
    for unit in units:
        group = cells.setdefault((unit.contestant, unit.seed, unit.unit_hash), {})
        for (i, condition), (j, realisation) in product(enumerate(unit.conditions), enumerate(unit.realisations)):
            group[condition, realisation] = (unit, i, j)
    found = {}
    for (contestant, seed, _), group in cells.items():
        for block in layout.blocks(contestants=[contestant], seeds=[seed]):
            keys = list(product((condition.key for condition in block.conditions), block.realisations))
            if all(key in group for key in keys):
                found[block] = [group[key] for key in keys]
    return found


def write_covered(path: Path, workload: str, block: Block, places: Places) -> None:
    """Writes one block from the units that hold its cells. Raises ResultsNotWritable."""
    scores = {
        name: np.array([unit.scores[name][i, j] for unit, i, j in places]).reshape(block.shape)
        for name in places[0][0].scores
    }
    nonfinite = np.array([unit.nonfinite[i, j] for unit, i, j in places]).reshape(block.shape)
    write_block(path, workload, block, scores, nonfinite, places[0][0].unit_hash)
