"""Optical recognition of handwritten digits: 1,797 images of 8 x 8 pixels (E. Alpaydin and C. Kaynak, 1998).

They are the test set of the UCI data set of that name, as the package scikit-learn ships it: 43 people wrote 32 x 32
bitmaps, of which each pixel here counts a block of 4 x 4 (0 to 16). Which writer made which digit is not told. Results
say `digits:sklearn`, or `digits:sklearn-HASH` should a later package hold other digits.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt
from suite.data.sources import Source
from suite.data.sources._split import stratified

# Of the decompressed table.
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
COLUMNS = 8 * 8 + 1


@dataclass(frozen=True)
class Digits:
    """images (n, 64), uint8 in 0 to 16, row by row; labels (n,), uint8."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    source: str

    def of(self, classes: int) -> Digits:
        """The digits 0 to `classes` - 1."""
        kept = self.labels < classes
        return Digits(self.images[kept], self.labels[kept], self.source)

    def parts(self, validation: int, test: int) -> tuple[Digits, Digits, Digits]:
        """Training, validation and test part, disjoint and stratified; always the same choice."""
        everything = np.arange(len(self.labels))
        held = stratified(self.labels, validation + test, "digits", "held")
        tested = held[stratified(self.labels[held], test, "digits", "test")]
        choices = np.setdiff1d(everything, held), np.setdiff1d(held, tested), tested
        train, validated, examined = (Digits(self.images[at], self.labels[at], self.source) for at in choices)
        return train, validated, examined


def packaged() -> Digits | None:
    """The digits of the installed package, read from its file: importing scikit-learn takes longer than all else."""
    spec = find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        return None
    return read(Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz")


def read(path: Path) -> Digits:
    """The digits in `path`; raises DataCorrupt with the file and the fix."""
    try:
        content = gzip.decompress(path.read_bytes())
        table = np.array([line.split(b",") for line in content.split()], dtype=float)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _corrupt(path, str(error)) from None
    if table.ndim != 2 or table.shape[1] != COLUMNS:
        raise _corrupt(path, f"a table of {table.shape} where (digits, {COLUMNS}) was expected")
    images, labels = table[:, :-1], table[:, -1]
    if not (np.isin(images, range(17)).all() and np.isin(labels, range(10)).all()):
        raise _corrupt(path, "a pixel that is not 0 to 16, or a label that is not 0 to 9")
    found = hashlib.sha256(content).hexdigest()
    source = "digits:sklearn" if found == SHA256 else f"digits:sklearn-{found[:8]}"
    return Digits(images.astype(np.uint8), labels.astype(np.uint8), source)


def _corrupt(path: Path, what: str) -> DataCorrupt:
    return DataCorrupt(f"{path}: {what}; run `pip install --force-reinstall scikit-learn`")


def parse(root: Path) -> Digits:
    """Never called: no file below a data root belongs to this source."""
    raise NotImplementedError


SOURCE = Source(
    name="digits",
    title="Handwritten digits of 8 x 8 pixels",
    licence="CC BY 4.0",
    citation="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998",
    files=(),
    parse=parse,
    package="sklearn",
    packaged=packaged,
)
