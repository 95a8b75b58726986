"""How much of a second worker arrives: real sweeps on Ray with one worker and with two, on a machine at rest."""

from __future__ import annotations

import tempfile
from pathlib import Path

from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from tests.bench.idle import idle_study
from tests.bench.overhead import BENCH, drive
from tests.bench.rest import at_rest
from tests.bench.rows import Measured, measured


def efficiency_rows(units: int = 240) -> list[Measured]:
    """time with one worker / (2 x time with two); none where fewer than two cores are ours, or others use them."""
    if not at_rest(2):
        return []
    with tempfile.TemporaryDirectory() as folder:
        alone, both = _wall_s(Path(folder), units, 1), _wall_s(Path(folder), units, 2)
    return [measured(BENCH, "efficiency of 2 workers on Ray, real sweeps", alone / (2 * both), "", ">= 0.9")]


def _wall_s(folder: Path, units: int, workers: int) -> float:
    """Seconds per sweep, of trained states, after the first tenth of them."""
    from suite.run.executors.ray import RayExecutor

    context = idle_study(folder / str(workers), units)
    run(context, SerialExecutor(), show=lambda progress: None, train_only=True)
    return drive(context, RayExecutor(workers), units // 10).wall_s
