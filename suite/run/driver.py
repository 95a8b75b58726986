"""The run of a study: keep the executor busy, book every outcome, stop cleanly. Needs neither Ray nor Optuna itself."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from suite.contract import SuiteError
from suite.plan.context import Context
from suite.plan.plan import Books, Missing, Plan
from suite.plan.units import Contestant, ObserveUnit, Reading, SweepUnit, Unit
from suite.results import provenance, store
from suite.results.cube import Cube, Place, Status, hash_number
from suite.results.files import ResultsNotWritable
from suite.run.campaign import Campaign
from suite.run.course import planned
from suite.run.executors import Executor, Outcome
from suite.training.search import Search

_PRIORITY = {"trial": 0, "fit": 1, "adapt": 2, "sweep": 3, "observe": 4}


class NothingCanBeWritten(SuiteError):
    """The results folder is read-only or full: the run ends, what is stored stays."""


@dataclass
class Progress:
    """What a progress display needs; `total` counts the units known so far."""

    done: int = 0
    failed: int = 0
    total: int = 0
    running: int = 0
    last: str = ""


@dataclass
class Summary:
    """How a run ended; adopted: units taken from other studies before it began; `failed`: what cannot be had, with the
    reason. Candidates that fail in tuning are no failure. warnings: of units that are done."""

    done: int = 0
    adopted: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    out_of_time: bool = False
    seconds: float = 0.0


class Driver:
    """Schedules the campaigns of all contestants: trials first (they are the longest chain), then fits, then sweeps.

    books: a cube is told of every unit; where there is none, a unit's file says itself that it is done.
    """

    def __init__(
        self,
        context: Context,
        books: Books,
        executor: Executor,
        *,
        show: Callable[[Progress], None] = lambda progress: None,
        on_told: Callable[[Contestant, str, Search], None] = lambda contestant, tune_hash, search: None,
        max_hours: float | None = None,
        train_only: bool = False,
    ) -> None:
        self._context, self._books, self._executor = context, books, executor
        self._cube = books if isinstance(books, Cube) else None
        self._show, self._on_told, self._train_only = show, on_told, train_only
        self._start, self.summary = time.monotonic(), Summary()
        self._max_seconds = math.inf if max_hours is None else 3600 * max_hours
        self._deadline = math.inf
        self._ready: dict[str, deque[Unit]] = {kind: deque() for kind in _PRIORITY}
        self._campaigns: dict[Contestant, Campaign] = {}
        # Units that are one piece of work: the first of them is carried out.
        self._alike: dict[Hashable, list[Unit]] = {}
        self._progress = Progress()
        # Tells the events of this run from those of others.
        self._run = datetime.now(UTC).isoformat()
        self._in_flight = 0

    @contextmanager
    def started(self) -> Iterator[None]:
        """With the executor's workers; at the end the books are settled, whatever happened."""
        with self._executor.started(self._context):
            try:
                self._show(self._progress)
                yield
            finally:
                # What cannot be written now is written by the next run: it is on disk all the same.
                with suppress(ResultsNotWritable):
                    if self._cube:
                        self._cube.settle()

    def carry_out(self, plan: Plan) -> None:
        """Until nothing of a plan is missing, or time is up. Raises NothingCanBeWritten, KeyboardInterrupt."""
        self._open_campaigns(plan.missing(self._books))
        # Not before: where time ends while workers start, a job gets nowhere however often it begins again.
        self._deadline = min(self._deadline, time.monotonic() + self._max_seconds)
        self._submit()
        while self._in_flight:
            self._book(*self._executor.next())
            self._submit()
        self.summary.failed |= self._mark_failed()
        self.summary.out_of_time = self._out_of_time and any(self._ready.values())
        self.summary.seconds = time.monotonic() - self._start

    def _open_campaigns(self, missing: Missing) -> None:
        pending: dict[str, list[Reading]] = {}
        for contestant, fits in missing.items():
            pending.setdefault(contestant.workload, []).extend(unit for units in fits.values() for unit in units)
        for workload, units in pending.items():
            self._mark(workload, units, Status.PENDING)
        for contestant, fits in missing.items():
            campaign = Campaign(self._context, contestant, fits, self._on_told, self._train_only)
            self._campaigns[contestant] = campaign
            self._enqueue(campaign.start())
        trials = {contestant: campaign.trials for contestant, campaign in self._campaigns.items()}
        for event in planned(missing, trials, store.keys(self._context.store)):
            self._note({**event, "run": self._run})

    def _enqueue(self, units: list[Unit]) -> None:
        for unit in units:
            alike = self._alike.setdefault(unit.work, [])
            alike.append(unit)
            if len(alike) == 1:
                self._ready[unit.kind].append(unit)
                self._progress.total += 1

    @property
    def _out_of_time(self) -> bool:
        return time.monotonic() >= self._deadline

    def _submit(self) -> None:
        while self._executor.free > 0 and not self._out_of_time:
            queue = next((self._ready[kind] for kind in _PRIORITY if self._ready[kind]), None)
            if queue is None:
                break
            unit = self._of_all_alike(queue.popleft())
            self._log(unit, {"status": "started"})
            self._executor.submit(unit)
            self._in_flight += 1
        self._progress.running = self._in_flight
        self._show(self._progress)
        self._executor.observe(self._progress.total - self._progress.done - self._progress.failed)

    def _of_all_alike(self, unit: Unit) -> Unit:
        """A sweep fills the chunks of all labels that it stands for."""
        if not isinstance(unit, SweepUnit):
            return unit
        others = self._alike[unit.work][1:]
        return replace(unit, also=tuple(other.block for other in others if isinstance(other, SweepUnit)))

    def _book(self, unit: Unit, outcome: Outcome) -> None:
        self._in_flight -= 1
        if not outcome.error:
            self._mark_done(unit)
        # After the books: what the log calls done is never run again.
        self._log(unit, _ending(outcome))
        if outcome.fatal:
            raise NothingCanBeWritten(outcome.error)
        self._progress.last = " ".join(str(value) for value in (unit.kind, *unit.labels.values()))
        if outcome.error:
            self._progress.failed += 1
        else:
            self._progress.done += 1
            self.summary.done += 1
            self.summary.warnings += [outcome.values["warning"]] if "warning" in outcome.values else []
        for alike in self._alike.pop(unit.work):
            self._enqueue(self._campaigns[alike.contestant].finished(alike, outcome))

    def _mark_done(self, unit: Unit) -> None:
        if self._cube and isinstance(unit, SweepUnit):
            for block in unit.blocks:
                self._cube.book(unit.contestant.workload, block, hash_number(unit.hash))

    def _mark(self, workload: str, units: Sequence[Reading], status: Status) -> None:
        """Any status but DONE, of what has cells in the cube."""
        if self._cube:
            self._cube.mark(workload, [unit.block for unit in units if isinstance(unit, SweepUnit)], status)

    def _log(self, unit: Unit, event: dict[str, Any]) -> None:
        self._note({"kind": unit.kind, **unit.labels, "hash": unit.hash, **event})

    def _note(self, line: dict[str, Any]) -> None:
        provenance.event(self._context.folder / "events.jsonl", {**line, "time": datetime.now(UTC).isoformat()})

    def _mark_failed(self) -> dict[str, str]:
        """Status 2 for every unit that could not be had (a later run tries again), 3 where it has no meaning."""
        reasons: dict[str, str] = {}
        places: dict[str, list[Place]] = defaultdict(list)
        for campaign in self._campaigns.values():
            workload = campaign.contestant.workload
            if campaign.inapplicable:
                units = [unit for units in campaign.missing.values() for unit in units]
                self._mark(workload, units, Status.NOT_APPLICABLE)
            if campaign.failed:
                failed = [unit for unit, _ in campaign.failed]
                self._mark(workload, failed, Status.FAILED)
                places[workload] += [unit.place for unit in failed if isinstance(unit, ObserveUnit)]
                reasons |= {_called(unit): reason for unit, reason in campaign.failed}
        for workload, failed_places in places.items():
            if self._cube:
                self._cube.fail_observations(workload, failed_places)
        return reasons


def _called(unit: Reading) -> str:
    name = f"{unit.contestant.workload} {unit.contestant.label}, seed {unit.fit.seed}"
    return name if isinstance(unit, SweepUnit) else f"{name}, {unit.place.what}"


def _ending(outcome: Outcome) -> dict[str, Any]:
    """What the event log says of a unit that ended."""
    status = {"status": "failed", "error": outcome.error} if outcome.error else {"status": "done", **outcome.values}
    spent = {"seconds": round(outcome.seconds, 3), "cpu_s": round(outcome.cpu_s, 3)}
    return {**status, **spent, "worker": outcome.worker, "attempt": outcome.attempt}
