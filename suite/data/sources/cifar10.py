"""CIFAR-10: 50,000 + 10,000 colour photographs of 32 x 32 pixels in ten classes (Krizhevsky, 2009).

Every result row says which of these it is: `cifar10:official` (the published bytes, recognised by their checksums: the
pickled batches, packed or not, and the binary archive), `cifar10:binary` (unpacked binary batches: whole and balanced,
but no checksum of theirs is published), `cifar10:png` and `cifar10:jpeg75` (mirrors as parquet: PNG keeps the pixels,
JPEG of quality 75 loses some, and scores then differ in the third digit), and `cifar10:custom-HASH` (anything else in
one of these layouts, told apart by its content).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import Scale, Splits, SuiteError
from suite.data.sources import RemoteFile, Source
from suite.data.sources._cifar10_batches import BINARY, BINARY_ARCHIVE_SHA256, PICKLED, Bytes, binary, pickled
from suite.data.sources._cifar10_parquet import read_parquet
from suite.data.sources._split import stratified

ARCHIVE = RemoteFile(
    "cifar10/cifar-10-binary.tar.gz",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
    f"sha256:{BINARY_ARCHIVE_SHA256}",
    170_052_171,
)

# Of the training pixels scaled to [0, 1], per channel (red, green, blue)
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
# Pixels that a training image may be shifted by in each direction (He et al., arXiv:1512.03385, section 4.2)
SHIFT = 4
# (train, validation, test)
SIZES: dict[Scale, tuple[int, int, int]] = {
    "ci": (192, 64, 64),
    "quick": (1_000, 200, 250),
    "reference": (10_000, 1_000, 1_000),
    "paper": (45_000, 5_000, 10_000),
}
AUGMENTED: tuple[Scale, ...] = ("paper",)


@dataclass(frozen=True)
class Photographs:
    """train, test: pixels, which give (k, 3, 32, 32) for k positions, and labels (n,), uint8; source: what they are."""

    train: tuple[Any, Bytes]
    test: tuple[Any, Bytes]
    source: str

    def splits(self, scale: Scale, share: float = 1.0, standardised: bool = True, images: int = 0) -> Splits:
        """Float32 images (n, 3, 32, 32), standardised or from 0 to 1, and int64 labels; validation is held out of the
        training set.

        The choice of samples is fixed; `share` of them is for networks that are slow, `images` the number to train on
        in the scale's place. Training images are varied at `paper` alone: short trainings lose by it. Raises SuiteError
        where there are fewer than `images`.
        """
        train, validation, test = (round(share * size) for size in SIZES[scale])
        pool = self.train[1]
        held = stratified(pool, min(validation, len(pool) // 8), "cifar10", "validation")
        rest = np.setdiff1d(np.arange(len(pool)), held)
        if not 0 <= images <= len(rest):
            raise SuiteError(f"settings.images: {images}; {self.source} has {len(rest)} to train on, 0 is the scale's")
        kept = rest[stratified(pool[rest], images or min(train, len(rest)), "cifar10", "train")]
        tested = stratified(self.test[1], min(test, len(self.test[1])), "cifar10", "test")
        return Splits(
            train=_dataset(*self.train, kept, standardised),
            validation=_dataset(*self.train, held, standardised),
            tests={"test": _dataset(*self.test, tested, standardised)},
            source=self.source,
            augment=shifted_and_flipped if scale in AUGMENTED else None,
        )


def shifted_and_flipped(images: Any, generator: Any) -> Any:
    """Each image (n, channels, height, width) shifted by up to 4 pixels each way, the border filled with the mean, and
    flipped left to right or not: the usual variation for CIFAR (He et al., arXiv:1512.03385, section 4.2)."""
    import torch
    from torch.nn import functional

    count, channels, height, width = images.shape
    where = {"generator": generator, "device": generator.device}
    top, left = torch.randint(2 * SHIFT + 1, (2, count, 1), **where)
    flip = torch.randint(2, (count, 1), **where).bool()
    rows = top + torch.arange(height, device=generator.device)
    columns = torch.arange(width, device=generator.device)
    columns = left + torch.where(flip, columns.flip(0), columns)
    padded = functional.pad(images, (SHIFT,) * 4)
    every, planes = (torch.arange(size, device=generator.device) for size in (count, channels))
    return padded[every[:, None, None, None], planes[:, None, None], rows[:, None, :, None], columns[:, None, None]]


def _dataset(pixels: Any, labels: Bytes, index: NDArray[np.int64], standardised: bool) -> object:
    import torch
    from torch.utils.data import TensorDataset

    images = torch.from_numpy(np.ascontiguousarray(pixels[index])).float().div_(255)
    if standardised:
        mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
        images.sub_(mean).div_(deviation)
    return TensorDataset(images, torch.from_numpy(labels[index].astype(np.int64)))


def _named(kind: str, train: tuple[Any, Bytes], test: tuple[Any, Bytes]) -> Photographs:
    """Called by `kind` if every class has its 5,000 + 1,000 images; other content is another source, and its scores
    never mix with these."""
    counts = [np.bincount(labels, minlength=10).tolist() for _, labels in (train, test)]
    if kind and counts == [[5_000] * 10, [1_000] * 10]:
        return Photographs(train, test, f"cifar10:{kind}")
    digest = hashlib.sha256()
    for part in (*train, *test):
        digest.update(part.tobytes())
    return Photographs(train, test, f"cifar10:custom-{digest.hexdigest()[:8]}")


def _from_pickled(paths: Sequence[Path]) -> Photographs:
    train, test, known = pickled(paths)
    return _named("official" if known else "", train, test)


def _from_binary(paths: Sequence[Path]) -> Photographs:
    train, test, known = binary(paths)
    return _named("official" if known else "" if len(paths) == 1 else "binary", train, test)


def _from_parquet(paths: Sequence[Path]) -> Photographs:
    train, test = map(read_parquet, paths)
    return _named("+".join(sorted({train[0].kind, test[0].kind})), train, test)


def _layouts() -> dict[tuple[str, ...], Callable[[Sequence[Path]], Photographs]]:
    """{paths below the data root: their reader}, the best first."""
    found: dict[tuple[str, ...], Callable[[Sequence[Path]], Photographs]] = {}
    for folder in ("cifar10/", ""):
        found[tuple(f"{folder}cifar-10-batches-py/{name}" for name in PICKLED)] = _from_pickled
        found[(f"{folder}cifar-10-python.tar.gz",)] = _from_pickled
        found[(f"{folder}cifar-10-binary.tar.gz",)] = _from_binary
        found[tuple(f"{folder}cifar-10-batches-bin/{name}" for name in BINARY)] = _from_binary
    found[tuple(f"cifar10/{part}-00000-of-00001.parquet" for part in ("train", "test"))] = _from_parquet
    return found


LAYOUTS = _layouts()


def parse(root: Path) -> Photographs:
    """The best of the layouts that `root` has; raises DataCorrupt."""
    for names, read in LAYOUTS.items():
        paths = [root / name for name in names]
        if all(path.is_file() for path in paths):
            return read(paths)
    raise FileNotFoundError(f"{root}: no layout of CIFAR-10")


SOURCE = Source(
    name="cifar10",
    title="CIFAR-10 photographs",
    licence="none stated by its authors",
    citation="A. Krizhevsky: Learning multiple layers of features from tiny images, University of Toronto, 2009",
    files=(ARCHIVE,),
    parse=parse,
    alternatives=tuple(LAYOUTS),
)
