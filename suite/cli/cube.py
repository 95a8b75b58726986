"""The verbs that check a study's cube, or take results out of it or into it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from suite.cli.options import DEVICE, RESULTS, ROOT, STUDY, context_of
from suite.contract.commands import command


@click.command()
@STUDY
@RESULTS
@click.option(
    "--against", type=click.Path(path_type=Path), default=None, help="folder of committed tables to compare with"
)
@click.option("--tolerance", type=float, default=0.01, show_default=True, help="of mean scores, with --against")
def verify(study: str, results: Path, against: Path | None, tolerance: float) -> None:
    """Decode every chunk of a study's cube; what is torn is reset and computed by the next run.

    \b
    Example: suite verify reference --against results/reference/tables
    """
    from suite.run.publish import against as compare
    from suite.run.run import verified

    context = context_of(study, results, None)
    findings = [f"{finding}; `{command('run', study)}` computes it again" for finding in verified(context)]
    findings += compare(context.cube, against, tolerance) if against is not None else []
    for finding in findings:
        click.echo(finding)
    click.echo(f"{len(findings)} finding(s)")
    if findings:
        raise click.exceptions.Exit(1)


@click.command()
@STUDY
@RESULTS
@click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="every finished cell as a row here")
@click.option("--to", "url", default=None, help="the whole cube to this URL, where `suite.open(URL)` reads it")
def export(study: str, results: Path, out: Path | None, url: str | None) -> None:
    """Write a study's cube as a CSV file, or copy it to an object store.

    \b
    Example: suite export quick --csv scores.csv
    """
    from suite.cli.reports import made
    from suite.results.cube import export_csv
    from suite.run.run import sent

    if out is None and url is None:
        raise click.UsageError("say where to: --csv FILE, or --to URL")
    context = context_of(study, results, None)
    cube = made(context)
    if out is not None:
        export_csv(cube, out)
        click.echo(f"{out}")
    if url is not None:
        click.echo(f"{sent(context, url)} files to {url}")


@click.command()
@STUDY
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@RESULTS
@ROOT
def ingest(study: str, paths: tuple[Path, ...], results: Path, data_root: Path | None) -> None:
    """Add units that were computed elsewhere to a study's cube: npz files, or folders that have them.

    A unit that is done is never overwritten.

    \b
    Example: suite ingest paper units
    """
    from suite.run.run import ingested

    files = [file for path in paths for file in (path.rglob("*.npz") if path.is_dir() else [path])]
    done = ingested(context_of(study, results, data_root), files)
    click.echo(f"{done.written} written, {done.already_done} already done, {len(done.left_out)} left out")
    for path, reason in done.left_out.items():
        click.echo(f"{path}: {reason}")


@click.command()
@STUDY
@RESULTS
@ROOT
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="the folder of the tables")
@DEVICE
def publish(study: str, results: Path, data_root: Path | None, folder: Path, device: Literal["cpu", "cuda"]) -> None:
    """Write a study's tables, small enough to commit: scores by seed, paired differences, tuning trials, chosen values.

    \b
    Example: suite publish reference --to results/reference/tables
    """
    from suite.cli.reports import publish_tables

    paths, gaps = publish_tables(context_of(study, results, data_root, accelerator=device), folder)
    for path in paths:
        click.echo(f"{path}")
    for gap in gaps:
        click.echo(gap, err=True)
