"""Observations in a cube: a group of named arrays per unit, below `WORKLOAD/observations/WHAT`.

Workers write whole units and rename them into place; what is wanted, done and failed stands in the attributes of
`WORKLOAD/observations`, which the driver alone writes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import Condition, SuiteError
from suite.cube import arrays
from suite.cube.labels import condition_from_json, condition_to_json
from suite.cube.ledger import Status
from suite.files import clear_siblings, replace_folder, sibling

Array = np.ndarray[Any, Any]
FOLDER, HASH, TEXTS = "observations", "unit_hash", "texts"


class UnsoundObservation(SuiteError):
    """An observation whose arrays are not those that its workload declares."""


@dataclass(frozen=True)
class Place:
    """Where one observation lies: what is observed of which state, on which crossbar."""

    workload: str
    what: str
    method: str
    seed: int
    condition: Condition
    realisation: int

    @property
    def labels(self) -> dict[str, Any]:
        """What readers and logs call it."""
        return {**vars(self), "condition": self.condition.key}

    @property
    def name(self) -> str:
        """Its group below `WORKLOAD/observations`: a name made of the labels."""
        text = json.dumps(self.labels, sort_keys=True)
        return f"{self.what}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def group(self) -> str:
        """Its group in the cube."""
        return f"{self.workload}/{FOLDER}/{self.name}"

    def __str__(self) -> str:
        return f"{self.what} of {self.method}, seed {self.seed}, {self.condition.key}, realisation {self.realisation}"

    def to_json(self) -> dict[str, Any]:
        """The labels with the whole condition."""
        return {**vars(self), "condition": condition_to_json(self.condition)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Place:
        """The inverse of `to_json`."""
        return Place(**{**value, "condition": condition_from_json(value["condition"])})


@dataclass(frozen=True)
class Register:
    """What the driver says of a workload's observations: the places that its study asks for, the hash of each that is
    done, by name, and the names of those that failed."""

    wanted: tuple[Place, ...] = ()
    done: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    def complete(self) -> list[Place]:
        """The wanted places that are done."""
        return [place for place in self.wanted if place.name in self.done]


def load_register(path: Path, workload: str) -> Register:
    """What is on disk; empty where the workload was never observed. Raises CorruptCube."""
    if not (path / workload / FOLDER / "zarr.json").exists():
        return Register()
    found = arrays.attributes(path, f"{workload}/{FOLDER}")
    return Register(tuple(map(Place.from_json, found["wanted"])), found["done"], tuple(found["failed"]))


def save_register(path: Path, workload: str, register: Register) -> None:
    """Writes the register in one atomic write. Raises ResultsNotWritable."""
    wanted = [place.to_json() for place in register.wanted]
    content = {"wanted": wanted, "done": dict(sorted(register.done.items())), "failed": sorted(register.failed)}
    arrays.set_attributes(path, f"{workload}/{FOLDER}", content)


def expect(path: Path, workload: str, wanted: Sequence[Place]) -> None:
    """Makes room for the observations of a study; what earlier ones left stays, but only `wanted` is read."""
    known = load_register(path, workload)
    if known.wanted == tuple(wanted):
        return
    # The register comes last: where it names a place, there is room for it.
    for what in dict.fromkeys(place.what for place in wanted):
        arrays.set_attributes(path, f"{workload}/{FOLDER}/{what}", {})
    save_register(path, workload, Register(tuple(wanted), known.done, known.failed))


def mark(path: Path, workload: str, places: Mapping[Place, str], status: Status) -> None:
    """Sets the status of places: DONE under the hash given with each, FAILED, or PENDING. Raises ResultsNotWritable."""
    known, names = load_register(path, workload), {place.name: unit_hash for place, unit_hash in places.items()}
    done = {name: unit_hash for name, unit_hash in known.done.items() if name not in names}
    failed = {*known.failed} - {*names}
    if status == Status.DONE:
        done |= names
    if status == Status.FAILED:
        failed |= {*names}
    save_register(path, workload, Register(known.wanted, done, tuple(failed)))


def check_observation(place: Place, found: Mapping[str, Array], dims: Mapping[str, Sequence[str]]) -> None:
    """Raises UnsoundObservation unless `found` has the arrays of `dims`, one length per dimension, numbers or texts."""
    sizes: dict[str, int] = {}
    wrong = {*found} ^ {*dims}
    for name in {*found} & {*dims}:
        shape = found[name].shape
        fits = len(shape) == len(dims[name]) and found[name].dtype.kind in "biufU"
        if not fits or any(sizes.setdefault(dim, size) != size for dim, size in zip(dims[name], shape, strict=True)):
            wrong.add(name)
    if wrong or {*sizes} & {*arrays.DIMENSIONS}:
        shapes = {name: values.shape for name, values in found.items()}
        raise UnsoundObservation(
            f"{place}: declared are {dict(dims)}, found {shapes}: give numbers or texts with these dimensions, none of "
            f"them called {', '.join(arrays.DIMENSIONS)}; mend `observations` of the workload file"
        )


def write_observation(
    path: Path, place: Place, found: Mapping[str, Array], dims: Mapping[str, Sequence[str]], unit_hash: str
) -> None:
    """Writes one unit, in place of what is there; it counts once the driver has marked it.

    found: {name: array with the dimensions `dims[name]`}. Raises UnsoundObservation or ResultsNotWritable.
    """
    check_observation(place, found, dims)
    final = path / place.group
    clear_siblings(final)
    made = sibling(final)
    group = str(made.relative_to(path))
    # Texts are few (names of classes) and Zarr has no settled type for them.
    texts = {name: [list(dims[name]), found[name].tolist()] for name in sorted(found) if found[name].dtype.kind == "U"}
    try:
        arrays.set_attributes(path, group, {**place.to_json(), HASH: unit_hash, TEXTS: texts})
        for name in sorted({*found} - {*texts}):
            arrays.store(path, group, name, found[name], dims[name])
        replace_folder(made, final)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def read_observation(path: Path, place: Place, unit_hash: str) -> dict[str, tuple[tuple[str, ...], Array]]:
    """{name: (dimensions, values)} of the unit that was marked with `unit_hash`. Raises CorruptCube."""
    folder = path / place.group
    try:
        attributes = arrays.attributes(path, place.group)
    except arrays.NoSuchArray as error:
        raise arrays.corrupt(folder, error) from error
    if attributes.get(HASH) != unit_hash:
        raise arrays.corrupt(folder, ValueError(f"its hash is not {unit_hash}"))
    found = {name: (tuple(dims), np.array(values)) for name, (dims, values) in attributes[TEXTS].items()}
    for name in sorted(file.parent.name for file in folder.glob("*/zarr.json")):
        array = arrays.opened(path, place.group, name)
        chunk = arrays.chunk_file(array, (0,) * array.ndim)
        if array.size and not chunk.exists():
            raise arrays.corrupt(chunk, FileNotFoundError("the file is missing"))
        found[name] = (arrays.dimensions(array), arrays.read(array, ...))
    return dict(sorted(found.items()))


def discard(path: Path, places: Iterable[Place]) -> None:
    """Deletes the arrays of units that cannot be decoded."""
    for place in places:
        shutil.rmtree(path / place.group, ignore_errors=True)
