"""The verbs of the leaderboard: its page, and what others add to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.cli.options import RESULTS, ROOT, context_of
from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.plan.context import Context

TABLES = (Path("results/reference/tables"), Path("results/submissions"))


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--page", type=click.Path(path_type=Path), default=Path("docs/leaderboard.md"), show_default=True, help="its file"
)
def leaderboard(folders: tuple[Path, ...], page: Path) -> None:
    """Write the leaderboard of all tables below FOLDERS (default: the committed ones), and a CSV beside the page.

    \b
    Example: suite leaderboard
    """
    from suite.report.leaderboard_page import write

    for path in write(folders or TABLES, page):
        click.echo(f"{path}")


@click.command()
@click.argument("study")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=None, help="the folder of the submission")
@click.option("--check", "only_check", is_flag=True, help="STUDY is the folder of a submission, which is checked")
@RESULTS
@ROOT
def submit(study: str, folder: Path | None, only_check: bool, results: Path, data_root: Path | None) -> None:
    """Pack a finished study for the leaderboard: tables, receipt, plug-in files and a state of each contestant.

    The check, with which packing ends, sweeps one condition x 2 realisations of each state again and refuses other
    bytes.

    \b
    Example: suite submit my_study.yaml --to results/submissions/my_study
    """
    from suite.run.resweep import check

    if (folder is None) != only_check:
        raise click.UsageError("give --to FOLDER, or --check and a folder in place of the study")
    packed = folder or Path(study)
    if folder is not None:
        _pack(context_of(study, results, data_root), folder)
    findings = check(packed, data_root)
    for finding in findings:
        click.echo(finding)
    click.echo(f"{packed}: {len(findings)} finding(s)")
    if findings:
        raise click.exceptions.Exit(1)


def _pack(context: Context, folder: Path) -> None:
    from suite.cli.reports import publish_tables
    from suite.plan.plan import make_plan
    from suite.results.cube import Cube
    from suite.run.submission import check_free, pack

    check_free(folder)
    _, gaps = publish_tables(context, folder)
    if gaps:
        raise SuiteError("\n".join(gaps))
    pack(context, make_plan(context, Cube.open(context.cube)), folder)
