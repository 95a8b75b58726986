"""The progress of a run: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from suite.run.driver import Progress

EVERY_S = 20.0


@contextmanager
def shown(study: str) -> Iterator[Callable[[Progress], None]]:
    """Yields the function that a driver calls with its progress."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(study)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]} ETA"), TimeRemainingColumn())
    with Bar(*columns, TimeElapsedColumn(), TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("starting", rate="", total=None)

        def show(progress: Progress) -> None:
            done = progress.done + progress.failed
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed or 0.0
            text = f"{progress.running} running{_failed(progress)}; last: {progress.last}"
            bar.update(task, completed=done, total=progress.total, description=text, rate=f"{speed:.2f} units/s")

        yield show


def _plain(study: str) -> Callable[[Progress], None]:
    """Lines for logs: at most one in EVERY_S seconds, the first after as many."""
    told = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY_S:
            told = time.monotonic()
            of = f"{study}: {progress.done} of {progress.total} units done{_failed(progress)}"
            last = f"; last: {progress.last}" if progress.last else ""
            print(f"{of}, {progress.running} running{last}", file=sys.stderr, flush=True)

    return show


def _failed(progress: Progress) -> str:
    return f", {progress.failed} failed" if progress.failed else ""
