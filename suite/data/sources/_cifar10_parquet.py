"""CIFAR-10 as its mirrors keep it: one parquet file per set, with an encoded image and a label in every row."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.data.sources._cifar10_batches import Bytes, check_labels, corrupt

MAGIC = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


@dataclass(frozen=True)
class EncodedImages:
    """The images of one file, decoded when asked for: most scales need a small part of them."""

    path: Path
    rows: list[Any]

    def __getitem__(self, index: NDArray[np.int64]) -> Bytes:
        """Pixels (len(index), 3, 32, 32); raises DataCorrupt for an image that cannot be decoded, naming its row."""
        return np.stack([_decoded(self.path, int(row), self.rows[row]) for row in index]).transpose(0, 3, 1, 2)

    def tobytes(self) -> bytes:
        """All images as they are stored."""
        return b"".join(self.rows)

    @property
    def kind(self) -> str:
        """How the images were compressed: "png" (lossless) or "jpeg75" for quality 75; raises DataCorrupt."""
        kinds = {_kind(self.path, row, content) for row, content in enumerate(self.rows)}
        if kinds == {"jpeg"}:
            return f"jpeg{_jpeg_quality(self.rows[0])}"
        return "+".join(sorted(kinds))


def read_parquet(path: Path) -> tuple[EncodedImages, Bytes]:
    """Encoded images and labels of one set; raises DataCorrupt naming file, column or row."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # Opened here, not by pyarrow: what is read is part of what results are known by (suite.plan.identity.content).
        with path.open("rb") as opened:
            file = parquet.ParquetFile(opened)
            absent = {"img", "label"} - set(file.schema_arrow.names)
            table = file.read() if not absent else None
    except (pa.ArrowException, OSError) as error:
        raise corrupt(path, f"not a sound parquet file ({error})") from None
    if table is None:
        raise corrupt(path, f"no column {' and '.join(sorted(absent))}: found {', '.join(file.schema_arrow.names)}")
    if not len(table):
        raise corrupt(path, "no images")
    images, labels = table["img"].to_pylist(), table["label"].to_pylist()
    rows = [image.get("bytes") if isinstance(image, dict) else None for image in images]
    return EncodedImages(path, rows), check_labels(path, _whole_numbers(path, labels))


def _whole_numbers(path: Path, labels: Iterable[Any]) -> NDArray[np.int64]:
    for row, label in enumerate(labels):
        if not isinstance(label, int):
            raise corrupt(path, f"row {row}: label {label!r} where a whole number was expected")
    return np.array(labels, np.int64)


def _kind(path: Path, row: int, content: bytes | None) -> str:
    for magic, kind in MAGIC.items():
        if content is not None and content.startswith(magic):
            return kind
    raise corrupt(path, f"row {row}: neither a PNG nor a JPEG image")


def _decoded(path: Path, row: int, content: bytes) -> Bytes:
    """Pixels (32, 32, 3) of one image."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise corrupt(path, f"row {row}: the image cannot be decoded ({error})") from None
    if pixels.shape != (32, 32, 3):
        raise corrupt(path, f"row {row}: an image of {pixels.shape[:2]} pixels where (32, 32) was expected")
    return pixels


def _jpeg_quality(content: bytes) -> str:
    """The quality, 1 to 100, whose tables a JPEG image was quantised with; "" for tables of no quality."""
    from PIL import Image

    def tables(encoded: bytes) -> Any:
        return getattr(Image.open(io.BytesIO(encoded)), "quantization", None)

    for quality in range(1, 101):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
        if tables(buffer.getvalue()) == tables(content):
            return str(quality)
    return ""
