"""The verbs that look at this machine rather than at a study: data, doctor, bench."""

from __future__ import annotations

from pathlib import Path

import click

from suite.cli.options import RESULTS, ROOT


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
    from suite.datasets import statuses

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
    from suite.datasets import get

    click.echo(f"{name}: complete in {get(name, data_root)}")


@click.command()
@RESULTS
def doctor(results: Path) -> None:
    """Check this machine: packages, plug-ins, data, threads, disk.

    \b
    Example: suite doctor
    """
    from suite.doctor import checks

    bad = 0
    for ok, line in checks(results):
        bad += not ok
        click.echo(f"{'ok  ' if ok else 'BAD '} {line}")
    if bad:
        raise click.exceptions.Exit(1)


@click.group()
def bench() -> None:
    """Measure speed, as ratios within one run.

    \b
    Example: suite bench sweep
    """


@bench.command("sweep")
@click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the rows here")
def bench_sweep(out: Path | None) -> None:
    """Sweep engine against the naive loop and against SGEMM, with its error against the reference.

    \b
    Example: suite bench sweep
    """
    from suite.bench.sweep import run as run_bench
    from suite.bench.sweep import table
    from suite.bench.tables import write

    rows = run_bench()
    click.echo(table(rows))
    if out is not None:
        write(rows, out)


@bench.command("wires")
@click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the rows here")
def bench_wires(out: Path | None) -> None:
    """IR drop by one operator per tile against nodal analysis per input vector, with its error.

    \b
    Example: suite bench wires
    """
    from suite.bench.tables import write
    from suite.bench.wires import run as run_bench
    from suite.bench.wires import table

    rows = run_bench()
    click.echo(table(rows))
    if out is not None:
        write(rows, out)


@bench.command("train")
@click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the rows here")
def bench_train(out: Path | None) -> None:
    """Training against a plain PyTorch loop and against SGEMM.

    \b
    Example: suite bench train
    """
    from suite.bench.rows import table
    from suite.bench.tables import write
    from suite.bench.train import run as run_bench

    rows = run_bench()
    click.echo(table(rows))
    if out is not None:
        write(rows, out)


@bench.command("tune")
@click.option("--quick", is_flag=True, help="two repetitions of eight candidates")
@click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the rows here")
def bench_tune(quick: bool, out: Path | None) -> None:
    """Best objective against trainings spent and time, for every way to search.

    \b
    Example: suite bench tune --quick
    """
    from suite.bench.tables import write
    from suite.bench.tune import run as run_bench
    from suite.bench.tune_table import rows, table

    found = run_bench(quick)
    click.echo(table(found))
    if out is not None:
        write(rows(found), out)
