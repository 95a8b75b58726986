"""Warm Ray actors under a retry loop of our own; the only module that imports ray.

Ray's own retries are burnt while an actor restarts, and a task sent to an actor that no node can host waits for ever
(docs/adr/0003). So actors never restart: a lost one is replaced, its unit is queued again, and only actors that have
answered are given work.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.metrics import Counter, Gauge, Histogram

from suite.contract import SuiteError
from suite.plan.context import Context
from suite.plan.units import Unit
from suite.results.cpus import allowed_cpus
from suite.run.allocator import keep_freed_memory
from suite.run.executors import Outcome, Work
from suite.run.executors.sharing import shared, unshared
from suite.run.work import execute

# Unix sockets of Ray lie below its temporary folder, and their paths are limited to 107 characters.
LONGEST_TEMP_DIR = 45
POLL_S = 1.0
LONG_WAIT_S = 60.0
MOST_STILLBORN = 20
# Paths of a context that may be relative.
RELATIVE = ("results", "root", "units")


class RayUnfit(SuiteError):
    """Ray cannot be started or joined as asked."""


@dataclass
class Job:
    """A unit on its way: how often it was tried, and when it must be done."""

    unit: Unit
    tries: int = 0
    deadline: float = 0.0


@dataclass
class RayExecutor:
    """Units on the CPUs of a local Ray, or of the cluster at `address` ("auto" or HOST:PORT).

    cpus: at most so many (default: the allocation, see `allowed_cpus`), with a worker of one thread on each; tries: of
    a unit whose worker was lost; unit_hours: after which a worker counts as hung; announce: told where to watch the
    run; work: what is done with a unit.
    """

    cpus: int | None = None
    address: str | None = None
    tries: int = 3
    unit_hours: float = 12.0
    announce: Callable[[str], None] = lambda line: None
    work: Work = execute
    _stillborn: int = 0
    _gpus: int = 0
    _workers: int = 0
    _next_look: float = 0.0
    _queue: deque[Job] = field(default_factory=deque)
    _finished: deque[tuple[Unit, Outcome]] = field(default_factory=deque)
    _idle: list[Any] = field(default_factory=list)
    _starting: dict[Any, Any] = field(default_factory=dict)
    _running: dict[Any, tuple[Job, Any]] = field(default_factory=dict)
    _data: dict[tuple[str, int], Any] = field(default_factory=dict)

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        """Start or join Ray, and ask for the workers. At the end ours go, and Ray if we started it; never `ray stop`,
        which would end other people's."""
        # Workers have a working directory of their own.
        paths = {name: path and path.resolve() for name, path in vars(context).items() if name in RELATIVE}
        self._context = replace(context, **paths)
        owner = not ray.is_initialized()
        if owner:
            dashboard = _init(self.cpus, self.address)
            self.announce(f"Ray dashboard: {dashboard or 'none'} (it asks for the token in ~/.ray/auth_token)")
        try:
            self._gpus = 1 if context.accelerator == "cuda" else 0
            if self._gpus and not ray.cluster_resources().get("GPU"):
                raise RayUnfit("--device cuda: this Ray has no GPU; join a cluster with one, or use --device cpu")
            self._settings = ray.put(self._context)
            self._pending = Gauge("suite_units_pending", "units that are known and not finished")
            self._look()
            yield
        finally:
            for actor in [*self._idle, *self._starting.values(), *(actor for _, actor in self._running.values())]:
                ray.kill(actor)
            self._idle, self._starting, self._running, self._data = [], {}, {}, {}
            if owner:
                ray.shutdown()

    def _hosted(self) -> int:
        """Workers that the cluster can host now, at most what was asked for."""
        resources = ray.cluster_resources()
        here = int(resources.get("CPU", 0))
        if self._gpus:
            here = min(here, int(resources.get("GPU", 0)))
        return max(1, here if self.cpus is None else min(here, self.cpus))

    @property
    def free(self) -> int:
        """Units that may be handed in: as many as there are workers without one."""
        return self._workers - len(self._queue) - len(self._running)

    def submit(self, unit: Unit) -> None:
        """Queue a unit for the next worker."""
        self._queue.append(Job(unit))

    def observe(self, pending: int) -> None:
        """Publish how many units are known and not finished."""
        self._pending.set(pending)

    def next(self) -> tuple[Unit, Outcome]:
        """The next finished unit, after as many tries as lost workers made necessary."""
        waited, told = 0.0, False
        while not self._finished:
            if time.monotonic() >= self._next_look:
                self._look()
            self._assign()
            for ref in _ended([*self._running, *self._starting]):
                self._welcome(ref) if ref in self._starting else self._collect(ref)
            waited = 0.0 if self._idle or self._running else waited + POLL_S
            if waited > LONG_WAIT_S and not told:
                self.announce("still waiting for a free CPU of the cluster to start a worker")
                told = True
        return self._finished.popleft()

    # ------------------------------------------------------------------------------------------------ workers

    def _look(self) -> None:
        """See to what changes seldom, and costs as much as the cluster is large: its resources, and hung workers."""
        self._next_look = time.monotonic() + POLL_S
        self._end_overdue()
        self._workers = self._hosted()
        self._fill()

    def _fill(self) -> None:
        """As many actors as the cluster can host; those that still wait for a lost node's CPUs are let go."""
        alive = len(self._idle) + len(self._starting) + len(self._running)
        for _ in range(self._workers - alive):
            options = {"num_cpus": 1, "num_gpus": self._gpus, "scheduling_strategy": "SPREAD"}
            actor = _Actor.options(**options).remote(self._settings, self.work)
            self._starting[actor.ready.remote()] = actor
        for ref in list(self._starting)[: max(0, alive - self._workers)]:
            ray.kill(self._starting.pop(ref))

    def _welcome(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            ray.get(ref)
        except RayError as error:
            self._stillborn += 1
            self._next_look = 0.0
            if self._stillborn > MOST_STILLBORN:
                raise RayUnfit(f"{self._stillborn} workers in a row died at their start: {error}") from error
            return
        self._stillborn = 0
        self._idle.append(actor)

    def _assign(self) -> None:
        while self._queue and self._idle:
            job = self._queue.popleft()
            try:
                data = self._data_of(job.unit)
            except Exception as error:  # as in a serial run: the unit fails, the others go on
                self._finished.append((job.unit, Outcome(0.0, {}, str(error), type(error).__name__)))
                continue
            actor = self._idle.pop()
            job.tries += 1
            job.deadline = time.monotonic() + 3600 * self.unit_hours
            # In a list, so that a worker that holds the data already need not fetch them.
            self._running[actor.run.remote(job.unit, job.tries, [data])] = (job, actor)

    def _data_of(self, unit: Unit) -> Any:
        """The object-store copy of a unit's data: one per node, whatever the number of workers."""
        key = self._context.data_key(*unit.data)
        if key not in self._data:
            self._data[key] = ray.put(shared(self._context.splits(*key)))
        return self._data[key]

    def _collect(self, ref: Any) -> None:
        job, actor = self._running.pop(ref)
        try:
            self._finished.append((job.unit, ray.get(ref)))
        except RayTaskError as error:  # the worker lives: its own code raised
            self._finished.append((job.unit, Outcome(0.0, {}, str(error.cause), type(error.cause).__name__)))
        except RayError as error:
            self._lost(job, actor, type(error).__name__)
            return
        self._idle.append(actor)

    def _end_overdue(self) -> None:
        for ref, (job, actor) in list(self._running.items()):
            if time.monotonic() > job.deadline:
                del self._running[ref]
                self._lost(job, actor, f"no result after {self.unit_hours:g} hours")

    def _lost(self, job: Job, actor: Any, reason: str) -> None:
        """Queue the unit again. Whatever took this worker may have taken idle ones: they must answer again first."""
        ray.kill(actor)
        self._next_look = 0.0
        self._starting |= {idle.ready.remote(): idle for idle in self._idle}
        self._idle = []
        if job.tries < self.tries:
            self._queue.appendleft(job)
            return
        error = f"its worker was lost {job.tries} times ({reason})"
        self._finished.append((job.unit, Outcome(0.0, {}, error, "WorkerLost")))


def _ended(refs: list[Any]) -> list[Any]:
    """All that have ended by now, else the first that does within POLL_S.

    To ask takes the longer the more workers there are: one by one, the answers of many nodes would cost most of a run.
    """
    if not refs:
        return []
    now: list[Any] = ray.wait(refs, num_returns=len(refs), timeout=0)[0]
    return now or ray.wait(refs, num_returns=1, timeout=POLL_S)[0]


class _Worker:
    """One process of one thread with torch loaded; holds nothing but data it can get again."""

    def __init__(self, context: Context, work: Work) -> None:
        import torch

        torch.set_num_threads(1)
        keep_freed_memory()
        self._context, self._work = context, work
        self._done = Counter("suite_units_total", "finished units", ("workload", "contestant", "status"))
        self._seconds = Histogram("suite_unit_seconds", "wall time", [0.1, 1, 10, 60, 600, 3600], ("workload", "kind"))

    def ready(self) -> None:
        """Answers once the process is up."""

    def run(self, unit: Unit, attempt: int, data: list[Any]) -> Outcome:
        """Carry out a unit on data from the object store."""
        self._context.provide(self._context.data_key(*unit.data), lambda: unshared(ray.get(data[0])))
        outcome = self._work(self._context, unit)
        labels = {"workload": unit.labels["workload"], "contestant": unit.labels["contestant"]}
        self._done.inc(tags={**labels, "status": "failed" if outcome.error else "done"})
        self._seconds.observe(outcome.seconds, {"workload": labels["workload"], "kind": unit.kind})
        return replace(outcome, worker=f"{ray.util.get_node_ip_address()}:{os.getpid()}", attempt=attempt)


# Neither restarted nor retried by Ray: the executor does both.
_Actor: Any = ray.remote(max_restarts=0, max_task_retries=0)(_Worker)


def _init(cpus: int | None, address: str | None) -> str:
    """Start a private Ray, or join one; returns the dashboard's address ("" where there is none).

    Ray (2.59 and later) has token authentication on for what it starts, with the token in ~/.ray/auth_token; whoever
    joins a cluster sets RAY_AUTH_MODE=token and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH.
    """
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address is not None:
            context = ray.init(address=address, **quiet)
        else:
            allowed = allowed_cpus()
            count = allowed if cpus is None else min(cpus, allowed)
            context = ray.init(address="local", num_cpus=count, _temp_dir=_temp_dir(), **quiet)
    except (OSError, RuntimeError, ValueError, RayError) as error:
        done = f"joined at {address}" if address else "started"
        raise RayUnfit(f"Ray could not be {done}: {error}; {_fix(error)}, or use --executor serial") from error
    return f"http://{context.dashboard_url}" if context.dashboard_url else ""


def _fix(error: Exception) -> str:
    # A refused connection is an OSError as well, but of no file.
    if not (isinstance(error, OSError) and error.filename):
        return "check --address and RAY_AUTH_TOKEN"
    return "Ray writes below HOME and TMPDIR: set them to folders that can be written, or RAY_AUTH_TOKEN to a token"


def _temp_dir() -> str:
    """A short folder of our own: Ray's default one belongs to whoever came first."""
    folder = Path(tempfile.gettempdir()) / f"suite-ray-{os.getuid()}"
    if len(str(folder)) > LONGEST_TEMP_DIR:
        raise RayUnfit(f"{folder}: too long for Ray's sockets; set TMPDIR to a folder of a shorter path")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)
