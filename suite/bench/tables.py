"""What measurements share: the clock, and the file that rows are written to."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of this process."""
    start = process_time()
    work()
    return process_time() - start


def write(rows: Sequence[DataclassInstance], path: Path) -> None:
    """The rows as CSV, numbers with four digits."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(rows[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(row).items()} for row in rows)
