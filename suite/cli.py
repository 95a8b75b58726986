"""The command line: `suite VERB`, also `python -m suite VERB`. Heavy libraries load inside the verbs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from suite.cli_tools import RESULTS, ROOT, bench, data, doctor
from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.executors import Executor
    from suite.tasks import Context

STUDY = click.argument("study")


class Mendable(click.ClickException):
    """Exit code 2, as of a wrong option; 1 says that units failed."""

    exit_code = 2


class Verbs(click.Group):
    """Errors a user can mend end in one message and exit code 2, not in a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Carry out the verb."""
        try:
            return super().invoke(ctx)
        except SuiteError as error:
            raise Mendable(str(error)) from error


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crossbar-suite")
def main() -> None:
    """Train, program and score neural networks on simulated memristor crossbars.

    \b
    Example: suite run quick && suite figure all quick
    """
    # One thread per worker, set before torch loads: two threads that share a core are far slower than one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@main.command("list")
@click.option("--plugins", multiple=True, type=click.Path(exists=True, path_type=Path), help="your own plug-in folders")
def list_(plugins: tuple[Path, ...]) -> None:
    """Show workloads, methods, devices, figures and built-in studies.

    \b
    Example: suite list
    """
    from suite.listing import lines

    for line in lines(plugins):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@ROOT
def plan(study: str, results: Path, data_root: Path | None) -> None:
    """Show what a study would run and what is already done, without running it.

    \b
    Example: suite plan quick
    """
    from suite.reports import plan_lines

    for line in plan_lines(_context(study, results, data_root)):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@ROOT
@click.option("--workload", "workloads", multiple=True, help="only this workload (may be repeated)")
@click.option("--executor", type=click.Choice(["ray", "serial"]), default="ray", show_default=True)
@click.option("--cpus", type=int, default=None, help="at most so many (default: the allocation or affinity mask)")
@click.option("--address", default=None, help="join the Ray cluster at HOST:PORT, or 'auto'")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--max-hours", type=float, default=None, help="start no new unit after this time")
@click.option("--stage", type=click.Choice(["train", "all"]), default="all", help="train: tuning and training only")
@click.option("--receipt", type=click.Path(path_type=Path), default=None, help="default: the study's receipts/run.json")
@click.option("--units", type=click.Path(path_type=Path), default=None, help="no cube: sweep units as npz files here")
@click.option("--wait", is_flag=True, help="wait for another run of this study instead of refusing")
def run(
    study: str,
    results: Path,
    data_root: Path | None,
    workloads: tuple[str, ...],
    executor: str,
    cpus: int | None,
    address: str | None,
    device: Literal["cpu", "cuda"],
    max_hours: float | None,
    stage: str,
    receipt: Path | None,
    units: Path | None,
    wait: bool,
) -> None:
    """Run everything that is missing of a study; give the same command again after an interruption.

    \b
    Example: suite run quick --workload mnist_mlp
    """
    from suite.progress import shown
    from suite.reports import run_lines
    from suite.run import run as run_study

    context, workers = _context(study, results, data_root, workloads, device, units), _executor(executor, cpus, address)
    train_only = stage == "train"
    with shown() as show:
        summary, made = run_study(
            context, workers, show=show, max_hours=max_hours, wait=wait, train_only=train_only, receipt=receipt
        )
    for line in run_lines(context, made, summary, train_only):
        click.echo(line)
    if summary.failed:
        raise click.exceptions.Exit(1)


@main.command()
@STUDY
@RESULTS
def status(study: str, results: Path) -> None:
    """Show how much of a study's cube is done, from the cube alone.

    \b
    Example: suite status quick
    """
    from suite.reports import status_lines

    for line in status_lines(_context(study, results, None)):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@click.option(
    "--against", type=click.Path(path_type=Path), default=None, help="folder of committed tables to compare with"
)
@click.option("--tolerance", type=float, default=0.01, show_default=True, help="of mean scores, with --against")
def verify(study: str, results: Path, against: Path | None, tolerance: float) -> None:
    """Decode every chunk of a study's cube; what is torn is reset and computed by the next run.

    \b
    Example: suite verify reference --against results/reference
    """
    from suite.cube import verify as verify_cube
    from suite.publish import against as compare

    cube = _context(study, results, None).cube
    findings = [
        f"{finding}; reset: `suite run {study}` computes it again" for finding in verify_cube(cube, repair=True)
    ]
    findings += compare(cube, against, tolerance) if against is not None else []
    for finding in findings:
        click.echo(finding)
    click.echo(f"{len(findings)} finding(s)")
    if findings:
        raise click.exceptions.Exit(1)


@main.command()
@STUDY
@RESULTS
@click.option("--csv", "out", type=click.Path(path_type=Path), required=True, help="the file to write")
def export(study: str, results: Path, out: Path) -> None:
    """Write every finished cell of a study's cube as one row of a CSV file.

    \b
    Example: suite export quick --csv scores.csv
    """
    from suite.cube import export_csv

    export_csv(_context(study, results, None).cube, out)
    click.echo(f"{out}")


@main.command()
@STUDY
@RESULTS
def compact(study: str, results: Path) -> None:
    """Write a study's cube as few big chunks, sorted and without holes, beside the cube: for readers and archives.

    \b
    Example: suite compact quick
    """
    from suite.cube import compact as compact_cube

    click.echo(f"{compact_cube(_context(study, results, None).cube)}")


@main.command()
@STUDY
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@RESULTS
def ingest(study: str, files: tuple[Path, ...], results: Path) -> None:
    """Add units that were computed elsewhere (npz files) to a study's cube; a unit that is done is never overwritten.

    \b
    Example: suite ingest paper units/*.npz
    """
    from suite.cube import ingest as ingest_units

    done = ingest_units(_context(study, results, None).cube, files)
    click.echo(f"{done.written} written, {done.already_done} already done, {len(done.left_out)} left out")
    for path, reason in done.left_out.items():
        click.echo(f"{path}: {reason}")


@main.command()
@STUDY
@RESULTS
@ROOT
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="the folder of the tables")
def publish(study: str, results: Path, data_root: Path | None, folder: Path) -> None:
    """Write a study's tables, small enough to commit: scores by seed, paired differences, tuning trials, chosen values.

    \b
    Example: suite publish reference --to results/reference
    """
    from suite.reports import publish_tables

    for path in publish_tables(_context(study, results, data_root), folder):
        click.echo(f"{path}")


@main.command()
@click.argument("name")
@STUDY
@RESULTS
@click.option("--out", type=click.Path(path_type=Path), default=None, help="folder (default: the study's figures/)")
@click.option("--receipt", type=click.Path(path_type=Path), default=None, help="write a receipt with hashes here")
def figure(name: str, study: str, results: Path, out: Path | None, receipt: Path | None) -> None:
    """Draw a figure (or `all`) from a study's cube: PDF, PNG and the CSV behind it.

    \b
    Example: suite figure fig2a quick
    """
    from suite.provenance import write_receipt
    from suite.reports import draw, figure_lines, figure_receipt

    context = _context(study, results, None)
    drawn = draw(name, context, out)
    for line in figure_lines(drawn):
        click.echo(line)
    if receipt is not None:
        write_receipt(receipt, figure_receipt(drawn, context))


def _executor(name: str, cpus: int | None, address: str | None) -> Executor:
    if name == "serial":
        from suite.executors.serial import SerialExecutor

        return SerialExecutor()
    try:
        from suite.executors.ray import RayExecutor
    except ModuleNotFoundError as error:
        raise SuiteError(f"{error.name} is not installed: pip install 'ray[default]', or --executor serial") from error
    return RayExecutor(cpus, address, announce=click.echo)


def _context(
    study: str,
    results: Path,
    root: Path | None,
    workloads: tuple[str, ...] = (),
    accelerator: Literal["cpu", "cuda"] = "cpu",
    units: Path | None = None,
) -> Context:
    from suite.names import meant
    from suite.study import load_study
    from suite.tasks import Context

    loaded = load_study(study)
    if unknown := sorted(set(workloads) - set(loaded.workloads)):
        raise SuiteError(f"--workload {unknown[0]}: not in study {loaded.name}{meant(unknown[0], loaded.workloads)}")
    if workloads:
        loaded = loaded.model_copy(update={"workloads": workloads})
    return Context(loaded, results, root, accelerator, units)


main.add_command(data)
main.add_command(doctor)
main.add_command(bench)
