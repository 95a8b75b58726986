"""The command line: `suite VERB`, also `python -m suite VERB`. Heavy libraries load inside the verbs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from suite.cli.automaton import automaton
from suite.cli.certify import certify
from suite.cli.check import check
from suite.cli.compare import compare
from suite.cli.cube import export, ingest, publish, verify
from suite.cli.device import device as device_verbs
from suite.cli.fab import codesign, fab
from suite.cli.kitti import kitti
from suite.cli.leaderboard import leaderboard, submit
from suite.cli.options import DEVICE, RESULTS, ROOT, STUDY, context_of, share_of
from suite.cli.packages import pip_line
from suite.cli.report import report
from suite.cli.tools import data, doctor
from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.plan.share import Share
    from suite.run.executors import Executor


class Mendable(click.ClickException):
    """Exit code 2, as of a wrong option; 1 says that units failed."""

    exit_code = 2


class Verbs(click.Group):
    """Errors a user can mend, a missing package among them, end in one message and exit code 2, not in a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Carry out the verb."""
        try:
            return super().invoke(ctx)
        except SuiteError as error:
            raise Mendable(str(error)) from error
        except ModuleNotFoundError as error:
            if (line := pip_line(error.name or "")) is None:
                raise
            raise Mendable(line) from error
        except KeyboardInterrupt as error:
            raise click.ClickException("interrupted; what is done is kept, and the same command goes on") from error


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crossbar-suite")
def main() -> None:
    """Train, program and score neural networks on simulated memristor crossbars.

    \b
    Example: suite run quick && suite report quick --figures
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
    from suite.cli.listing import lines

    for line in lines(plugins):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@ROOT
@DEVICE
def plan(study: str, results: Path, data_root: Path | None, device: Literal["cpu", "cuda"]) -> None:
    """Show what a study would run and what is already done, without running it.

    \b
    Example: suite plan quick
    """
    from suite.cli.reports import plan_lines

    for line in plan_lines(context_of(study, results, data_root, accelerator=device)):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@ROOT
@click.option("--workload", "workloads", multiple=True, help="only this workload (may be repeated)")
@click.option("--executor", type=click.Choice(["ray", "serial"]), default="ray", show_default=True)
@click.option(
    "--cpus",
    type=click.IntRange(min=1),
    default=None,
    help="at most so many (default: the allocation or affinity mask)",
)
@click.option("--address", default=None, help="join the Ray cluster at HOST:PORT, or 'auto'")
@DEVICE
@click.option("--max-hours", type=float, default=None, help="start no new unit so long after the first")
@click.option("--stage", type=click.Choice(["train", "all"]), default="all", help="train: tuning and training only")
@click.option("--receipt", type=click.Path(path_type=Path), default=None, help="default: the study's receipts/run.json")
@click.option("--units", type=click.Path(path_type=Path), default=None, help="no cube: sweep units as npz files here")
@click.option(
    "--part", callback=share_of, metavar="I/N", help="with --units: the I-th of N shares, in a folder of its own"
)
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
    part: Share | None,
    wait: bool,
) -> None:
    """Run everything that is missing of a study; give the same command again after an interruption.

    Exit codes: 0 all is done, 1 units failed, nothing could be begun in time, or the run was
    interrupted, 2 refused, 75 time is up: the same command goes on.

    \b
    Example: suite run quick --workload mnist_mlp
    """
    from suite.cli.endings import TIME_IS_UP, sigterm_as_ctrl_c
    from suite.cli.progress import shown
    from suite.cli.reports import run_lines
    from suite.run.run import run as run_study

    context = context_of(study, results, data_root, workloads, device, units, part)
    workers = _executor(executor, cpus, address)
    train_only = stage == "train"
    with sigterm_as_ctrl_c(), shown(context.study.name) as show:
        summary, made = run_study(
            context, workers, show=show, max_hours=max_hours, wait=wait, train_only=train_only, receipt=receipt
        )
    for line in run_lines(context, made, summary, train_only):
        click.echo(line)
    if summary.failed:
        raise click.exceptions.Exit(1)
    if summary.out_of_time:
        # Who would give the command again for ever must see that it leads nowhere.
        raise click.exceptions.Exit(TIME_IS_UP if summary.done else 1)


@main.command()
@STUDY
@RESULTS
def status(study: str, results: Path) -> None:
    """Show how much of a study's cube is done, from the cube alone.

    \b
    Example: suite status quick
    """
    from suite.cli.reports import status_lines

    for line in status_lines(context_of(study, results, None)):
        click.echo(line)


@main.command()
@STUDY
@RESULTS
@click.option("--once", is_flag=True, help="show the state of things and end, as where no terminal is")
def watch(study: str, results: Path, once: bool) -> None:
    """Show how far a run of a study has come, also from another machine that sees its results folder.

    \b
    Example: suite watch quick
    """
    from suite.cli.watching import watch as show

    show(context_of(study, results, None).folder / "events.jsonl", follow=not once)


@main.command()
@STUDY
@RESULTS
def dashboard(study: str, results: Path) -> None:
    """Show how to open the Ray dashboard of a run that lasts, also from another machine.

    \b
    Example: suite dashboard quick
    """
    from suite.cli.dashboard import dashboard_lines

    for line in dashboard_lines(context_of(study, results, None)):
        click.echo(line)


@main.command()
@click.argument("name")
@STUDY
@RESULTS
@click.option("--out", type=click.Path(path_type=Path), default=None, help="folder (default: the study's figures/)")
@click.option("--receipt", type=click.Path(path_type=Path), default=None, help="write a receipt with hashes here")
def figure(name: str, study: str, results: Path, out: Path | None, receipt: Path | None) -> None:
    """Draw a figure (or `all`) from a study's cube: PDF, PNG and the CSV behind it.

    `all`: those of every study that this one can feed, and those that its `figures` name.

    \b
    Example: suite figure fig2a quick
    """
    from time import process_time

    from suite.cli.reports import draw, drawing_receipt, figure_lines
    from suite.results.provenance import write_receipt

    context = context_of(study, results, None)
    drawn, named = draw(name, context, out), (name, *context.study.figures)
    for line in figure_lines(drawn, named):
        click.echo(line)
    if receipt is not None:
        write_receipt(receipt, drawing_receipt(drawn, named, context, process_time()))


def _executor(name: str, cpus: int | None, address: str | None) -> Executor:
    if name == "serial":
        from suite.run.executors.serial import SerialExecutor

        return SerialExecutor()
    try:
        from suite.run.executors.ray import RayExecutor
    except ModuleNotFoundError as error:
        raise SuiteError(f"{pip_line(error.name or '') or error}; or --executor serial") from error
    return RayExecutor(cpus, address, announce=click.echo)


for verb in (
    certify,
    check,
    compare,
    report,
    verify,
    export,
    publish,
    ingest,
    data,
    device_verbs,
    doctor,
    fab,
    codesign,
    kitti,
    automaton,
    leaderboard,
    submit,
):
    main.add_command(verb)
