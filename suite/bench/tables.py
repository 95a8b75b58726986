"""What measurements share: the clocks, the number of threads, and the file that rows are written to."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from suite.bench.rows import Measured


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
    """The rows as CSV, numbers with four digits, in place of those that the file has of the same benches on the same
    processor; what it has of others stays before them."""
    named = [field.name for field in fields(Measured)]
    written = [{k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(row).items()} for row in rows]
    anew = {(row.bench, row.processor) for row in rows}
    kept = []
    if path.exists():
        with path.open(newline="") as file:
            kept = [row for row in csv.DictReader(file) if (row["bench"], row["processor"]) not in anew]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, named, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *written])
