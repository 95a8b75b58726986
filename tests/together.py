"""An executor whose units end together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.run.executors import Outcome
from suite.run.keeping import Keeper
from suite.run.work import make


class Together:
    """In this process; all that it has been handed ends once something is asked for, and is kept together."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._running: list[Unit] = []
        self._finished: deque[tuple[Unit, Outcome]] = deque()

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        """Nothing to start."""
        self._context, self._keeper = context, Keeper(context)
        yield

    @property
    def free(self) -> int:
        """Slots without a unit."""
        return self._slots - len(self._running)

    def submit(self, unit: Unit) -> None:
        """To the next free slot."""
        self._running.append(unit)

    def next(self) -> tuple[Unit, Outcome]:
        """The next finished unit."""
        if not self._finished:
            self._finished += self._keeper.kept((unit, self.outcome(unit)) for unit in self._running)
            self._running = []
        return self._finished.popleft()

    def outcome(self, unit: Unit) -> Outcome:
        """What comes of a unit."""
        return make(self._context, unit)

    def observe(self, pending: int) -> None:
        """Nobody watches."""
