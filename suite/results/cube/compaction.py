"""The canonical copy of a cube: what the study asks for, in its order, without holes, in few big chunks.

The working cube stays as it is, so that it can grow; the copy lies beside it as `compact.zarr` and is for readers
(`open_tree`, `export_csv`, `digest`). Equal results give equal files, byte for byte, however the cube grew.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from suite.results.cube import arrays
from suite.results.cube.labels import canonical
from suite.results.cube.ledger import STATUS
from suite.results.cube.observations import (
    FOLDER,
    Register,
    complete,
    load_register,
    read_observation,
    save_register,
    write_observation,
)
from suite.results.cube.selection import Selection, selections
from suite.results.files import clear_siblings, replace_folder, sibling


def compact(path: Path, out: Path | None = None) -> Path:
    """Writes the canonical copy of the cube at `path` to `out` (default: `compact.zarr` beside it) and returns it.

    An earlier copy is replaced when the new one is complete. Raises NoSuchArray, CorruptCube or ResultsNotWritable.
    """
    out = out or path.with_name("compact.zarr")
    clear_siblings(out)
    made = sibling(out)
    try:
        arrays.set_attributes(made, "", arrays.attributes(path))
        for selection in selections(path):
            _copy(selection, made)
            _copy_observations(path, made, selection.workload)
        arrays.consolidate(made)
        replace_folder(made, out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return out


def _copy(selection: Selection, made: Path) -> None:
    """One workload: a chunk per contestant and variable, and one for the status."""
    shape = selection.status.shape
    arrays.set_attributes(made, selection.workload, canonical(selection.labels).to_json())
    for name in selection.variables:
        arrays.create(made, selection.workload, name, shape, (1, *shape[1:]), arrays.DIMENSIONS)
        array = arrays.opened(made, selection.workload, name, "r+")
        for contestant in range(shape[0]):
            region = (slice(contestant, contestant + 1), *(slice(0, size) for size in shape[1:]))
            arrays.write_region(array, region, selection.rows(name, contestant)[None])
    arrays.create(made, selection.workload, STATUS, shape, shape, arrays.DIMENSIONS)
    array = arrays.opened(made, selection.workload, STATUS, "r+")
    arrays.write_region(array, tuple(slice(0, size) for size in shape), selection.status)


def _copy_observations(path: Path, made: Path, workload: str) -> None:
    register = load_register(path, workload)
    if not register.wanted:
        return
    done = complete(path, register)
    save_register(made, workload, Register(register.wanted))
    for what in dict.fromkeys(place.what for place in done):
        arrays.set_attributes(made, f"{workload}/{FOLDER}/{what}", {})
    for place, key in done.items():
        found = read_observation(path, place, key)
        values = {name: array for name, (_, array) in found.items()}
        write_observation(made, place, values, {name: dims for name, (dims, _) in found.items()}, key)
