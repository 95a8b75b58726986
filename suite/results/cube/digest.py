"""One hash for all that a cube says: labels, status, scores and unit hashes, whatever its holes and history."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from suite.results.cube import arrays
from suite.results.cube.labels import canonical
from suite.results.cube.observations import complete, load_register, read_observation
from suite.results.cube.selection import Selection, selections


def digest(path: Path) -> str:
    """sha256, hexadecimal, of the cube at `path` in canonical order."""
    value = hashlib.sha256(_json(arrays.attributes(path)))
    for selection in selections(path):
        _add(value, selection)
        _add_observations(value, path, selection.workload)
    return value.hexdigest()


def _add(value: hashlib._Hash, selection: Selection) -> None:
    value.update(_json({"workload": selection.workload, **canonical(selection.labels).to_json()}))
    value.update(selection.status.tobytes())
    for name in selection.variables:
        value.update(name.encode())
        for contestant in range(len(selection.labels.wanted.contestants)):
            value.update(selection.rows(name, contestant).tobytes())


def _add_observations(value: hashlib._Hash, path: Path, workload: str) -> None:
    register = load_register(path, workload)
    for place in register.wanted:
        value.update(_json(place.to_json()))
    for place, unit_hash in complete(path, register).items():
        value.update(unit_hash.encode())
        for name, (dims, values) in read_observation(path, place, unit_hash).items():
            value.update(_json([name, dims, values.shape, values.dtype.str]) + values.tobytes())


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True).encode()
