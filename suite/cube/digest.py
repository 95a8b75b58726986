"""One hash for all that a cube says: labels, status, scores and unit hashes, whatever its holes and history."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from suite.cube import arrays
from suite.cube.labels import canonical
from suite.cube.selection import Selection, selections


def digest(path: Path) -> str:
    """sha256, hexadecimal, of the cube at `path` in canonical order."""
    value = hashlib.sha256(_json(arrays.attributes(path)))
    for selection in selections(path):
        _add(value, selection)
    return value.hexdigest()


def _add(value: hashlib._Hash, selection: Selection) -> None:
    value.update(_json({"workload": selection.workload, **canonical(selection.labels).to_json()}))
    value.update(selection.status.tobytes())
    for name in selection.variables:
        value.update(name.encode())
        for method in range(len(selection.labels.wanted.methods)):
            value.update(selection.rows(name, method).tobytes())


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True).encode()
