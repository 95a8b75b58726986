"""Where units of work are carried out. An executor holds no results: what is done is in the store and in the cube."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from suite.plan.tasks import Context, Outcome, Task

# What a worker does with a task: `suite.run.work.execute`, but where a measurement puts something else in its place.
Work = Callable[[Context, Task], Outcome]


class Executor(Protocol):
    """Takes tasks and gives back outcomes, in any order."""

    def start(self, context: Context) -> None:
        """Get the workers ready; called once per run."""

    @property
    def free(self) -> int:
        """How many more tasks may be submitted now."""
        ...

    def submit(self, task: Task) -> None:
        """Hand in a task; only while `free` > 0."""

    def next(self) -> tuple[Task, Outcome]:
        """Wait for the next finished task."""
        ...

    def observe(self, pending: int) -> None:
        """Told how many units are known and not finished, for those who watch the run."""

    def stop(self) -> None:
        """Let the workers go; called always."""
