"""Label files (15 columns) and detection files (16, the score last) of one frame: text to arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, DataMissing

Floats = NDArray[np.float64]

COLUMNS = (
    *("type", "truncation", "occlusion", "alpha", "x1", "y1", "x2", "y2"),
    *("h", "w", "l", "x", "y", "z", "rotation_y", "score"),
)
DONT_CARE = "dontcare"


@dataclass(frozen=True)
class Objects:
    """The objects of one frame, or those that a detector found in it, one per row.

    kinds: (n,) class names in lower case, as the official evaluation compares them; truncation: (n,) share outside the
    picture, 0 to 1; occlusion: (n,) 0 visible to 3 unknown; alpha: (n,) heading as seen from the camera; picture:
    (n, 4) box x1 y1 x2 y2; size: (n, 3) h w l; location: (n, 3) rectified camera coordinates of the centre of the
    box's **bottom**; rotation_y: (n,) heading, around the camera's y axis; score: (n,), NaN for labels.
    """

    kinds: NDArray[np.str_]
    truncation: Floats
    occlusion: Floats
    alpha: Floats
    picture: Floats
    size: Floats
    location: Floats
    rotation_y: Floats
    score: Floats

    @classmethod
    def of(cls, kinds: Iterable[str], numbers: Floats) -> Objects:
        """Class names and the numbers behind them, (n, 15) in the order of the files; the score may be absent."""
        names = np.array([kind.lower() for kind in kinds], dtype=np.str_)
        rows = np.asarray(numbers, np.float64).reshape(len(names), -1 if len(names) else 15)
        score = rows[:, 14] if rows.shape[1] > 14 else np.full(len(names), np.nan)
        first = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3:7], rows[:, 7:10], rows[:, 10:13], rows[:, 13]
        return cls(names, *first, score)

    def __len__(self) -> int:
        return len(self.kinds)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Objects:
        """Some of the rows."""
        return Objects(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def real(self) -> Objects:
        """Without DontCare regions, which have a picture box and nothing else: never a box in space."""
        return self.where(self.kinds != DONT_CARE)


def read_labels(path: Path) -> Objects:
    """The objects of a label file; raises DataMissing, and DataCorrupt naming the line, the field and the fix."""
    return _read(path, 15)


def read_detections(path: Path) -> Objects:
    """The detections of a frame; an empty file says that nothing was found. Raises as `read_labels`."""
    return _read(path, 16)


def parsed(text: str, columns: int, path: Path) -> Objects:
    """The objects in the text of a file with 15 or 16 columns; `path` is for its errors."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    try:
        numbers = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), columns - 1)
    except ValueError:
        raise _mistake(path, text, columns) from None
    if not np.isfinite(numbers).all():
        raise _mistake(path, text, columns)
    return Objects.of([row[0] for row in rows], numbers)


def _read(path: Path, columns: int) -> Objects:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise DataMissing(f"{path}: no such file; every frame has one, empty if there is no object in it") from None
    except UnicodeDecodeError as error:
        raise DataCorrupt(f"{path}: no text file ({error.reason} at byte {error.start}); put the right one") from None
    return parsed(text, columns, path)


def _mistake(path: Path, text: str, columns: int) -> DataCorrupt:
    """The first line that is wrong, found again slowly."""
    kind = "label" if columns == 15 else "detection"
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words and len(words) != columns:
            other = {15: "; these are labels", 16: "; these are detections"}.get(len(words), "; complete the line")
            return DataCorrupt(
                f"{path}: line {number}: {len(words)} fields where a {kind} has {columns} "
                f"({' '.join(COLUMNS[:columns])}){other}"
            )
        for column, word in zip(COLUMNS[1:], words[1:], strict=False):
            if not _finite(word):
                return DataCorrupt(f"{path}: line {number}: {column} is {word!r}, no finite number; correct it")
    raise AssertionError(f"{path} has no mistake")


def _finite(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
