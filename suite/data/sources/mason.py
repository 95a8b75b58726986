"""Binders of HER2: trastuzumab with a mutated heavy-chain loop CDRH3 of 10 residues (D. Mason et al., 2021).

11,300 rows bind the antigen and 27,539 do not (11,277 and 27,456 distinct sequences). 2,342 sequences are in both
files, that is, sorting gave no clear answer: they are dropped. 8,935 binders and 25,114 others remain, split by
sequence and stratified, 70 / 15 / 15 %. Sequences of different splits may still be close relatives of each other.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite.contract import Scale, Splits
from suite.data.sources import RemoteFile, Source
from suite.data.sources._sequences import AMINO_ACIDS, Rows, chain_dataset, content_hash, corrupt, encoded
from suite.data.sources._split import stratified

REPOSITORY = "https://raw.githubusercontent.com/dahjan/DMS_opt/eec710e5af3a99b2d52e45fc858bc2a9a25b5a62/data/"
FILES = (
    RemoteFile(
        "mason/mHER_H3_AgPos.csv",
        (f"{REPOSITORY}mHER_H3_AgPos.csv",),
        "sha256:94518256505068bfdeb132f82469508637903bd6370c2f36985cf8d2a4e41bef",
        1_011_741,
    ),
    RemoteFile(
        "mason/mHER_H3_AgNeg.csv",
        (f"{REPOSITORY}mHER_H3_AgNeg.csv",),
        "sha256:a6c1e64e722bba661a521592c5dac96ccae1525bab44d574ed092fbd6f29f7b4",
        2_471_421,
    ),
)
LENGTH = 10
PUBLISHED = "f54cd908"

# (train, validation, test): upper bounds; None takes all there is.
SIZES: dict[Scale, tuple[int | None, int | None, int | None]] = {
    "ci": (600, 200, 200),
    "quick": (3_000, 600, 1_000),
    "reference": (None, None, None),
    "paper": (None, None, None),
}


@dataclass(frozen=True)
class Binders:
    """Distinct sequences of one label (sorted) and that label; dropped: how many sequences had two, how many rows
    repeated one."""

    sequences: list[str]
    labels: Rows
    dropped: dict[str, int]
    source: str

    def splits(self, scale: Scale) -> Splits:
        """Letters (LENGTH,) of a loop, uint8, and whether it binds."""
        size = len(self.labels) * 15 // 100
        test = stratified(self.labels, size, "mason", "test")
        rest = np.setdiff1d(np.arange(len(self.labels)), test)
        validation = rest[stratified(self.labels[rest], size, "mason", "validation")]
        parts = {"train": np.setdiff1d(rest, validation), "validation": validation, "test": test}
        made = [
            self._dataset(rows, limit, part) for (part, rows), limit in zip(parts.items(), SIZES[scale], strict=True)
        ]
        return Splits(made[0], made[1], {"test": made[2]}, self.source)

    def _dataset(self, rows: Rows, limit: int | None, part: str) -> object:
        if limit is not None and limit < len(rows):
            rows = rows[stratified(self.labels[rows], limit, "mason", f"{part}-subset")]
        return chain_dataset(((encoded(self.sequences, LENGTH), rows),), self.labels[rows])


def parse(root: Path) -> Binders:
    """The sequences below `root`/mason; raises DataCorrupt."""
    binding, other = (_read(root / file.path, label) for file, label in zip(FILES, ("1", "0"), strict=True))
    twice = set(binding) & set(other)
    labelled = {sequence: label for label, rows in ((1, binding), (0, other)) for sequence in rows}
    sequences = sorted(labelled.keys() - twice)
    labels = np.array([labelled[sequence] for sequence in sequences], np.int64)
    dropped = {
        "sequences_with_two_labels": len(twice),
        "duplicate_rows": len(binding) + len(other) - len(set(binding)) - len(set(other)),
    }
    found = content_hash(sequences, labels)
    source = "mason:published" if found == PUBLISHED else f"mason:custom-{found}"
    return Binders(sequences, labels, dropped, source)


def _read(path: Path, label: str) -> list[str]:
    """The sequence of every row, each of which has the file's label."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if absent := [column for column in ("AASeq", "AgClass") if column not in (rows.fieldnames or ())]:
            raise corrupt(path, f"no column {absent[0]!r}, only {rows.fieldnames}")
        sequences = [_checked(path, number, row, label) for number, row in enumerate(rows, 2)]
    if not sequences:
        raise corrupt(path, "no rows")
    return sequences


def _checked(path: Path, number: int, row: dict[str, str], label: str) -> str:
    sequence = row["AASeq"] or ""
    if row["AgClass"] != label:
        raise corrupt(path, f"row {number}, column AgClass: label {row['AgClass']!r} where {label} was expected")
    if len(sequence) != LENGTH:
        raise corrupt(path, f"row {number}, column AASeq: {len(sequence)} letters where {LENGTH} were expected")
    if unknown := sorted(set(sequence) - set(AMINO_ACIDS)):
        raise corrupt(path, f"row {number}, column AASeq: unknown letter {unknown[0]!r}")
    return sequence


SOURCE = Source(
    name="mason",
    title="HER2 binders among trastuzumab variants",
    licence="none stated by its authors",
    citation="D. Mason et al.: Optimization of therapeutic antibodies by predicting antigen specificity from antibody "
    "sequence via deep learning, Nature Biomedical Engineering, 2021",
    files=FILES,
    parse=parse,
)
