"""One unit after the other in this process: for tests, debugging, and machines without Ray."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from suite.contract import SuiteError
from suite.plan.context import Context
from suite.plan.units import Unit
from suite.run.allocator import keep_freed_memory
from suite.run.executors import Outcome, Work
from suite.run.keeping import Keeper
from suite.run.work import make


class SerialExecutor:
    """Carries out a unit when its outcome is asked for."""

    def __init__(self, work: Work = make) -> None:
        self._work = work
        self._waiting: list[Unit] = []

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        """Take one thread, and keep freed memory. Raises SuiteError for cuda where there is none."""
        import torch

        if context.accelerator == "cuda" and not torch.cuda.is_available():
            raise SuiteError("--device cuda: torch sees no CUDA device here; install a CUDA build, or use --device cpu")
        torch.set_num_threads(1)
        keep_freed_memory()
        self._context, self._keeper = context, Keeper(context)
        yield

    @property
    def free(self) -> int:
        """One unit at a time."""
        return 1 - len(self._waiting)

    def submit(self, unit: Unit) -> None:
        """Keep the unit until `next`."""
        self._waiting.append(unit)

    def next(self) -> tuple[Unit, Outcome]:
        """Carry out the waiting unit."""
        unit = self._waiting.pop()
        return unit, self._keeper.one(unit, self._work(self._context, unit))

    def observe(self, pending: int) -> None:
        """Nobody watches."""
