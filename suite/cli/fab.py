"""The verbs about fabrication: replay a search, ask the virtual lab, suggest experiments, co-design."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def fab() -> None:
    """Search for the next device to make.

    \b
    Example: suite fab suggest devices.csv --batch 4
    """


@fab.command()
@click.option("--repetitions", type=click.IntRange(min=2), default=200, show_default=True)
@click.option("--cpus", type=click.IntRange(min=1), default=None, help="processes (default: all that are allowed)")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=None, help="folder for the tables")
def replay(repetitions: int, cpus: int | None, folder: Path | None) -> None:
    """Replay searches over the 37 measured devices: how many must be made until a good one is found?

    \b
    Example: suite fab replay --repetitions 20
    """
    from suite.cpus import allowed_cpus
    from suite.fabrication.outcome import lines, summary, write
    from suite.fabrication.pool import pools
    from suite.fabrication.replay import replay as run_replay

    searched = pools()
    found = run_replay(searched, repetitions, cpus or allowed_cpus())
    for line in lines(summary(found, searched)):
        click.echo(line)
    for path in write(found, searched, folder) if folder is not None else []:
        click.echo(f"{path}")
