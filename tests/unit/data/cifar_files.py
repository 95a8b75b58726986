"""Small CIFAR-10 sets in every layout, for tests."""

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet

Bytes = NDArray[np.uint8]
BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
PARQUET = {part: f"cifar10/{part}-00000-of-00001.parquet" for part in ("train", "test")}


def photographs(batch: int, count: int = 160) -> tuple[Bytes, Bytes]:
    """Random pixels (count, 3, 32, 32) and labels 0, 1, ..., 9, 0, ... of one batch."""
    pixels = np.random.default_rng(batch).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    return pixels, (np.arange(count) % 10).astype(np.uint8)


def pickled(pixels: Bytes, labels: Bytes) -> bytes:
    """A batch as Python 2 and the numpy of its day wrote it."""
    batch = {b"data": pixels.reshape(len(pixels), -1), b"labels": labels.tolist(), b"batch_label": b"a batch"}
    return pickle.dumps(batch, protocol=3).replace(b"numpy._core.", b"numpy.core.")


def records(pixels: Bytes, labels: Bytes) -> bytes:
    """A batch of binary records."""
    return np.concatenate([labels[:, None], pixels.reshape(len(pixels), -1)], axis=1).tobytes()


def write_batches(folder: Path, kind: str) -> list[Path]:
    """The six batches below `folder`, kind "py" or "bin"."""
    encode, ending = (pickled, "") if kind == "py" else (records, ".bin")
    paths = [folder / f"cifar-10-batches-{kind}" / f"{name}{ending}" for name in BATCHES]
    for batch, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(*photographs(batch)))
    return paths


def pack(paths: list[Path], archive: Path) -> Path:
    """A tar.gz of these files in their folder."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as packed:
        for path in paths:
            packed.add(path, f"{path.parent.name}/{path.name}")
    return archive


def encoded(image: Bytes, kind: str, **settings: int) -> bytes:
    """One image (3, height, width) as PNG or JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(image.transpose(1, 2, 0)).save(buffer, kind, **settings)
    return buffer.getvalue()


def write_parquet(root: Path, part: str, images: list[bytes | None], labels: list[int | None]) -> Path:
    """One set as mirrors keep it."""
    path = root / PARQUET[part]
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"bytes": image, "path": None} for image in images]
    columns = {
        "img": pa.array(rows, pa.struct({"bytes": pa.binary(), "path": pa.string()})),
        "label": pa.array(labels, pa.int64()),
    }
    parquet.write_table(pa.table(columns), path)
    return path


def write_mirror(root: Path, kind: str = "PNG", **settings: int) -> None:
    """Both sets as parquet: batch 0 for training, batch 5 for testing."""
    for part, batch in (("train", 0), ("test", 5)):
        pixels, labels = photographs(batch)
        write_parquet(root, part, [encoded(image, kind, **settings) for image in pixels], labels.tolist())
