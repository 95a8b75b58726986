"""All benches, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.bench import growth, orchestration, sweep, train, tune, tune_table, wires, workload
from tests.bench.rows import Measured


def run(root: Path | None, quick: bool, show: Callable[[str], None]) -> Iterator[list[Measured]]:
    """The rows of every bench; a quarter of an hour of one core, quick: some five minutes. show: told what is measured
    next, and what is left out."""
    benches: dict[str, Callable[[], Iterable[Measured]]] = {
        "sweep": lambda: sweep.run(quick),
        "workloads": lambda: workload.run(root, quick, show),
        "train": lambda: train.run(quick),
        "tune": lambda: tune_table.rows(tune.run(quick)),
        "wires": lambda: wires.run(quick),
        "orchestration": lambda: orchestration.run(quick),
        "growth": lambda: growth.rows(growth.points(quick)),
    }
    for name, measure in benches.items():
        show(f"measuring {name} ...")
        yield list(measure())
