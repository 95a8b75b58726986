"""The verb that compares the methods of a study."""

from __future__ import annotations

from pathlib import Path

import click

from suite.cli.options import RESULTS, STUDY, context_of


@click.command()
@STUDY
@RESULTS
@click.option("--baseline", default="erm", show_default=True, help="the method label that the others are held against")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="published tables, in place of the cube")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="folder (default: the study's comparison/)")
def compare(study: str, results: Path, baseline: str, tables: Path | None, out: Path | None) -> None:
    """Compare the methods of a study: intervals, corrected differences, tolerated sigma, ranks.

    \b
    Example: suite compare reference --tables results/reference/tables --out comparison
    """
    from suite.statistics.comparison.report import compare as compared
    from suite.statistics.comparison.report import write
    from suite.statistics.comparison.scores import measures_in, published_scores, scores_by_seed

    context = context_of(study, results, None)
    scores = published_scores(tables) if tables else scores_by_seed(context.cube)
    measures = measures_in(scores, context.study.plugins, context.study.workload_files)
    found = compared(scores, baseline, measures)
    for path in write(found, out or context.folder / "comparison", f"Study {context.study.name}"):
        click.echo(f"{path}")
