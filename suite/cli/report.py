"""The verb that makes a page of a study."""

from __future__ import annotations

from pathlib import Path

import click

from suite.cli.options import RESULTS, STUDY, context_of
from suite.contract import SuiteError


@click.command()
@STUDY
@RESULTS
@click.option("--baseline", default=None, help="label that the others are held against (default: erm, else the first)")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="published tables, in place of the cube")
@click.option("--figures", is_flag=True, help="draw the study's figures as well, as `suite figure all` does")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="file (default: the study's report.html)")
@click.option("--receipt", type=click.Path(path_type=Path), default=None, help="write a receipt with its hash here")
def report(
    study: str,
    results: Path,
    baseline: str | None,
    tables: Path | None,
    figures: bool,
    out: Path | None,
    receipt: Path | None,
) -> None:
    """Make one page of a study to read and to send: curves, tables, verdicts, provenance. It needs no network.

    \b
    Example: suite report quick
    """
    from suite.cli.reports import draw, drawing_receipt, figure_lines
    from suite.report.facts import gather
    from suite.report.page import write
    from suite.results.provenance import write_receipt

    if figures and tables is not None:
        raise SuiteError("--figures: drawn from the cube, in whose place --tables stands; leave one of them out")
    context = context_of(study, results, None)
    path, named = out or context.folder / "report.html", context.study.figures
    drawn = draw("all", context, None) if figures else []
    for line in figure_lines(drawn, named):
        click.echo(line)
    write(gather(context, baseline, tables), path)
    click.echo(f"{path}")
    if receipt is not None:
        write_receipt(receipt, drawing_receipt(drawn, named, context, [path]))
