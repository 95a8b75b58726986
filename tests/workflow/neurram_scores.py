"""The committed scores of the study `neurram`, as the pages tell them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas

TABLES = Path(__file__).parents[2] / "results" / "reference" / "tables" / "neurram"
CHIP, SOFTWARE, NOISE = "rram40(seconds=100000)@chip", "generic(noise=0)@weights", "generic(noise=0.1)@weights"
# {what: (workload, score, decimals)}
SCORES = {
    "digits": ("neurram_mnist", "accuracy", 2),
    "speech": ("neurram_speech", "accuracy", 1),
    "pixels": ("neurram_rbm", "reduction", 1),
    "bottom": ("neurram_rbm", "reduction@bottom", 1),
}


@cache
def _means() -> pandas.Series:
    found = pandas.read_csv(TABLES / "scores.csv")
    return found.groupby(["workload", "score", "contestant", "condition"])["mean"].mean()


def percent(what: str, contestant: str, condition: str) -> float:
    """Mean over seeds."""
    workload, score, _ = SCORES[what]
    return 100 * float(_means()[workload, score, contestant, condition])


def shown(what: str, contestant: str, condition: str) -> str:
    """The same as text, with the decimals of the pages."""
    return f"{percent(what, contestant, condition):.{SCORES[what][2]}f}"
