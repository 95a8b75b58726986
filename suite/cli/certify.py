"""The verb that certifies trained states."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from suite.cli.options import DEVICE, RESULTS, ROOT, STUDY, context_of


@click.command()
@STUDY
@RESULTS
@ROOT
@click.option("--workload", required=True, help="a classifier of the study")
@click.option("--method", "labels", multiple=True, required=True, help="a method label of the study (may be repeated)")
@click.option("--seed", type=int, default=0, show_default=True, help="which training of it")
@click.option("--rate", type=click.FloatRange(0, 1), default=None, help="P(0) of the masks (default: as in training)")
@click.option(
    "--half-share", type=click.FloatRange(0, 1), default=None, help="P(1/2) / (1 - P(0)) (default: as in training)"
)
@click.option("--masks", type=click.IntRange(min=1), default=10_000, show_default=True, help="behind every bound")
@click.option("--confidence", type=float, default=0.999, show_default=True, help="that all bounds hold together")
@click.option("--patterns", type=click.IntRange(min=1), default=20, show_default=True, help="random sets of faults")
@click.option("--pattern-masks", type=click.IntRange(min=1), default=500, show_default=True, help="to judge each set")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="folder (default: the study's certificates/)"
)
@DEVICE
def certify(
    study: str,
    results: Path,
    data_root: Path | None,
    workload: str,
    labels: tuple[str, ...],
    seed: int,
    rate: float | None,
    half_share: float | None,
    masks: int,
    confidence: float,
    patterns: int,
    pattern_masks: int,
    out: Path | None,
    device: Literal["cpu", "cuda"],
) -> None:
    """Prove how many cells may fail before predictions change: for trained states that are read under random masks.

    What it does not cover: the network without masks, and noise that moves every cell.

    \b
    Example: suite certify digits_certificate --workload digits_logistic --method bayesmulti/p090
    """
    from suite.certify.certificate import Effort
    from suite.report.certificate import certificates, lines, write

    if not 0 < confidence < 1:
        raise click.BadParameter("lies between 0 and 1, both excluded", param_hint="--confidence")
    context = context_of(study, results, data_root, (workload,), device)
    effort = Effort(masks, confidence, patterns, pattern_masks)
    found = certificates(context, workload, labels, seed, effort, rate, half_share)
    for line in lines(found):
        click.echo(line)
    for path in write(found, context, workload, seed, out or context.folder / "certificates"):
        click.echo(f"{path}")
