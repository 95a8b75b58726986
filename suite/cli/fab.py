"""The verbs about fabrication: replay a search, ask the virtual lab, suggest experiments, co-design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from suite.cli.options import RESULTS, STUDY, context_of

if TYPE_CHECKING:
    from pandas import DataFrame

MODEL = click.option(
    "--model",
    type=click.Choice(["log_sigma", "usability"]),
    default="log_sigma",
    show_default=True,
    help="scale on which the surrogate works",
)
LEVEL = click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    help="share of new devices that an interval is to hold",
)
BATCH = click.option("--batch", type=click.IntRange(min=1), default=4, show_default=True, help="how many recipes")
CSV = click.option(
    "--csv", "out", type=click.Path(path_type=Path), default=None, help="also write the suggestions here"
)


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
    """Replay searches over the measured devices: how many must be made until a good one is found?

    \b
    Example: suite fab replay --repetitions 20
    """
    from suite.lab.fabrication.outcome import lines, summary, write
    from suite.lab.fabrication.pool import pools
    from suite.lab.fabrication.replay import replay as run_replay
    from suite.results.cpus import allowed_cpus

    searched = pools()
    found = run_replay(searched, repetitions, cpus or allowed_cpus())
    for line in lines(summary(found, searched)):
        click.echo(line)
    for path in write(found, searched, folder) if folder is not None else []:
        click.echo(f"{path}")


@fab.command()
@BATCH
@MODEL
@LEVEL
@click.option(
    "--sigma",
    type=click.Choice(["stored", "whole"]),
    default="stored",
    show_default=True,
    help="of the devices: as the authors store it, or over the whole loop",
)
@CSV
def lab(
    batch: int,
    model: Literal["log_sigma", "usability"],
    level: float,
    sigma: Literal["stored", "whole"],
    out: Path | None,
) -> None:
    """Virtual laboratory on the measured devices: its cross-validated error, and recipes beyond them with intervals.

    \b
    Example: suite fab lab --batch 3
    """
    from suite.lab.fabrication.lab import SEARCHED, error_lines, errors, next_devices

    for line in error_lines(errors(model), model):
        click.echo(line)
    click.echo(f"suggested, fitted to the pool `{SEARCHED[sigma]}`:")
    _show(next_devices(batch, model, level, sigma), out)


@fab.command()
@click.argument("table", type=click.Path(path_type=Path))
@BATCH
@click.option("--pending", "pending", type=click.Path(path_type=Path), default=None, help="earlier suggestions (CSV)")
@click.option("--space", "space", type=click.Path(path_type=Path), default=None, help="YAML with levels and tied")
@click.option("--target", default=None, help="column of the outcome (default: sigma, else usability)")
@click.option("--scale", type=click.Choice(["sigma", "usability"]), default=None, help="what an own --target is")
@click.option("--numeric", multiple=True, help="a column that holds numbers (may be repeated)")
@click.option("--categorical", multiple=True, help="a column that holds categories (may be repeated)")
@click.option("--ignore", multiple=True, help="a column that is no factor (may be repeated)")
@MODEL
@LEVEL
@CSV
def suggest(
    table: Path,
    batch: int,
    pending: Path | None,
    space: Path | None,
    target: str | None,
    scale: Literal["sigma", "usability"] | None,
    numeric: tuple[str, ...],
    categorical: tuple[str, ...],
    ignore: tuple[str, ...],
    model: Literal["log_sigma", "usability"],
    level: float,
    out: Path | None,
) -> None:
    """Suggest the next devices to make from a table of measured ones; rows without an outcome are pending.

    Append what you measured and give the same command again. The table has a column per factor of fabrication and
    one of sigma or usability.

    \b
    Example: suite fab suggest devices.csv --batch 4 --csv next.csv
    """
    from suite.lab.fabrication.space import Space, read_space
    from suite.lab.fabrication.suggest import Laboratory, read_pending, suggestion_lines, suggestions
    from suite.lab.fabrication.table import Reading, read_table

    measured = read_table(table, Reading(target, scale, numeric, categorical, ignore))
    waiting = measured.pending if pending is None else read_pending(pending, measured)
    allowed = Space() if space is None else read_space(space, measured.columns, measured.rows)
    laboratory = Laboratory.of(measured, model, level)
    for line in suggestion_lines(laboratory, measured, waiting):
        click.echo(line)
    _show(suggestions(laboratory, measured, waiting, allowed, batch), out)


def _show(rows: DataFrame, out: Path | None) -> None:
    from suite.lab.fabrication.suggest import shown, write_suggestions

    click.echo(shown(rows))
    if out is not None:
        write_suggestions(rows, out)
        click.echo(f"{out}")


@click.command()
@STUDY
@RESULTS
@click.option("--suggestions", type=click.Path(path_type=Path), default=None, help="CSV of `suite fab suggest --csv`")
@click.option(
    "--top", type=click.IntRange(min=1), default=3, show_default=True, help="else: so many of `suite fab lab`"
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="folder (default: the study's codesign/)")
def codesign(study: str, results: Path, suggestions: Path | None, top: int, out: Path | None) -> None:
    """Predict what the workloads of a study would score on suggested devices: a table and a figure.

    \b
    Example: suite codesign quick --top 3
    """
    from suite.cli.reports import figure_lines, made
    from suite.figures.codesign import codesign_figure
    from suite.figures.render import render_figure
    from suite.lab.fabrication.codesign import curves, lines, predicted_scores, read_suggestions
    from suite.lab.fabrication.lab import next_devices
    from suite.results.cube import open_tree

    context = context_of(study, results, None)
    cube = made(context)
    wanted = read_suggestions(suggestions) if suggestions is not None else next_devices(top, "log_sigma")
    predicted = predicted_scores(wanted, curves(cube))
    for line in lines(predicted):
        click.echo(line)
    folder = out or context.folder / "codesign"
    drawn = render_figure("codesign", codesign_figure(predicted), open_tree(cube), folder, context.study.name)
    for line in figure_lines([drawn], (drawn.name,)):
        click.echo(line)
