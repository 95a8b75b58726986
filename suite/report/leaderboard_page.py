"""The leaderboard as a page of the documentation, and as a CSV beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from suite.report.leaderboard import BOARD, rows
from suite.results.files import write_bytes
from suite.statistics.comparison.report import bounded

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# In the page; what is written around them is nobody's but its authors'.
OPEN, CLOSE = "<!-- boards -->\n", "<!-- end -->\n"


def write(roots: Iterable[Path], page: Path) -> list[Path]:
    """The boards into their place in the page, and a CSV beside it. Raises SuiteError where no table has a curve."""
    found, table = rows(roots), page.with_suffix(".csv")
    before, _, rest = (page.read_text() if page.is_file() else OPEN + CLOSE).partition(OPEN)
    write_bytes(page, (before + OPEN + markdown(found) + CLOSE + rest.partition(CLOSE)[2]).encode())
    write_bytes(table, found.to_csv(index=False, lineterminator="\n", float_format="%.6g").encode())
    return [page, table]


def markdown(found: DataFrame) -> str:
    """The boards, and the studies that they are of; found: as of `rows`."""
    parts = []
    for (workload, score, source), own in found.groupby(BOARD[:3], sort=False):
        parts.append(f"## {workload}, {score} ({source})\n")
        for _, board in own.groupby(BOARD[3:], sort=False):
            parts += [_caption(board), _table(board)]
    return "\n".join([*parts, "## The studies\n", _studies(found)])


def _caption(board: DataFrame) -> str:
    first, levels = board.iloc[0], board["levels"].iloc[0].split()
    settings = first["settings"].partition("@")[0].removesuffix("()")
    return (
        f"`{settings}` on `{first['crossbar']}`, {len(levels)} levels of usability from {levels[0]} to {levels[-1]}:\n"
    )


def _table(board: DataFrame) -> str:
    head = ["contestant", "study", "seeds", "clean", "σ, 10 points lost", "σ, half to chance", "area", "− ERM"]
    return _markdown(head, (_row(row) for _, row in board.iterrows()))


def _row(row: Series) -> list[str]:
    named = [f"`{row['contestant']}`", f"`{row['study']}`", str(row["n_seeds"])]
    clean = bounded(*row[["clean", "clean_low", "clean_high"]])
    quantities = ("sigma_10_points", "sigma_half_to_chance", "area")
    shown = [bounded(row[name], row[f"{name}_low"], row[f"{name}_high"], row[f"{name}_beyond"]) for name in quantities]
    apart = row[["area_difference", "area_difference_low", "area_difference_high"]]
    return [*named, clean, *shown, bounded(*apart) if apart.notna().all() else ""]


def _studies(found: DataFrame) -> str:
    known = found[["study", "tables", "scale", "trials", "commit"]].drop_duplicates().sort_values("tables")
    head = ["study", "tables", "scale", "trainings of a search", "computed at"]
    return _markdown(
        head,
        [
            [f"`{row.study}`", f"`{row.tables}`", row.scale, str(row.trials), f"`{row.commit}`"]
            for row in known.itertuples()
        ],
    )


def _markdown(head: list[str], lines: Iterable[list[str]]) -> str:
    shown = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in shown)
