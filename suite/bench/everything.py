"""All benches, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from suite.bench import growth, orchestration, sweep, train, tune, tune_table, wires, workload
from suite.bench.rows import Measured


def run(root: Path | None, quick: bool, show: Callable[[str], None]) -> Iterator[Measured]:
    """Every figure; half an hour of one core, quick: about three minutes. show: told the name of each bench before."""
    benches: dict[str, Callable[[], Iterable[Measured]]] = {
        "sweep": lambda: sweep.run(quick),
        "workloads": lambda: workload.run(root, quick),
        "train": lambda: train.run(quick),
        "tune": lambda: tune_table.rows(tune.run(quick)),
        "wires": lambda: wires.run(quick),
        "orchestration": lambda: orchestration.run(quick),
        "growth": lambda: growth.rows(growth.points(quick)),
    }
    for name, measure in benches.items():
        show(name)
        yield from measure()
