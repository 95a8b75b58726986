"""Neutralisation of HIV by antibodies: 29,394 pairs of 254 antibodies and 940 viruses (CATNAP, as DeepAAI has them).

An antibody is its heavy and light variable chain one after the other (193 to 271 residues), a virus its envelope
protein (up to 912); label 1: it is neutralised. 197 antibodies are `seen`, 57 `unseen`. The published splits, seeds 0
to 19: 22,359 training, 1,242 validation and 760 to 836 test pairs of seen antibodies, and for every seed the same 3,301
test pairs of 45 unseen antibodies. Validation and `seen` test pairs share their antibodies with training: `unseen`
alone is about new antibodies. The splits use 24,361 to 24,437 of 24,843 seen and 3,301 of 4,551 unseen rows.

`splits.npz` holds the published index files, one array per file, called by its stem:
`numpy.savez("splits.npz", **{path.stem: numpy.load(path) for path in folder.glob("seed_*.npy")})`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from suite.contract import Scale, Splits, SuiteError
from suite.contract.seeds import TUNING_SEED
from suite.data.sources import RemoteFile, Source
from suite.data.sources._sequences import (
    Rows,
    binary,
    chain_dataset,
    content_hash,
    corrupt,
    encoded,
    indexed,
    named,
    read_sheet,
)
from suite.data.sources._split import stratified

REPOSITORY = "https://raw.githubusercontent.com/enai4bio/DeepAAI/b5087c516b660524b0851557e7122161ddf3d4dd/"
FILES = (
    RemoteFile(
        "hiv_cls/dataset_hiv_cls.xlsx",
        (f"{REPOSITORY}processing/hiv_cls/dataset_hiv_cls.xlsx",),
        "sha256:47d3fad81afa79a07e53feff6221321ec1a543aecfa65c595d80f4fcb64259ea",
        934_120,
    ),
    RemoteFile(
        "hiv_cls/splits.npz",
        (),
        "sha256:05e666255879daa9a0c7261087077c1383c84dbd71884ea493ff70ac61e45256",
        1_113_273,
    ),
)
COLUMNS = ("antibody_seq", "virus_seq", "label", "split")
ANTIBODY, VIRUS = 271, 912  # letters of the longest chain
SEEDS = range(20)
PARTS = ("train_seen", "valid_seen", "test_seen", "test_unseen")
PUBLISHED = "6482e4ba"

# (train, validation, each test set): upper bounds; None takes all there is.
SIZES: dict[Scale, tuple[int | None, int | None, int | None]] = {
    "ci": (256, 128, 128),
    "quick": (1_024, 256, 512),
    "reference": (None, None, None),
    "paper": (None, None, None),
}


@dataclass(frozen=True)
class Neutralisation:
    """The table: distinct sequences, which of them each row holds, labels (rows,) and whether the antibody is unseen;
    parts: row numbers of the published splits, by seed and part."""

    antibodies: list[str]
    viruses: list[str]
    antibody: Rows
    virus: Rows
    labels: Rows
    unseen: Rows
    parts: Mapping[tuple[int, str], Rows]
    source: str

    def splits(self, scale: Scale, seed: int) -> Splits:
        """Letters (ANTIBODY + VIRUS,) of a pair, uint8, and its label; tests `seen` and `unseen`.

        Seeds 0 to 19 are the published splits. The tuning seed trains and validates on seen rows that no seed tests;
        its test sets are those of seed 0, which tuning does not read. Raises SuiteError for any other seed.
        """
        if seed not in (*SEEDS, TUNING_SEED):
            raise SuiteError(f"hiv_cls: no split is published for seed {seed}; use seeds 0 to {SEEDS[-1]}")
        train, validation = self._tuning() if seed == TUNING_SEED else (self.parts[seed, part] for part in PARTS[:2])
        seen, unseen = (self.parts[0 if seed == TUNING_SEED else seed, part] for part in PARTS[2:])
        trained, validated, tested = SIZES[scale]
        return Splits(
            train=self._dataset(train, trained, "train"),
            validation=self._dataset(validation, validated, "validation"),
            tests={"seen": self._dataset(seen, tested, "seen"), "unseen": self._dataset(unseen, tested, "unseen")},
            source=self.source,
        )

    def _tuning(self) -> tuple[Rows, Rows]:
        """Training and validation rows that are in no test set of any seed; as many for validation as published."""
        tested = np.concatenate([self.parts[seed, part] for seed in SEEDS for part in PARTS[2:]])
        free = np.setdiff1d(np.flatnonzero(self.unseen == 0), tested)
        if len(free) < 8:
            raise SuiteError("hiv_cls: every seen row is in the test set of some seed, so none is left to tune on")
        count = min(len(self.parts[0, "valid_seen"]), len(free) // 8)
        held = stratified(self.labels[free], count, "hiv_cls", "tuning")
        return np.delete(free, held), free[held]

    def _dataset(self, rows: Rows, limit: int | None, part: str) -> object:
        """Rows by virus, then antibody, so that a block of a test set holds few distinct chains."""
        if limit is not None and limit < len(rows):
            rows = rows[stratified(self.labels[rows], limit, "hiv_cls", part)]
        rows = rows[np.lexsort((self.antibody[rows], self.virus[rows]))]
        antibodies, viruses = encoded(self.antibodies, ANTIBODY), encoded(self.viruses, VIRUS)
        return chain_dataset(((antibodies, self.antibody[rows]), (viruses, self.virus[rows])), self.labels[rows])


def parse(root: Path) -> Neutralisation:
    """The table and its splits below `root`/hiv_cls; raises DataCorrupt."""
    table, splits = (root / file.path for file in FILES)
    return _parsed(table, table.read_bytes(), splits, splits.read_bytes())


# By content: the files are read for each seed, so that whoever asks what was read is told.
@lru_cache(maxsize=1)
def _parsed(table: Path, content: bytes, splits: Path, indices: bytes) -> Neutralisation:
    antibody, virus, label, split = zip(*read_sheet(table, content, "dataset_hiv", COLUMNS), strict=True)
    antibodies, antibody_of = indexed(table, COLUMNS[0], antibody, ANTIBODY)
    viruses, virus_of = indexed(table, COLUMNS[1], virus, VIRUS)
    labels, unseen = binary(table, "label", label), named(table, "split", split, ("seen", "unseen"))
    parts = _parts(splits, indices, unseen)
    found = content_hash(antibodies, viruses, antibody_of, virus_of, labels, unseen, *parts.values())
    source = "hiv_cls:deepaai" if found == PUBLISHED else f"hiv_cls:custom-{found}"
    return Neutralisation(antibodies, viruses, antibody_of, virus_of, labels, unseen, parts, source)


def _parts(path: Path, content: bytes, unseen: Rows) -> dict[tuple[int, str], Rows]:
    """Row numbers of every seed's parts; each in range, of its own kind of antibody, and in one part only."""
    arrays = _arrays(path, content)
    parts = {(seed, part): _part(path, arrays, f"seed_{seed}_{part}_index", unseen) for seed in SEEDS for part in PARTS}
    for seed in SEEDS:
        together = np.concatenate([parts[seed, part] for part in PARTS])
        values, counts = np.unique(together, return_counts=True)
        if (counts > 1).any():
            raise corrupt(path, f"seed {seed}: row {values[counts > 1][0]} is used twice")
    return parts


def _arrays(path: Path, content: bytes) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (BadZipFile, ValueError, EOFError, OSError) as error:
        raise corrupt(path, f"not a sound npz file ({error})") from None


def _part(path: Path, arrays: Mapping[str, NDArray[np.generic]], name: str, unseen: Rows) -> Rows:
    if name not in arrays:
        raise corrupt(path, f"no array {name}")
    if arrays[name].ndim != 1 or not len(arrays[name]) or arrays[name].dtype.kind not in "iu":
        raise corrupt(path, f"{name}: {arrays[name].shape} {arrays[name].dtype} where row numbers were expected")
    rows = arrays[name].astype(np.int64)
    if rows.min() < 0 or rows.max() >= len(unseen):
        wrong = rows[(rows < 0) | (rows >= len(unseen))][0]
        raise corrupt(path, f"{name}: row {wrong} is out of range, the table has {len(unseen)} rows")
    kind = int("unseen" in name)
    if (unseen[rows] != kind).any():
        raise corrupt(path, f"{name}: row {rows[unseen[rows] != kind][0]} is of the other kind of antibody")
    return rows


SOURCE = Source(
    name="hiv_cls",
    title="HIV neutralisation by antibodies",
    licence="AGPL-3.0 (the repository it is published in)",
    citation="J. Zhang et al.: Predicting unseen antibodies' neutralizability via adaptive graph neural networks, "
    "Nature Machine Intelligence, 2022 (DeepAAI); from CATNAP",
    files=FILES,
    parse=parse,
)
