"""The progress bar of a run: what runs, how fast, how long still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from suite.run.driver import Progress


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Yields the function that a driver calls with its progress; a bar on a terminal, silent elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]} ETA"), TimeRemainingColumn())
    with Bar(
        *columns,
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("starting", rate="", total=None)

        def show(progress: Progress) -> None:
            done = progress.done + progress.failed
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed or 0.0
            failed = f", {progress.failed} failed" if progress.failed else ""
            text = f"{progress.running} running{failed}; last: {progress.last}"
            bar.update(task, completed=done, total=progress.total, description=text, rate=f"{speed:.2f} units/s")

        yield show
