"""What a driver of a large cluster costs: a thousand workers that take no time, a million units."""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from suite.plan.units import SweepUnit, Unit
from suite.results.cube import digest, hash_number
from suite.run.executors import Outcome
from suite.run.keeping import Scores
from tests.bench.idle import complete, idle, trained
from tests.bench.machine import fresh, seconds
from tests.bench.rows import Measured, measured
from tests.together import Together

BENCH, WORKERS, MILLION, WORKLOADS = "scale", 1_000, 1_000_000, 12
# Units whose scores are written: of a million, three million files would be left.
WRITTEN = 10_000
SEES, HANDS_BACK = f"{WORKERS:,} simulated workers that see the cube", f"{WORKERS:,} simulated workers that hand back"
UNITS, PACE, DRIVER, MEMORY = "units", "pace, wall", "driver's CPU for a unit", "peak memory"
LOG, HANDED, DIGEST = "event log of a unit", "what a unit hands back", "digest of a unit, CPU"


def run(quick: bool = False) -> Iterator[Measured]:
    """Each kind of workers in a process of its own; some ten minutes. quick: a tenth of the units."""
    part = 10 if quick else 1
    yield from rows(SEES, MILLION // part, ">= 500", "<= 2")
    yield from rows(HANDS_BACK, WRITTEN // part, ">= 500", "")


def rows(workers: str, units: int, pace: str, memory: str) -> Iterator[Measured]:
    """The bars are for a million units."""
    used = fresh(f"from tests.bench.scale import drive; drive({workers!r}, {units})")
    bars = {PACE: pace, MEMORY: memory}
    found = {**json.loads(used.output), MEMORY: (used.peak_gb, "GB")}
    for what, (value, unit) in found.items():
        yield measured(BENCH, f"{workers}: {what}", value, unit, bars.get(what, ""))


def drive(workers: str, units: int) -> None:
    """What the fresh process does; it prints {what: (value, unit)} as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        context = trained(Path(folder), units, WORKLOADS)
        executor = Simulated(WORKERS, handing_back=workers == HANDS_BACK)
        pace = complete(context, executor, units // 10)
        count = sum(1 for part in pace.plan.workloads.values() for _ in part.sweeps(context.study))
        found = {
            UNITS: (count, ""),
            PACE: (1 / pace.wall_s, "units/s"),
            DRIVER: (1e3 * pace.cpu_s, "ms"),
            LOG: ((context.folder / "events.jsonl").stat().st_size / count, "bytes"),
        }
        if executor.handed:
            found[HANDED] = (executor.handed / count, "bytes")
            found[DIGEST] = (1e3 * seconds(lambda: digest(context.cube)) / count, "ms")
    print(json.dumps(found))


class Simulated(Together):
    """So many workers, each with a unit; all are done when one is asked for. handing_back: what units make comes with
    their outcomes and is written here, as of workers that do not see the results folder; handed: bytes of that."""

    def __init__(self, workers: int, handing_back: bool) -> None:
        super().__init__(workers)
        self._handing_back = handing_back
        self.handed = 0

    def outcome(self, unit: Unit) -> Outcome:
        """Of one that nobody computes."""
        outcome = replace(idle(self._context, unit), worker="192.0.2.1:12345")
        if not self._handing_back:
            return outcome
        sent = pickle.dumps(replace(outcome, products=(_scores(unit),)))
        self.handed += len(sent)
        found: Outcome = pickle.loads(sent)
        return found


def _scores(unit: Unit) -> Scores:
    assert isinstance(unit, SweepUnit)
    random = np.random.default_rng(0).random(unit.block.shape)
    return Scores(unit.contestant.workload, unit.blocks, {"accuracy": random}, 0 * random, hash_number(unit.hash))
