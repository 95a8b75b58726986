"""Neutralisation of SARS-CoV-2 by antibodies (CoV-AbDab, as collected for DeepAAI): 124,560 rows that are worth 4,152.

The table pairs every one of 4,152 antibody rows with the same 30 spike variants, and the label is the same for all 30:
it does not depend on the variant. Of the 3,051 distinct antibody sequences 133 carry both labels, and 127 are both in
the published `seen` and `unseen` parts. So there are two ways to split:

- `splits`: one variant (the first of the table) for all, the 133 two-label sequences and duplicates dropped; 2,918
  sequences remain (1,685 neutralise, 1,233 do not), split by sequence, 70 / 15 / 15 %.
- `published_splits`: rows as they are. `unseen` is a test set; of the `seen` rows 5 % each are drawn for validation and
  the test set `seen`, whatever the antibody, so that nearly every antibody tested was trained on with another variant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from suite.contract import Scale, Splits
from suite.contract.seeds import numpy_generator
from suite.data.sources import RemoteFile, Source
from suite.data.sources._sequences import (
    Rows,
    binary,
    chain_dataset,
    content_hash,
    encoded,
    indexed,
    named,
    read_sheet,
)
from suite.data.sources._split import SPLIT_ENTROPY, stratified

ADDRESS = (
    "https://raw.githubusercontent.com/enai4bio/DeepAAI/b5087c516b660524b0851557e7122161ddf3d4dd/"
    "processing/cov_cls/dataset_cov_cls.xlsx"
)
FILES = (
    RemoteFile(
        "cov_cls/dataset_cov_cls.xlsx",
        (ADDRESS,),
        "sha256:4b6e13f9c353ea30b6d2a04ecbeb930c38bf8f2b4772cc3784cff106846090fb",
        2_414_444,
    ),
)
COLUMNS = ("antibody_seq", "virus_seq", "label", "split")
ANTIBODY, VIRUS = 436, 1_288  # letters of the longest chain
PUBLISHED = "ffc10987"
PARTS = ("train", "validation", "test")

# (train, validation, each test set): upper bounds; None takes all there is.
Limits = tuple[int | None, int | None, int | None]
SIZES: dict[Scale, Limits] = {
    "ci": (300, 100, 100),
    "quick": (800, 200, 200),
    "reference": (None, None, None),
    "paper": (None, None, None),
}
PUBLISHED_SIZES: dict[Scale, Limits] = {
    "ci": (300, 100, 100),
    "quick": (800, 200, 200),
    "reference": (20_000, 2_000, None),
    "paper": (None, None, None),
}
# Of the `seen` antibodies. Few rows of many antibodies would hardly leak: small scales have many rows of few.
PUBLISHED_ANTIBODIES: dict[Scale, int | None] = {"ci": 20, "quick": 80, "reference": None, "paper": None}


@dataclass(frozen=True)
class Neutralisation:
    """The table: distinct sequences, which of them each row holds, labels (rows,) and whether the row is unseen."""

    antibodies: list[str]
    viruses: list[str]
    antibody: Rows
    virus: Rows
    labels: Rows
    unseen: Rows
    source: str

    @cached_property
    def sequences(self) -> tuple[Rows, Rows]:
        """The antibodies that have one label, and that label."""
        neutralising = np.bincount(self.antibody, self.labels, minlength=len(self.antibodies))
        rows = np.bincount(self.antibody, minlength=len(self.antibodies))
        kept = np.flatnonzero((neutralising == 0) | (neutralising == rows))
        return kept, (neutralising[kept] > 0).astype(np.int64)

    @property
    def dropped(self) -> dict[str, int]:
        """What `splits` leaves out, in this order: rows of other variants, sequences with two labels, duplicates."""
        one_variant = self.virus == 0
        kept, _ = self.sequences
        unique = np.isin(self.antibody[one_variant], kept).sum()
        return {
            "rows_of_other_variants": int((~one_variant).sum()),
            "sequences_with_two_labels": len(self.antibodies) - len(kept),
            "duplicate_rows": int(unique) - len(kept),
        }

    def splits(self, scale: Scale) -> Splits:
        """Letters (ANTIBODY + VIRUS,) of an antibody and the first variant, uint8, and the label; by sequence."""
        antibodies, labels = self.sequences
        size = len(labels) * 15 // 100
        test = stratified(labels, size, "cov_cls", "test")
        rest = np.setdiff1d(np.arange(len(labels)), test)
        validation = rest[stratified(labels[rest], size, "cov_cls", "validation")]
        train = np.setdiff1d(rest, validation)
        parts = [
            _limited(rows, labels, limit, part)
            for rows, limit, part in zip((train, validation, test), SIZES[scale], PARTS, strict=True)
        ]
        made = [self._dataset(antibodies[rows], np.zeros_like(rows), labels[rows]) for rows in parts]
        return Splits(made[0], made[1], {"test": made[2]}, self.source)

    def published_splits(self, scale: Scale) -> Splits:
        """Rows of the table as published, duplicates and all; tests `seen` and `unseen`. Splits share inputs."""
        seen = self._seen(PUBLISHED_ANTIBODIES[scale])
        shuffled = numpy_generator(SPLIT_ENTROPY, "split", "cov_cls", "published").permutation(seen)
        held = len(seen) // 20
        rows = (shuffled[2 * held :], shuffled[:held], shuffled[held : 2 * held], np.flatnonzero(self.unseen))
        limits = (*PUBLISHED_SIZES[scale], PUBLISHED_SIZES[scale][2])
        names = (*PARTS, "unseen")
        parts = [
            _limited(np.sort(part), self.labels, limit, f"published-{name}")
            for part, limit, name in zip(rows, limits, names, strict=True)
        ]
        made = [self._dataset(self.antibody[part], self.virus[part], self.labels[part]) for part in parts]
        return Splits(made[0], made[1], {"seen": made[2], "unseen": made[3]}, self.source)

    def _seen(self, limit: int | None) -> Rows:
        """The `seen` rows, of all antibodies or of `limit` that have one label."""
        seen = np.flatnonzero(self.unseen == 0)
        if limit is None:
            return seen
        antibodies, labels = self.sequences
        chosen = antibodies[_limited(np.arange(len(labels)), labels, limit, "published-antibodies")]
        return seen[np.isin(self.antibody[seen], chosen)]

    def _dataset(self, antibody: Rows, virus: Rows, labels: Rows) -> object:
        antibodies, viruses = encoded(self.antibodies, ANTIBODY), encoded(self.viruses, VIRUS)
        return chain_dataset(((antibodies, antibody), (viruses, virus)), labels)


def _limited(rows: Rows, labels: Rows, limit: int | None, name: str) -> Rows:
    if limit is None or limit >= len(rows):
        return rows
    return rows[stratified(labels[rows], limit, "cov_cls", name)]


def parse(root: Path) -> Neutralisation:
    """The table below `root`/cov_cls; raises DataCorrupt."""
    path = root / FILES[0].path
    return _parsed(path, path.read_bytes())


# By content: the file is read each time, so that whoever asks what was read is told.
@lru_cache(maxsize=1)
def _parsed(path: Path, content: bytes) -> Neutralisation:
    antibody, virus, label, split = zip(*read_sheet(path, content, "Sheet1", COLUMNS), strict=True)
    antibodies, antibody_of = indexed(path, COLUMNS[0], antibody, ANTIBODY)
    viruses, virus_of = indexed(path, COLUMNS[1], virus, VIRUS)
    labels, unseen = binary(path, "label", label), named(path, "split", split, ("seen", "unseen"))
    found = content_hash(antibodies, viruses, antibody_of, virus_of, labels, unseen)
    source = "cov_cls:deepaai" if found == PUBLISHED else f"cov_cls:custom-{found}"
    return Neutralisation(antibodies, viruses, antibody_of, virus_of, labels, unseen, source)


SOURCE = Source(
    name="cov_cls",
    title="SARS-CoV-2 neutralisation by antibodies",
    licence="AGPL-3.0 (the repository it is published in)",
    citation="J. Zhang et al.: Predicting unseen antibodies' neutralizability via adaptive graph neural networks, "
    "Nature Machine Intelligence, 2022 (DeepAAI); from CoV-AbDab",
    files=FILES,
    parse=parse,
)
