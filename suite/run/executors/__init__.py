"""Where units of work are carried out. An executor holds no results: what is done is in the store and in the cube."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.results.files import ResultsNotWritable
from suite.run.keeping import Product


@dataclass(frozen=True)
class Outcome:
    """What came of a unit: its values, or the error that ended it; `fatal` ends the run (nothing can be written).
    products: what it leaves that is yet to be kept; cpu_s: of the process that made it, while it did."""

    seconds: float
    values: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    error_type: str = ""
    fatal: bool = False
    worker: str = ""
    attempt: int = 1
    products: tuple[Product, ...] = ()
    cpu_s: float = 0.0

    @staticmethod
    def failed(error: Exception, seconds: float, products: tuple[Product, ...] = (), cpu_s: float = 0.0) -> Outcome:
        """Of a unit that an error has ended."""
        fatal = isinstance(error, ResultsNotWritable)
        named = str(error) or repr(error), type(error).__name__
        return Outcome(seconds, {}, *named, fatal, products=products, cpu_s=cpu_s)


# What a worker does with a unit: `suite.run.work.make`, but where a measurement puts something else in its place.
Work = Callable[[Context, Unit], Outcome]


class Executor(Protocol):
    """Takes units and gives back outcomes, in any order."""

    def started(self, context: Context) -> AbstractContextManager[None]:
        """Workers are ready inside, and let go at its end."""
        ...

    @property
    def free(self) -> int:
        """How many more units may be submitted now."""
        ...

    def submit(self, unit: Unit) -> None:
        """Hand in a unit; only while `free` > 0."""

    def next(self) -> tuple[Unit, Outcome]:
        """Wait for the next finished unit."""
        ...

    def observe(self, pending: int) -> None:
        """Told how many units are known and not finished, for those who watch the run."""
