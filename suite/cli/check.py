"""The verb that holds a user's own plug-in files to the contract."""

from __future__ import annotations

from pathlib import Path

import click

from suite.cli.options import ROOT


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--workload",
    "workloads",
    multiple=True,
    help="hold this workload alone, and try methods and devices on it alone (may be repeated)",
)
@ROOT
def check(folder: Path, workloads: tuple[str, ...], data_root: Path | None) -> None:
    """Hold the files of FOLDER (workloads/, methods/, devices/ inside) to the contract, as our own tests hold ours.

    \b
    Each line says how a file keeps one sentence of the contract:
      ok       it holds
      n/a      it has no meaning for this file, with the reason
      skipped  data or a package are not on this machine
      FAILED   what was expected, what was found and the fix
    Workloads are trained at the scale `ci`.
    Example: suite check my_folder
    """
    from suite.checks.folder import lines

    failed = 0
    for line, well in lines(folder, workloads, data_root):
        failed += not well
        click.echo(line)
    if failed:
        raise click.exceptions.Exit(1)
