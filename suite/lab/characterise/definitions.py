"""The 43 devices by the paper's definition of sigma and by ours over the whole loop, and what becomes of the ranking.

`python -m suite.lab.characterise.definitions` prints the table of results/reference/devices.md.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.data.facts import SOURCE, Workbook, perovskite_workbooks

if TYPE_CHECKING:
    from pandas import DataFrame

OPEN, CLOSE = "<!-- devices -->\n", "<!-- end -->\n"
HEADER = (
    "| | device | stored σ | recomputed | σ, whole loop | m | m, whole | sweep | sweep, whole | at limit | whole |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|\n"
)


def devices() -> DataFrame:
    """One row per device, in the order of the table. sigma_authors: as stored, else recomputed; _whole: log ratio over
    the whole loop; at_limit: share of the window's samples on the compliance limit; rank_: 1 for the smallest sigma
    among the 37 of which one is stored."""
    import pandas

    books = [book for book in perovskite_workbooks() if book.stands]
    rows = pandas.DataFrame([_row(number, book) for number, book in enumerate(books, start=1)])
    stored = rows[rows["stored"]]
    for of in ("authors", "whole"):
        rows[f"usability_{of}"] = (-rows[f"sigma_{of}"]).map(math.exp)
        rows[f"rank_{of}"] = stored[f"sigma_{of}"].rank()
    return rows.assign(workload="", source=SOURCE)


def _row(number: int, book: Workbook) -> dict[str, object]:
    recomputed = book.authors.sigma_log if book.authors else math.nan
    return {
        "number": number,
        "device": book.device,
        "stored": book.sigma_stored is not None,
        "reproduced": book.reproduced,
        "sigma_authors": recomputed if book.sigma_stored is None else book.sigma_stored,
        "sigma_whole": book.whole.sigma_log,
        "low": book.low,
        "high": book.high,
        "usability_low": math.exp(-book.high),
        "usability_high": math.exp(-book.low),
        "mono_len_authors": book.authors.mono_len if book.authors else math.nan,
        "mono_len_whole": book.whole.mono_len,
        "sweep_authors": book.authors.sweep if book.authors else "",
        "sweep_whole": book.whole.sweep,
        "at_limit_authors": book.authors.at_limit if book.authors else math.nan,
        "at_limit_whole": book.whole.at_limit,
    }


def rank_correlation(rows: DataFrame) -> float:
    """Spearman's, of the two sigmas."""
    from scipy.stats import spearmanr

    known = rows.dropna(subset=["sigma_authors"])
    return float(spearmanr(known["sigma_authors"], known["sigma_whole"]).statistic)


def lines() -> str:
    """The table as Markdown, a line for each device."""
    books = [book for book in perovskite_workbooks() if book.stands]
    return HEADER + "".join(_line(number, book) for number, book in enumerate(books, start=1))


def _line(number: int, book: Workbook) -> str:
    authors, whole = book.authors, book.whole
    cells = [
        str(number),
        f"`{book.device}`",
        "" if book.sigma_stored is None else f"{book.sigma_stored:.3g}",
        f"{authors.sigma_log:.3g}" if authors else f"none: {book.refused}",
        f"{whole.sigma_log:.3g} [{book.low:.3g}, {book.high:.3g}]",
        f"{authors.mono_len}" if authors else "",
        f"{whole.mono_len}",
        authors.sweep if authors else "",
        whole.sweep,
        f"{authors.at_limit:.0%}" if authors else "",
        f"{whole.at_limit:.0%}",
    ]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    print(OPEN + lines() + CLOSE, end="")
