"""An evaluation as rows of a CSV file, and as lines to read."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence

from suite.data.kitti.evaluation.curves import SAMPLES
from suite.data.kitti.evaluation.evaluation import Evaluation, Precision
from suite.data.kitti.evaluation.rules import DIFFICULTIES

COLUMNS = ("overlaps", "metric", "class", "difficulty", "ap_r11", "ap_r40")


def as_csv(found: Sequence[Precision]) -> str:
    """One row per average precision in percent with 6 digits; empty where the official program gives none."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in found:
        numbers = ("" if math.isnan(number) else f"{number:.6f}" for number in (one.r11, one.r40))
        rows.writerow((one.overlaps, one.metric, one.kind, one.difficulty, *numbers))
    return text.getvalue()


def lines(evaluation: Evaluation, found: Sequence[Precision]) -> Iterator[str]:
    """A table of all average precisions, then what is to be known about classes with few objects."""
    names = "".join(f"{name:>10}" for name in DIFFICULTIES)
    yield f"{'AP in percent':28}{'R40':>5}{names}{'R11':>7}{names}"
    step = len(DIFFICULTIES)
    for start in range(0, len(found), step):
        row = found[start : start + step]
        head = f"{row[0].overlaps:8}{row[0].metric:5}{row[0].kind:15}"
        yield f"{head}{'':5}{_numbers([one.r40 for one in row])}{'':7}{_numbers([one.r11 for one in row])}"
    yield from _remarks(evaluation, [one for one in found if (one.overlaps, one.metric) == ("strict", "3d")])


def _remarks(evaluation: Evaluation, found: Sequence[Precision]) -> Iterator[str]:
    for one in found:
        told = f"{one.kind} {one.difficulty}: {one.counted} objects count"
        if 0 < one.counted < SAMPLES:
            ceiling = 100 * (one.counted - 1) / (SAMPLES - 1)
            honest = evaluation.all_points(one.overlaps, one.metric, one.kind, one.difficulty)
            told += f"; of fewer than {SAMPLES} even all found give R40 {ceiling:.1f}; all-point AP, 3d: {honest:.2f}"
        yield told


def _numbers(values: Sequence[float]) -> str:
    return "".join(f"{'-' if math.isnan(value) else f'{value:.2f}':>10}" for value in values)
