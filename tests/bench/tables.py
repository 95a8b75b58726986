"""What measurements share: the clocks, the number of threads, and the file that rows are written to."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from suite.contract import SuiteError
from tests.bench.rows import Measured

COLUMNS = [field.name for field in fields(Measured)]


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of this process."""
    start = process_time()
    work()
    return process_time() - start


def wall_seconds(work: Callable[[], Any]) -> float:
    """Seconds by the clock: worth something on a machine at rest alone."""
    start = perf_counter()
    work()
    return perf_counter() - start


@contextmanager
def threads(count: int) -> Iterator[None]:
    """torch on so many threads of this process; as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def write(rows: Sequence[Measured], path: Path) -> None:
    """The rows as CSV, numbers with four digits. What the file has already stays, but for what is measured anew: the
    same figure on the same processor."""
    found = {_key(row): row for row in read(path)} if path.exists() else {}
    for row in rows:
        cells = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in asdict(row).items()}
        found[_key(cells)] = cells
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.values())


def read(path: Path) -> list[dict[str, str]]:
    """The rows of such a file. Raises SuiteError for any other file."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise SuiteError(f"{path}: not a table of benches (columns {', '.join(COLUMNS)}); name another file")
        return list(reader)


def _key(cells: dict[str, str]) -> tuple[str, ...]:
    return cells["bench"], cells["name"], cells["processor"]
