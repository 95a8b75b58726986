"""What the authors' PointPillars reached on KITTI under noise: 3D AP (40 recall samples, strict overlaps) of every
programming that they stored.

Source: github.com/qiaosun22/BayesMultiOpenPCDet, commit 23a5b31 (Ye et al., arXiv:2412.02779, figure 3). Their noise
multiplies every parameter, those of batch normalisation and biases too, by exp(N(0, sigma)), with the sigma of a
measured device; that the numbers do not fall steadily with it is so in their logs.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean

TABLE = Path(__file__).parent / "kitti_authors_ap.csv"
CLASSES, DIFFICULTIES = ("car", "pedestrian", "cyclist"), ("easy", "moderate", "hard")


@dataclass(frozen=True)
class AuthorsPoint:
    """Means over programmings (count) of one method at one sigma_log: easy, moderate, hard, of the three classes'
    mean, and the average of these; as shares of 1."""

    method: str
    sigma_log: float
    count: int
    easy: float
    moderate: float
    hard: float
    average: float

    @property
    def usability(self) -> float:
        """exp(-sigma_log); what their log calls so is another number."""
        return math.exp(-self.sigma_log)


@cache
def authors_points() -> tuple[AuthorsPoint, ...]:
    """By method and sigma."""
    found: dict[tuple[str, float], list[dict[str, str]]] = defaultdict(list)
    with TABLE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["method"], float(row["sigma"])].append(row)
    return tuple(_point(method, sigma, rows) for (method, sigma), rows in sorted(found.items()))


def _point(method: str, sigma: float, rows: list[dict[str, str]]) -> AuthorsPoint:
    easy, moderate, hard = (
        fmean(float(row[f"{kind}_{level}"]) / 100 for row in rows for kind in CLASSES) for level in DIFFICULTIES
    )
    return AuthorsPoint(method, sigma, len(rows), easy, moderate, hard, average=fmean((easy, moderate, hard)))
