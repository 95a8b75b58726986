"""What runs on a worker: one process of one thread, with torch loaded.

A worker that sees the run's folders writes what it makes there. One that does not, on a node without the shared disk,
gets the states that a unit reads with the unit, and hands back all that it makes.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ray
from ray.util.metrics import Counter, Histogram

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.run.allocator import keep_freed_memory
from suite.run.executors import Outcome, Work
from suite.run.executors.ray.marks import Marks
from suite.run.executors.sharing import unshared
from suite.run.keeping import Keeper


class Worker:
    """One process of one thread with torch loaded; holds nothing but data it can get again."""

    def __init__(self, context: Context, work: Work, marks: Marks) -> None:
        import torch

        torch.set_num_threads(1)
        keep_freed_memory()
        self._context, self._work, self._sees = context, work, marks.seen()
        self._keeper = Keeper(context)
        self._done = Counter("suite_units_total", "finished units", ("workload", "contestant", "status"))
        self._seconds = Histogram("suite_unit_seconds", "wall time", [0.1, 1, 10, 60, 600, 3600], ("workload", "kind"))

    def __repr__(self) -> str:
        return f"suite worker on {socket.gethostname()}"

    def ready(self) -> bool:
        """Answers once the process is up: whether it sees the run's folders."""
        return self._sees

    def run(self, unit: Unit, attempt: int, data: list[Any], states: Mapping[str, Any]) -> Outcome:
        """Carry out a unit on data and, where this worker sees no store, states from the object store."""
        self._context.provide(self._context.data_key(*unit.data), lambda: unshared(ray.get(data[0])))
        context = replace(self._context, states={key: ray.get(state) for key, state in states.items()})
        outcome = self._work(context, unit)
        if self._sees:
            outcome = self._keeper.one(unit, outcome)
        labels = {"workload": unit.labels["workload"], "contestant": unit.labels["contestant"]}
        self._done.inc(tags={**labels, "status": "failed" if outcome.error else "done"})
        self._seconds.observe(outcome.seconds, {"workload": labels["workload"], "kind": unit.kind})
        return replace(outcome, worker=f"{ray.util.get_node_ip_address()}:{os.getpid()}", attempt=attempt)


# Neither restarted nor retried by Ray: the executor does both.
WorkerActor: Any = ray.remote(max_restarts=0, max_task_retries=0)(Worker)
