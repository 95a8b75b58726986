"""What sources of protein sequences share: strict reading of sheets, letters as numbers, data sets of chains."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt

Rows = NDArray[np.int64]

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
# 0 fills a chain up to its full length; X is a residue that is not known.
CODES = {letter: code for code, letter in enumerate(AMINO_ACIDS + "X", 1)}


def corrupt(path: Path, what: str) -> DataCorrupt:
    """The error for a file that is not what was published."""
    return DataCorrupt(f"{path}: {what}; replace this file by the published one")


def read_sheet(path: Path, content: bytes, sheet: str, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """The rows of a sheet below its header, reduced to `columns`; row n of the list is row n + 2 of the sheet.

    content: what the file at `path` holds.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise corrupt(path, f"not a sound xlsx file ({error})") from None
    if sheet not in book.sheetnames:
        raise corrupt(path, f"no sheet {sheet!r}, only {', '.join(map(repr, book.sheetnames))}")
    rows = book[sheet].iter_rows(values_only=True)
    header = list(next(rows, ()))
    if absent := [column for column in columns if column not in header]:
        raise corrupt(path, f"sheet {sheet!r} has no column {absent[0]!r}, only {header}")
    places = [header.index(column) for column in columns]
    found = [tuple(row[place] for place in places) for row in rows]
    if not found:
        raise corrupt(path, f"sheet {sheet!r} has no rows")
    return found


def indexed(path: Path, column: str, values: Sequence[object], longest: int) -> tuple[list[str], Rows]:
    """The distinct sequences of a column in order of appearance, and which of them each row holds.

    Raises DataCorrupt naming row and column of a sequence that is empty, longer than `longest` or has other letters.
    """
    places: dict[str, int] = {}
    index = np.empty(len(values), np.int64)
    for row, value in enumerate(values):
        if value not in places:
            places[_checked(path, f"row {row + 2}, column {column}", value, longest)] = len(places)
        index[row] = places[str(value)]
    return list(places), index


def _checked(path: Path, place: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or not value:
        raise corrupt(path, f"{place}: an empty sequence ({value!r})")
    if unknown := sorted(set(value) - set(CODES)):
        raise corrupt(path, f"{place}: unknown letter {unknown[0]!r}; an amino acid is one of {''.join(CODES)}")
    if len(value) > longest:
        raise corrupt(path, f"{place}: {len(value)} letters where at most {longest} fit")
    return value


def binary(path: Path, column: str, values: Sequence[object]) -> Rows:
    """Labels 0 and 1; raises DataCorrupt naming the row of any other."""
    for row, value in enumerate(values):
        if value not in (0, 1):
            raise corrupt(path, f"row {row + 2}, column {column}: label {value!r} where 0 or 1 was expected")
    return np.array(values, dtype=np.int64)


def named(path: Path, column: str, values: Sequence[object], names: Sequence[str]) -> Rows:
    """Which of `names` each row holds; raises DataCorrupt naming the row of any other value."""
    for row, value in enumerate(values):
        if value not in names:
            raise corrupt(path, f"row {row + 2}, column {column}: {value!r} where one of {list(names)} was expected")
    return np.array([names.index(str(value)) for value in values], dtype=np.int64)


def encoded(sequences: Iterable[str], length: int) -> NDArray[np.uint8]:
    """(sequences, length) letters as numbers: 1 to 20 amino acids in alphabetical order, 21 X, 0 beyond the end."""
    codes = np.zeros(256, np.uint8)
    codes[[ord(letter) for letter in CODES]] = list(CODES.values())
    rows = [codes[np.frombuffer(sequence.encode("ascii"), np.uint8)] for sequence in sequences]
    return np.stack([np.pad(row, (0, length - len(row))) for row in rows])


def chain_dataset(chains: Sequence[tuple[NDArray[np.uint8], Rows]], labels: Rows) -> object:
    """Inputs (rows, total length) uint8, the chains of a row side by side, and int64 labels.

    chains: letters of distinct sequences, and which of them each row holds.
    """
    import torch
    from torch.utils.data import TensorDataset

    letters = np.concatenate([distinct[index] for distinct, index in chains], axis=1)
    return TensorDataset(torch.from_numpy(letters), torch.from_numpy(labels))


def content_hash(*parts: Sequence[str] | Rows) -> str:
    """What a table says, whatever file it came in."""
    together = hashlib.sha256()
    for part in parts:
        together.update(part.tobytes() if isinstance(part, np.ndarray) else "\n".join(part).encode())
    return together.hexdigest()[:8]
