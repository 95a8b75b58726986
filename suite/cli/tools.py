"""The verbs that look at this machine rather than at a study: data, doctor."""

from __future__ import annotations

from pathlib import Path

import click

from suite.cli.options import RESULTS, ROOT

_MARKS = {True: "ok  ", None: "none", False: "BAD "}


@click.group()
def data() -> None:
    """Show or fetch data sources.

    \b
    Example: suite data list
    """


@data.command("list")
@ROOT
def data_list(data_root: Path | None) -> None:
    """Show where every data source is, or how to get it.

    \b
    Example: suite data list
    """
    from suite.data.datasets import statuses

    for source in statuses(data_root):
        click.echo(
            f"{source.name:18} {source.state:9} {source.note}\n{'':28} {source.title}; licence: {source.licence}"
        )


@data.command("get")
@click.argument("name")
@ROOT
def data_get(name: str, data_root: Path | None) -> None:
    """Download a source into the data root and check it against the published checksums.

    \b
    Example: suite data get mnist
    """
    from suite.data.datasets import get

    click.echo(f"{name}: complete in {get(name, data_root)}")


@click.command()
@RESULTS
def doctor(results: Path) -> None:
    """Check this machine: packages, plug-ins, data, threads, disk.

    \b
    Example: suite doctor
    """
    from suite.cli.doctor import checks

    bad = 0
    for ok, line in checks(results):
        bad += ok is False
        click.echo(f"{_MARKS[ok]} {line}")
    if bad:
        raise click.exceptions.Exit(1)
