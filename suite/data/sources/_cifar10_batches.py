"""The two official layouts of CIFAR-10, packed or unpacked: pickled batches, and binary records."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt

Bytes = NDArray[np.uint8]
# Pixels (n, 3, 32, 32) and labels (n,)
Images = tuple[Bytes, Bytes]
CELLS = 3 * 32 * 32

# md5 of the published pickled batches; the last one is the test set
PICKLED = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
BINARY = tuple(f"{name}.bin" for name in PICKLED)
BINARY_ARCHIVE_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"

# All that a pickled batch may build; numpy 1 and numpy 2 name the first one differently.
HARMLESS = {("numpy._core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}


def corrupt(path: Path, what: str) -> DataCorrupt:
    """The error for a file that is not what it should be."""
    return DataCorrupt(f"{path}: {what}; delete it and run `suite data get cifar10`")


def pickled(paths: Sequence[Path]) -> tuple[Images, Images, bool]:
    """Training set, test set and whether the bytes are the published ones, from six batches or their archive."""
    contents = _contents(paths, tuple(PICKLED))
    known = all(
        hashlib.md5(content, usedforsecurity=False).hexdigest() == md5
        for (_, content), md5 in zip(contents.values(), PICKLED.values(), strict=True)
    )
    return *_sets(contents, _unpickled), known


def binary(paths: Sequence[Path]) -> tuple[Images, Images, bool]:
    """As `pickled`, from binary records. Only the archive has a published checksum, so files alone are never known."""
    known = len(paths) == 1 and _sha256(paths[0]) == BINARY_ARCHIVE_SHA256
    return *_sets(_contents(paths, BINARY), _records), known


def check_labels(path: Path, labels: NDArray[Any]) -> Bytes:
    """Labels as bytes; raises DataCorrupt for one outside 0 to 9, naming its row."""
    (wrong,) = np.nonzero((labels < 0) | (labels > 9))
    if len(wrong):
        raise corrupt(path, f"row {wrong[0]}: label {labels[wrong[0]]} where 0 to 9 were expected")
    return labels.astype(np.uint8)


def _contents(paths: Sequence[Path], names: tuple[str, ...]) -> dict[str, tuple[Path, bytes]]:
    """{batch: (path to name in errors, bytes)}, from the batches themselves or from one archive."""
    if len(paths) == len(names):
        return {name: (path, path.read_bytes()) for name, path in zip(names, paths, strict=True)}
    (archive,) = paths
    try:
        with tarfile.open(archive, "r:gz") as packed:
            found = {Path(member.name).name: packed.extractfile(member) for member in packed}
            return {name: (archive / name, file.read()) for name in names if (file := found[name])}
    except KeyError as error:
        raise corrupt(archive, f"the archive has no {error.args[0]}") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise corrupt(archive, f"not a sound tar.gz archive ({error})") from None


def _sets(contents: Mapping[str, tuple[Path, bytes]], decode: Callable[[Path, bytes], Images]) -> tuple[Images, Images]:
    *train, test = (decode(path, content) for path, content in contents.values())
    return (np.concatenate([pixels for pixels, _ in train]), np.concatenate([labels for _, labels in train])), test


def _records(path: Path, content: bytes) -> Images:
    """Records of one label byte and 3,072 pixel bytes: red, green, blue plane."""
    if not content or len(content) % (1 + CELLS):
        raise corrupt(path, f"{len(content)} bytes, which is no whole number of records of {1 + CELLS}")
    records = np.frombuffer(content, np.uint8).reshape(-1, 1 + CELLS)
    return records[:, 1:].reshape(-1, 3, 32, 32), check_labels(path, records[:, 0])


def _unpickled(path: Path, content: bytes) -> Images:
    """A dictionary with `data` (n, 3072) and `labels`, pickled by Python 2."""
    try:
        batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
        pixels, labels = batch[b"data"], np.asarray(batch[b"labels"], np.int64)
    except KeyError as error:
        raise corrupt(path, f"the batch has no entry {error.args[0]!r}") from None
    except Exception as error:  # bytes that are no pickle make it fail in any way
        raise corrupt(path, f"not a sound pickled batch ({error})") from None
    shaped = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.shape == (len(labels), CELLS)
    if not shaped or not len(labels):
        raise corrupt(path, f"`data` is not (n, {CELLS}) bytes for the {len(labels)} labels")
    return pixels.reshape(-1, 3, 32, 32), check_labels(path, labels)


class _Unpickler(pickle.Unpickler):
    """A pickle can run any code; this one may build byte arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        module = module.replace("numpy.core.", "numpy._core.")
        if (module, name) not in HARMLESS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch of images needs")
        return super().find_class(module, name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
