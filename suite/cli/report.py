"""The verb that makes a page of a study."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import click

from suite.cli.options import RESULTS, context_of
from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.plan.context import Context

# What takes long to load of what figures and pages are made with.
_FOR_ALL = (
    "bokeh.embed",
    "dask.array",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "xarray",
    "zarr",
)


@click.command()
@click.argument("studies", nargs=-1, required=True)
@RESULTS
@click.option("--baseline", default=None, help="label that the others are held against (default: erm, else the first)")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="published tables, in place of the cube")
@click.option("--figures", is_flag=True, help="draw the study's figures as well, as `suite figure all` does")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="file (default: the study's report.html)")
@click.option("--cpus", type=click.IntRange(min=1), default=None, help="at most so many pages at a time (default: all)")
def report(
    studies: tuple[str, ...],
    results: Path,
    baseline: str | None,
    tables: Path | None,
    figures: bool,
    out: Path | None,
    cpus: int | None,
) -> None:
    """Make one page of a study to read and to send: curves, tables, verdicts, provenance. It needs no network.

    Several studies: a page for each. With --figures there is a receipt, receipts/report.json, unless --out is given.

    \b
    Example: suite report quick
    """
    from suite.cli.forked import forked
    from suite.figures.fonts import families
    from suite.results.cpus import allowed_cpus
    from suite.studies.study import by_name

    if figures and tables is not None:
        raise SuiteError("--figures: drawn from the cube, in whose place --tables stands; leave one of them out")
    for option, value in (("--tables", tables), ("--out", out)):
        if value is not None and len(studies) > 1:
            raise SuiteError(f"{option} {value}: of one study, but {len(studies)} are named; give it for one at a time")
    contexts = [context_of(study, results, None) for study in studies]
    by_name([context.study for context in contexts])
    if figures and len(contexts) > 1:
        for module in _FOR_ALL:
            import_module(module)
        families()
    started_s = process_time() / len(contexts)
    page = partial(_page, baseline=baseline, tables=tables, figures=figures, out=out, started_s=started_s)
    for lines in forked(page, contexts, cpus or allowed_cpus()):
        for line in lines:
            click.echo(line)


def _page(
    context: Context, *, baseline: str | None, tables: Path | None, figures: bool, out: Path | None, started_s: float
) -> list[str]:
    """Write page, figures and receipt; gives what to tell. started_s: this page's share of the CPU seconds before."""
    from suite.cli.reports import draw, drawing_receipt, figure_lines
    from suite.report.facts import gather
    from suite.report.page import write
    from suite.results.provenance import write_receipt

    before_s, named = process_time(), context.study.figures
    drawn = draw("all", context, None) if figures else []
    path = out or context.folder / "report.html"
    write(gather(context, baseline, tables), path)
    if figures and out is None:
        cpu_s = started_s + process_time() - before_s
        write_receipt(
            context.folder / "receipts" / "report.json", drawing_receipt(drawn, named, context, cpu_s, [path])
        )
    return [*figure_lines(drawn, named), f"{path}"]
