"""What `suite watch` shows of a run: read from the event log, and from nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.run.course import Course

if TYPE_CHECKING:
    from rich.console import RenderableType

EVERY_S = 2.0


def watch(log: Path, follow: bool) -> None:
    """Shows how far the last run has come; follow: anew every two seconds, on a terminal, until all has ended.

    Raises SuiteError where no run has said what it would do.
    """
    from rich.console import Console
    from rich.live import Live

    console, course, events = Console(), Course(), Events(log)
    _take(course, events)
    if not course.shares:
        raise SuiteError(f"{log}: says nothing of what a run would do; start one with `suite run`")
    if not (follow and console.is_terminal):
        console.print(shown(course))
        return
    with Live(shown(course), console=console, auto_refresh=False) as live:
        while not course.complete:
            time.sleep(EVERY_S)
            _take(course, events)
            live.update(shown(course), refresh=True)


class Events:
    """The complete lines of a log that grows; each is given once."""

    def __init__(self, log: Path) -> None:
        self._log, self._read = log, 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Those that came since."""
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                yield json.loads(line)


def _take(course: Course, events: Events) -> None:
    for event in events.new():
        course.take(event)


def shown(course: Course) -> RenderableType:
    """A bar for each workload and method, then pace, time left and workers."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("workload", "method", "", "done", "of", "failed", "running"):
        table.add_column(name, justify="left" if name in ("workload", "method", "") else "right")
    for (workload, method), share in sorted(course.shares.items()):
        wanted = share.ended + share.left.total()
        bar = ProgressBar(total=max(1, wanted), completed=share.ended, width=24)
        counts = (share.done.total(), wanted, share.failed.total() or "", share.running or "")
        table.add_row(workload, method, bar, *map(str, counts))
    return Group(table, *_lines(course))


def _lines(course: Course) -> Iterator[str]:
    pace = "" if course.per_minute is None else f"{course.per_minute:.1f} units a minute"
    left = "" if course.seconds_left is None else f"about {_duration(course.seconds_left)} left"
    if text := ", ".join(part for part in (pace, left) if part):
        yield text
    if course.nodes:
        nodes = (f"{node} ({len(processes)})" for node, processes in sorted(course.nodes.items()))
        yield f"workers that have done units: {', '.join(nodes)}"


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
