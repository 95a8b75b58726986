"""The verb that evaluates 3D detections by KITTI's official rules."""

from __future__ import annotations

from pathlib import Path

import click

CSV = click.option(
    "--csv",
    "out",
    type=click.Path(path_type=Path, allow_dash=True),
    default=None,
    help="also write rows; -: print them",
)


@click.group()
def kitti() -> None:
    """Evaluate detections in the format of the KITTI object set.

    \b
    Example: suite kitti evaluate label_2 detections
    """


@kitti.command()
@click.argument("labels", type=click.Path(path_type=Path))
@click.argument("detections", type=click.Path(path_type=Path))
@click.option("--frames", type=click.Path(path_type=Path), default=None, help="only these, as ImageSets/val.txt")
@CSV
def evaluate(labels: Path, detections: Path, frames: Path | None, out: Path | None) -> None:
    """Official AP of the detection files in a folder against the label files in another.

    \b
    Example: suite kitti evaluate label_2 detections --csv ap.csv
    """
    from suite.data.kitti.evaluation import Evaluation
    from suite.data.kitti.evaluation.files import read_frames
    from suite.data.kitti.evaluation.table import as_csv, lines

    evaluation = Evaluation(*read_frames(labels, detections, frames))
    found = list(evaluation.precisions())
    if str(out) == "-":
        click.echo(as_csv(found), nl=False)
        return
    for line in lines(evaluation, found):
        click.echo(line)
    if out is not None:
        out.write_text(as_csv(found))
        click.echo(f"{out}")
