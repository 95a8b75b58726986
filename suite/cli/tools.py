"""The verbs that look at this machine rather than at a study: data, doctor, bench."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.cli.options import RESULTS, ROOT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CSV = click.option("--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the rows here")


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
@CSV
def bench_sweep(out: Path | None) -> None:
    """Sweep engine against the naive loop and against SGEMM, with its error against the reference.

    \b
    Example: suite bench sweep
    """
    from suite.bench.sweep import run as run_bench
    from suite.bench.sweep import table

    rows = run_bench()
    _show(table(rows), rows, out)


@bench.command("wires")
@CSV
def bench_wires(out: Path | None) -> None:
    """IR drop by one operator per tile against nodal analysis per input vector, with its error.

    \b
    Example: suite bench wires
    """
    from suite.bench.wires import run as run_bench
    from suite.bench.wires import table

    rows = run_bench()
    _show(table(rows), rows, out)


@bench.command("train")
@CSV
def bench_train(out: Path | None) -> None:
    """Training against a plain PyTorch loop and against SGEMM.

    \b
    Example: suite bench train
    """
    from suite.bench.rows import table
    from suite.bench.train import run as run_bench

    rows = run_bench()
    _show(table(rows), rows, out)


@bench.command("tune")
@click.option("--quick", is_flag=True, help="two repetitions of eight candidates")
@CSV
def bench_tune(quick: bool, out: Path | None) -> None:
    """Best objective against trainings spent and time, for every way to search.

    \b
    Example: suite bench tune --quick
    """
    from suite.bench.tune import run as run_bench
    from suite.bench.tune_table import rows, table

    found = run_bench(quick)
    _show(table(found), rows(found), out)


@bench.command("orchestration")
@click.option("--quick", is_flag=True, help="fewer empty units, the same bars")
@CSV
def bench_orchestration(quick: bool, out: Path | None) -> None:
    """What planning, driving, booking and drawing cost, apart from trainings and sweeps; and a model of many nodes.

    \b
    Example: suite bench orchestration --quick
    """
    from suite.bench.orchestration import run as run_bench
    from suite.bench.rows import table

    rows = list(run_bench(quick))
    _show(table(rows), rows, out)


@bench.command("growth")
@click.option("--quick", is_flag=True, help="without the largest runs, which take minutes")
@CSV
@click.option("--plot", type=click.Path(path_type=Path), default=None, help="also draw them, as PNG")
def bench_growth(quick: bool, out: Path | None, plot: Path | None) -> None:
    """Cost per unit against the number of units, from a hundred to a hundred thousand.

    \b
    Example: suite bench growth --quick
    """
    from suite.bench import growth
    from suite.bench.rows import table

    points = growth.points(growth.QUICK_EMPTY, growth.QUICK_REAL) if quick else growth.points()
    _show(table(growth.rows(points)), points, out)
    if plot is not None:
        from suite.figures.growth import growth_png

        kinds = dict.fromkeys(point.kind for point in points)
        plot.write_bytes(growth_png({k: [(p.units, p.cost_ms) for p in points if p.kind == k] for k in kinds}))


def _show(text: str, rows: Sequence[DataclassInstance], out: Path | None) -> None:
    from suite.bench.tables import write

    click.echo(text)
    if out is not None:
        write(rows, out)
