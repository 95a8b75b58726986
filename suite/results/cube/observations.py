"""Observations in a cube: a group of named arrays per unit, below `WORKLOAD/observations/WHAT`.

Workers write whole units with their hashes and rename them into place: what lies there under the wanted hash is done.
What is wanted and what failed stands in the attributes of `WORKLOAD/observations`, written by the driver alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import Condition, SuiteError
from suite.results.cube import arrays
from suite.results.cube.former import as_formerly, renamed
from suite.results.cube.labels import condition_from_json, condition_to_json
from suite.results.files import clear_siblings, replace_folder, sibling

Array = np.ndarray[Any, Any]
FOLDER, HASH, TEXTS, ARRAYS = "observations", "unit_hash", "texts", "arrays"


class UnsoundObservation(SuiteError):
    """An observation whose arrays are not those that its workload declares."""


@dataclass(frozen=True)
class Place:
    """Where one observation lies: what is observed of which state, on which crossbar."""

    workload: str
    what: str
    contestant: str
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
        text = json.dumps(as_formerly(self.labels), sort_keys=True)
        return f"{self.what}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def group(self) -> str:
        """Its group in the cube."""
        return f"{self.workload}/{FOLDER}/{self.name}"

    def __str__(self) -> str:
        return (
            f"{self.what} of {self.contestant}, seed {self.seed}, {self.condition.key}, realisation {self.realisation}"
        )

    def to_json(self) -> dict[str, Any]:
        """The labels with the whole condition."""
        return {**vars(self), "condition": condition_to_json(self.condition)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Place:
        """The inverse of `to_json`."""
        return Place(**{**renamed(value), "condition": condition_from_json(value["condition"])})


@dataclass(frozen=True)
class Register:
    """What the driver says of a workload's observations: the places that its study asks for, each with the hash that it
    shall have, and those of them that the last run could not have."""

    wanted: Mapping[Place, str] = field(default_factory=dict)
    failed: frozenset[Place] = frozenset()


def load_register(path: Path, workload: str) -> Register:
    """What is on disk; empty where the workload was never observed. Raises CorruptCube."""
    if not (path / workload / FOLDER / "zarr.json").exists():
        return Register()
    found = arrays.attributes(path, f"{workload}/{FOLDER}")
    # Cubes that were made before units were their own marks have their hashes beside.
    beside, wanted = found.get("done", {}), {}
    for entry in found["wanted"]:
        place = Place.from_json({name: value for name, value in entry.items() if name != HASH})
        wanted[place] = entry.get(HASH, beside.get(place.name, ""))
    return Register(wanted, frozenset(place for place in wanted if place.name in found["failed"]))


def save_register(path: Path, workload: str, register: Register) -> None:
    """Writes the register in one atomic write. Raises ResultsNotWritable."""
    wanted = [{**place.to_json(), HASH: unit_hash} for place, unit_hash in register.wanted.items()]
    content = {"wanted": wanted, "failed": sorted(place.name for place in register.failed)}
    arrays.set_attributes(path, f"{workload}/{FOLDER}", content)


def expect(path: Path, workload: str, wanted: Mapping[Place, str]) -> None:
    """Makes room for the observations of a study, as a run begins. Raises ResultsNotWritable.

    What earlier runs left stays, but only `wanted` is read, under the hash given with each.
    """
    known = load_register(path, workload)
    if [*known.wanted.items()] == [*wanted.items()] and not known.failed:
        return
    # The register comes last: where it names a place, there is room for it.
    for what in dict.fromkeys(place.what for place in wanted):
        arrays.set_attributes(path, f"{workload}/{FOLDER}/{what}", {})
    save_register(path, workload, Register(wanted))


def clear_unfinished(path: Path, workload: str) -> None:
    """Deletes what lost workers left half-written; to be called while no worker writes."""
    for folder in (path / workload / FOLDER).glob("*/"):
        clear_siblings(folder / "*")


def mark_failed(path: Path, workload: str, places: Collection[Place]) -> None:
    """Says which of the wanted places a run could not have. Raises ResultsNotWritable."""
    if places:
        known = load_register(path, workload)
        save_register(path, workload, Register(known.wanted, known.failed | {*places}))


def hash_at(path: Path, place: Place) -> str:
    """The hash of the unit that lies at a place, "" where there is none. Raises CorruptCube."""
    file = path / place.group / "zarr.json"
    try:
        # Zarr's own way to a group's attributes takes longer than all that is done with one observation's.
        return str(json.loads(file.read_bytes())["attributes"][HASH])
    except FileNotFoundError as error:
        if not file.parent.exists():
            return ""
        raise arrays.corrupt(file, error) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise arrays.corrupt(file, error) from error


def complete(path: Path, register: Register) -> dict[Place, str]:
    """The wanted places that are done, with their hashes. Raises CorruptCube."""
    return {place: unit_hash for place, unit_hash in register.wanted.items() if hash_at(path, place) == unit_hash}


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
    """Writes one unit, in place of what is there.

    found: {name: array with the dimensions `dims[name]`}. Raises UnsoundObservation or ResultsNotWritable.
    """
    check_observation(place, found, dims)
    final = path / place.group
    made = sibling(final)
    # Texts are few (names of classes) and Zarr has no settled type for them.
    texts = {name: [list(dims[name]), found[name].tolist()] for name in sorted(found) if found[name].dtype.kind == "U"}
    numbers = sorted({*found} - {*texts})
    try:
        # As a store of its own: below the cube's, Zarr would decode the register anew for every array.
        arrays.set_attributes(made, "", {**place.to_json(), HASH: unit_hash, TEXTS: texts, ARRAYS: numbers})
        for name in numbers:
            arrays.store(made, name, found[name], dims[name])
        replace_folder(made, final)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def read_observation(path: Path, place: Place, unit_hash: str) -> dict[str, tuple[tuple[str, ...], Array]]:
    """{name: (dimensions, values)} of the unit that has `unit_hash`. Raises CorruptCube."""
    folder = path / place.group
    try:
        attributes = arrays.attributes(path, place.group)
    except arrays.NoSuchArray as error:
        raise arrays.corrupt(folder, error) from error
    if attributes.get(HASH) != unit_hash:
        raise arrays.corrupt(folder, ValueError(f"its hash is not {unit_hash}"))
    found = {name: (tuple(dims), np.array(values)) for name, (dims, values) in attributes[TEXTS].items()}
    for name in attributes.get(ARRAYS, sorted(file.parent.name for file in folder.glob("*/zarr.json"))):
        try:
            array = arrays.opened(path, place.group, name)
        except arrays.NoSuchArray as error:
            raise arrays.corrupt(folder / name, error) from error
        chunk = arrays.chunk_file(array, (0,) * array.ndim)
        if array.size and not chunk.exists():
            raise arrays.corrupt(chunk, FileNotFoundError("the file is missing"))
        found[name] = (arrays.dimensions(array), arrays.read(array, ...))
    if hash_at(path, place) != unit_hash:
        raise arrays.corrupt(folder, ValueError("it was written anew meanwhile"))
    return dict(sorted(found.items()))


def discard(path: Path, places: Iterable[Place]) -> None:
    """Deletes the arrays of units that cannot be decoded."""
    for place in places:
        shutil.rmtree(path / place.group, ignore_errors=True)
