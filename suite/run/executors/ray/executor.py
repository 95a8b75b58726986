"""Warm Ray actors under a retry loop of our own.

Ray's own retries are burnt while an actor restarts, and a task sent to an actor that no node can host waits for ever
(docs/adr/0003). So actors never restart: a lost one is replaced, its unit is queued again, and only actors that have
answered are given work.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.metrics import Gauge

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.run.executors import Outcome, Work
from suite.run.executors.ray.handed import Handed
from suite.run.executors.ray.marks import marked
from suite.run.executors.ray.session import RayUnfit, session
from suite.run.executors.ray.worker import WorkerActor
from suite.run.keeping import Keeper
from suite.run.work import make

POLL_S = 1.0
LONG_WAIT_S = 60.0
MOST_STILLBORN = 20
# Paths of a context that may be relative.
RELATIVE = ("results", "root", "units")


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
    work: Work = make
    _stillborn: int = 0
    _gpus: int = 0
    _workers: int = 0
    _known: int = 0
    _next_look: float = 0.0
    _queue: deque[Job] = field(default_factory=deque)
    _finished: deque[tuple[Unit, Outcome]] = field(default_factory=deque)
    _idle: list[Any] = field(default_factory=list)
    _starting: dict[Any, Any] = field(default_factory=dict)
    _running: dict[Any, tuple[Job, Any]] = field(default_factory=dict)
    # Workers that do not see the run's folders.
    _apart: set[Any] = field(default_factory=set)

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        """Start or join Ray, and ask for the workers. At the end ours go, and Ray if we started it; never `ray stop`,
        which would end other people's."""
        # Workers have a working directory of their own.
        paths = {name: path and path.resolve() for name, path in vars(context).items() if name in RELATIVE}
        self._context = replace(context, **paths)
        with ExitStack() as held:
            held.enter_context(session(self._context, self.cpus, self.address, self.announce))
            self._marks = held.enter_context(marked(self._context))
            self._handed, self._keeper = Handed(self._context), Keeper(self._context)
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
                self._idle, self._starting, self._running, self._apart = [], {}, {}, set()
                del self._handed

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
        self._known = pending

    def next(self) -> tuple[Unit, Outcome]:
        """The next finished unit, after as many tries as lost workers made necessary."""
        waited, told = 0.0, False
        while not self._finished:
            if time.monotonic() >= self._next_look:
                self._look()
            self._assign()
            # What workers without the run's folders have made is written here, all at once.
            self._finished += self._keeper.kept(self._ended())
            waited = 0.0 if self._idle or self._running else waited + POLL_S
            if waited > LONG_WAIT_S and not told:
                self.announce("still waiting for a free CPU of the cluster to start a worker")
                told = True
        return self._finished.popleft()

    # ------------------------------------------------------------------------------------------------ workers

    def _look(self) -> None:
        """See to what changes seldom, and costs as much as the cluster is large: its resources, and hung workers."""
        self._next_look = time.monotonic() + POLL_S
        # Ray forgets what it was told once it has told it.
        self._pending.set(self._known)
        self._end_overdue()
        self._workers = self._hosted()
        self._fill()

    def _fill(self) -> None:
        """As many actors as the cluster can host; those that still wait for a lost node's CPUs are let go."""
        alive = len(self._idle) + len(self._starting) + len(self._running)
        for _ in range(self._workers - alive):
            options = {"num_cpus": 1, "num_gpus": self._gpus, "scheduling_strategy": "SPREAD"}
            actor = WorkerActor.options(**options).remote(self._settings, self.work, self._marks)
            self._starting[actor.ready.remote()] = actor
        for ref in list(self._starting)[: max(0, alive - self._workers)]:
            ray.kill(self._starting.pop(ref))

    def _welcome(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            if not ray.get(ref):
                self._apart.add(actor)
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
            job, actor = self._queue.popleft(), self._idle[-1]
            try:
                data = self._handed.data(job.unit)
                states = self._handed.states(job.unit) if actor in self._apart else {}
            except Exception as error:  # as in a serial run: the unit fails, the others go on
                self._finished.append((job.unit, Outcome.failed(error, 0.0)))
                continue
            self._idle.pop()
            job.tries += 1
            job.deadline = time.monotonic() + 3600 * self.unit_hours
            # In a list, so that a worker that holds the data already need not fetch them.
            call = actor.run.options(name=_called(job.unit)).remote(job.unit, job.tries, [data], states)
            self._running[call] = (job, actor)

    def _ended(self) -> Iterator[tuple[Unit, Outcome]]:
        """What has come to its end by now; workers that have started are welcomed beside it."""
        for ref in _answered([*self._running, *self._starting]):
            if ref in self._starting:
                self._welcome(ref)
            elif outcome := self._outcome(ref):
                yield outcome

    def _outcome(self, ref: Any) -> tuple[Unit, Outcome] | None:
        """None where the worker was lost, and its unit queued again."""
        job, actor = self._running.pop(ref)
        try:
            outcome = ray.get(ref)
        except RayTaskError as error:  # the worker lives: its own code raised
            outcome = Outcome.failed(error.cause, 0.0)
        except RayError as error:
            self._lost(job, actor, type(error).__name__)
            return None
        self._idle.append(actor)
        return job.unit, outcome

    def _end_overdue(self) -> None:
        for ref, (job, actor) in list(self._running.items()):
            if time.monotonic() > job.deadline:
                del self._running[ref]
                self._lost(job, actor, f"no result after {self.unit_hours:g} hours")

    def _lost(self, job: Job, actor: Any, reason: str) -> None:
        """Queue the unit again. Whatever took this worker may have taken idle ones: they must answer again first."""
        ray.kill(actor)
        self._apart.discard(actor)
        self._next_look = 0.0
        self._starting |= {idle.ready.remote(): idle for idle in self._idle}
        self._idle = []
        if job.tries < self.tries:
            self._queue.appendleft(job)
            return
        error = f"its worker was lost {job.tries} times ({reason})"
        self._finished.append((job.unit, Outcome(0.0, {}, error, "WorkerLost")))


def _called(unit: Unit) -> str:
    """What Ray's dashboard counts units under."""
    return " ".join((unit.kind, unit.contestant.workload, unit.contestant.label))


def _answered(refs: list[Any]) -> list[Any]:
    """All that have ended by now, else the first that does within POLL_S.

    To ask takes the longer the more workers there are: one by one, the answers of many nodes would cost most of a run.
    """
    if not refs:
        return []
    now: list[Any] = ray.wait(refs, num_returns=len(refs), timeout=0)[0]
    return now or ray.wait(refs, num_returns=1, timeout=POLL_S)[0]
