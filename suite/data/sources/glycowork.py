"""Glycans and the species they were found in: the table inside the package glycowork.

39,476 rows: 23,745 glycans in IUPAC-condensed names, 2,913 species, 21 kingdoms. A glycan here is a structure: three
names do not parse and are dropped, and names that draw one structure in two ways are one glycan, so that no structure
lies in two splits. Two tasks are cut from it, both split by glycan; `dropped` counts what each leaves out.

Reading and parsing all of it takes 2 s, once per process; nothing is cached on disk.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, Scale, Splits
from suite.data.sources import Source
from suite.data.sources._glycans import Tree, UnreadableGlycan, tree
from suite.data.sources._split import stratified

TABLE = Path("glycan_data") / "v12_df_species.csv"
# Of glycowork 1.11.0. Networks know the number of its classes and labels: another table is another workload.
SHA256 = "8a3f5f3080c4d17e62f72db2889e8f3df8253bf40d3a99bd0af59f8d813b05f7"
# One kingdom under two names.
MERGED = {"Metazoa": "Animalia"}
NO_SPECIES = "undetermined"
SMALLEST_CLASS = 5

# (train, validation, test): upper bounds of the stratified choices from the fixed split 70 : 10 : 20.
SIZES: dict[Scale, tuple[int | None, int | None, int | None]] = {
    "ci": (600, 200, 200),
    "quick": (1_600, 250, 400),
    "reference": (None, None, None),
    "paper": (None, None, None),
}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    glycan: str
    species: str
    kingdom: str


@dataclass(frozen=True)
class Task:
    """Samples of one classification: which glycans (n,), their classes (n, classes), of which each has one or more,
    and how many glycans were left out, by reason."""

    name: str
    glycans: NDArray[np.int64]
    members: NDArray[np.bool_]
    classes: tuple[str, ...]
    dropped: Mapping[str, int]


@dataclass(frozen=True)
class Glycans:
    """Distinct structures with the species and the kingdoms they were found in; dropped: names, by reason.

    inputs: (n, 2, nodes) int16, numbers of labels (0: no node) above the positions of parents (-1: none);
    vocabulary: the labels in lexicographic order, numbered from 1.
    """

    inputs: NDArray[np.int16]
    vocabulary: tuple[str, ...]
    species: tuple[frozenset[str], ...]
    kingdoms: tuple[frozenset[str], ...]
    dropped: Mapping[str, int]
    source: str

    def kingdom(self, scale: Scale) -> Splits:
        """Targets: the kingdom's number (n,) int64."""
        task = self.kingdom_task()
        return self._splits(task, task.members.argmax(1), scale)

    def species_of(self, scale: Scale) -> Splits:
        """Targets: the species of each glycan (n, species) bool."""
        task = self.species_task()
        return self._splits(task, task.members, scale)

    def kingdom_task(self) -> Task:
        """Glycans of exactly one kingdom, in kingdoms with at least SMALLEST_CLASS of them."""
        return _task("glycan_kingdom", [found if len(found) == 1 else frozenset() for found in self.kingdoms])

    def species_task(self) -> Task:
        """Glycans with one or more species that have at least SMALLEST_CLASS glycans each."""
        return _task("glycan_species", [found - {NO_SPECIES} for found in self.species])

    def _splits(self, task: Task, targets: NDArray[Any], scale: Scale) -> Splits:
        """Split by glycan, each class in its share; a glycan of several classes goes by its rarest. The smaller scales
        take a part of each split."""
        rarest = np.where(task.members, task.members.sum(0), len(task.members) + 1).argmin(1)
        everything = np.arange(len(rarest))
        test = stratified(rarest, len(rarest) // 5, task.name, "test")
        rest = np.setdiff1d(everything, test)
        held = rest[stratified(rarest[rest], len(rarest) // 10, task.name, "validation")]
        train, validation, test = (
            part if limit is None else part[stratified(rarest[part], limit, task.name, scale)]
            for part, limit in zip((np.setdiff1d(rest, held), held, test), SIZES[scale], strict=True)
        )
        inputs = self.inputs[task.glycans]
        return Splits(
            train=_dataset(inputs, targets, train),
            validation=_dataset(inputs, targets, validation),
            tests={"test": _dataset(inputs, targets, test)},
            source=self.source,
        )


def collect(rows: Iterable[Row], source: str) -> Glycans:
    """Names of one structure become one glycan; names that do not parse are dropped and counted."""
    trees: dict[str, Tree | None] = {}
    places: dict[Tree, tuple[set[str], set[str]]] = {}
    for row in rows:
        if row.glycan not in trees:
            trees[row.glycan] = _tree_or_none(row.glycan)
        if one := trees[row.glycan]:
            species, kingdoms = places.setdefault(one, (set(), set()))
            species.add(row.species.strip())
            kingdoms.add(MERGED.get(row.kingdom, row.kingdom))
    unreadable = sum(one is None for one in trees.values())
    vocabulary = tuple(sorted({label for one in places for label in one.labels}))
    return Glycans(
        inputs=_encoded(list(places), vocabulary),
        vocabulary=vocabulary,
        species=tuple(frozenset(species) for species, _ in places.values()),
        kingdoms=tuple(frozenset(kingdoms) for _, kingdoms in places.values()),
        dropped={"does not parse": unreadable, "another name": len(trees) - unreadable - len(places)},
        source=source,
    )


def _tree_or_none(glycan: str) -> Tree | None:
    try:
        return tree(glycan)
    except UnreadableGlycan:
        return None


def _encoded(trees: Sequence[Tree], vocabulary: Sequence[str]) -> NDArray[np.int16]:
    number = {label: place for place, label in enumerate(vocabulary, start=1)}
    inputs = np.zeros((len(trees), 2, max(len(one.labels) for one in trees)), np.int16)
    inputs[:, 1] = -1
    for sample, one in zip(inputs, trees, strict=True):
        sample[0, : len(one.labels)] = [number[label] for label in one.labels]
        sample[1, : len(one.parents)] = one.parents
    return inputs


def _task(name: str, labels: Sequence[frozenset[str]]) -> Task:
    sizes = Counter(label for found in labels for label in found)
    classes = tuple(sorted(label for label, size in sizes.items() if size >= SMALLEST_CLASS))
    column = {label: place for place, label in enumerate(classes)}
    members = np.zeros((len(labels), len(classes)), dtype=bool)
    for row, found in zip(members, labels, strict=True):
        row[[column[label] for label in found if label in column]] = True
    kept = np.flatnonzero(members.any(1))
    unlabelled = sum(not found for found in labels)
    dropped = {"no label, or several": unlabelled, "small class": len(labels) - unlabelled - len(kept)}
    return Task(name, kept, members[kept], classes, dropped)


def _dataset(inputs: NDArray[np.int16], targets: NDArray[Any], index: NDArray[np.int64]) -> object:
    import torch
    from torch.utils.data import TensorDataset

    return TensorDataset(torch.from_numpy(inputs[index]), torch.from_numpy(targets[index]))


def _rows(path: Path, content: bytes) -> list[Row]:
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise DataCorrupt(
            f"{path}: its SHA-256 begins with {found[:8]} where that of glycowork 1.11.0 begins with {SHA256[:8]}; "
            "run `pip install --force-reinstall glycowork==1.11.0`"
        )
    lines = csv.DictReader(content.decode().splitlines())
    return [Row(line["glycan"], line["Species"], line["Kingdom"]) for line in lines]


def packaged() -> Glycans | None:
    """The table of the installed package, read from its file: importing glycowork waits until names are parsed."""
    spec = find_spec("glycowork")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / TABLE
    if not path.is_file():
        raise DataCorrupt(f"{path}: not in this glycowork; run `pip install glycowork==1.11.0`")
    return _collected(path, path.read_bytes())


# By content: the file is read each time, so that whoever asks what was read is told.
@lru_cache(maxsize=1)
def _collected(path: Path, content: bytes) -> Glycans:
    return collect(_rows(path, content), f"glycowork:{version('glycowork')}")


SOURCE = Source(
    name="glycowork",
    title="Glycans and their species",
    licence="MIT",
    citation="L. Thomes et al.: Glycowork: A Python package for glycan data science and machine learning, "
    "Glycobiology 31, 1240, 2021",
    files=(),
    parse=lambda root: packaged(),
    package="glycowork",
    packaged=packaged,
)
