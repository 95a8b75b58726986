"""Small digit sets in the official layout, for tests."""

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


def idx(array: NDArray[np.uint8], magic: int | None = None) -> bytes:
    """The idx bytes of an array."""
    header = [0x0800 + array.ndim if magic is None else magic, *array.shape]
    return b"".join(number.to_bytes(4, "big") for number in header) + array.tobytes()


def path_of(root: Path, name: str) -> Path:
    """Where the official layout has this file."""
    return root / "mnist" / f"{name}-ubyte.gz"


def write_digits(root: Path, train: int = 800, test: int = 200) -> dict[str, NDArray[np.uint8]]:
    """Writes random images with labels 0, 1, ..., 9, 0, ... below `root`; returns the four arrays by name."""
    generator = np.random.default_rng(0)
    arrays = {}
    for images, labels, count in ((NAMES[0], NAMES[1], train), (NAMES[2], NAMES[3], test)):
        arrays[images] = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[labels] = (np.arange(count) % 10).astype(np.uint8)
    for name, array in arrays.items():
        replace(root, name, idx(array))
    return arrays


def replace(root: Path, name: str, content: bytes) -> Path:
    """Writes one file, compressed."""
    path = path_of(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0))
    return path
