"""The verbs that look at this machine rather than at a study: data, doctor, bench."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.cli.options import RESULTS, ROOT

if TYPE_CHECKING:
    from tests.bench.rows import Measured


def _sound(context: click.Context, option: click.Parameter, out: Path | None) -> Path | None:
    """Told before anything is measured."""
    from tests.bench.tables import read

    if out is not None and context.params.get("quick"):
        raise click.UsageError("the figures of --quick are too rough to be kept; leave out --quick or --csv")
    if out is not None and not out.parent.is_dir():
        raise click.UsageError(f"--csv {out}: there is no folder {out.parent}")
    if out is not None and out.exists():
        read(out)
    return out


CSV_HELP = "also write the rows here, in place of the same figures on the same processor"
CSV = click.option("--csv", "out", type=click.Path(path_type=Path), default=None, callback=_sound, help=CSV_HELP)
# Eager: the check of --csv wants to know it.
QUICK = click.option("--quick", is_flag=True, is_eager=True, help="shorter jobs and fewer turns, the same bars")


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


# Benches that take no options of their own: {module of tests.bench: what it measures}.
PLAIN = {
    "sweep": "Sweep engine against the naive loop and against SGEMM, with its error against the reference.",
    "wires": "IR drop by one operator per tile against nodal analysis per input vector, with its error.",
    "train": "Training against a plain PyTorch loop and against SGEMM.",
    "orchestration": "What planning, driving, booking and drawing cost, apart from trainings and sweeps; "
    "and a model of many nodes.",
}


def _verb(name: str, text: str) -> None:
    @bench.command(name, help=f"{text}\n\n\b\nExample: suite bench {name}")
    @QUICK
    @CSV
    def verb(quick: bool, out: Path | None) -> None:
        _show(import_module(f"tests.bench.{name}").run(quick), out)


for _name, _text in PLAIN.items():
    _verb(_name, _text)


@bench.command("workloads")
@QUICK
@ROOT
@CSV
def bench_workloads(quick: bool, data_root: Path | None, out: Path | None) -> None:
    """Sweep of every workload whose data are at hand, against its clean forward pass, the naive loop and SGEMM.

    \b
    Example: suite bench workloads --quick
    """
    from tests.bench.workload import run as run_bench

    _show(run_bench(data_root, quick, _tell), out)


@bench.command("tune")
@QUICK
@CSV
def bench_tune(quick: bool, out: Path | None) -> None:
    """Best objective against trainings spent and time, for every way to search; CSV: after the last candidate.

    \b
    Example: suite bench tune --quick
    """
    from tests.bench.tables import write
    from tests.bench.tune import run as run_bench
    from tests.bench.tune_table import rows, table

    found = run_bench(quick)
    click.echo(table(found))
    if out is not None:
        write(rows(found), out)


@bench.command("growth")
@QUICK
@CSV
@click.option("--plot", type=click.Path(path_type=Path), default=None, help="also draw them, as PNG")
def bench_growth(quick: bool, out: Path | None, plot: Path | None) -> None:
    """Cost per unit against the number of units, from a hundred to a hundred thousand.

    \b
    Example: suite bench growth --quick
    """
    from tests.bench import growth

    points = growth.points(quick)
    _show(growth.rows(points), out)
    if plot is not None:
        from suite.figures.growth import growth_png

        kinds = dict.fromkeys(point.kind for point in points)
        plot.write_bytes(growth_png({k: [(p.units, p.cost_ms) for p in points if p.kind == k] for k in kinds}))


@bench.command("all")
@QUICK
@ROOT
@CSV
def bench_all(quick: bool, data_root: Path | None, out: Path | None) -> None:
    """Everything above in one table: every figure, its bar, and whether it holds.

    \b
    Example: suite bench all --quick
    """
    from tests.bench.everything import run as run_bench
    from tests.bench.rows import table
    from tests.bench.tables import write

    found = []
    for rows in run_bench(data_root, quick, _tell):
        found += rows
        if out is not None:
            write(rows, out)
    click.echo(table(found))


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _show(rows: Iterable[Measured], out: Path | None) -> None:
    from tests.bench.rows import table
    from tests.bench.tables import write

    found = list(rows)
    click.echo(table(found))
    if out is not None:
        write(found, out)
