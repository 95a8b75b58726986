"""The committed scores of the study `reference_kitti`, as the pages tell them."""

from __future__ import annotations

from pathlib import Path

import pandas

TABLES = Path(__file__).parents[2] / "results" / "reference" / "tables" / "kitti" / "comparison"


def kitti(score: str) -> pandas.DataFrame:
    """BayesMulti at rates of 0.1 against plain training, by sigma, at the levels that the pages show."""
    found = pandas.read_csv(TABLES / "differences.csv")
    found = found[found["score"] == score].set_index("sigma_log").sort_index()
    return found.loc[[0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5]]
