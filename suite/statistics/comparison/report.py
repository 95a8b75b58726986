"""A comparison as files: CSV of every table, and one page of them as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.contract.condition_words import in_words
from suite.contract.names import meant
from suite.results.files import write_bytes
from suite.results.tables import write_tables
from suite.statistics.comparison.robustness import QUANTITIES, ranks, robustness
from suite.statistics.comparison.scores import CONDITION, Measures
from suite.statistics.comparison.tables import cells, differences
from suite.statistics.ranks import FEWEST_METHODS, FEWEST_WORKLOADS, Ranking

if TYPE_CHECKING:
    from pandas import DataFrame

LEVEL = 0.05
NOTE = (
    "Mean over seeds ± half of the 95 % t interval. A star: differs from {baseline}, paired by seed, at 5 % after "
    "Holm's correction over all methods and conditions of the table."
)
TITLES = {
    "sigma_5_points": "sigma, 5 points lost",
    "sigma_10_points": "sigma, 10 points lost",
    "sigma_half_to_chance": "sigma, half to chance",
    "area": "area",
}


@dataclass(frozen=True)
class Comparison:
    """All methods of a study against one baseline."""

    baseline: str
    cells: DataFrame
    differences: DataFrame
    robustness: DataFrame
    ranking: Ranking | None


def compare(scores: DataFrame, baseline: str, measures: Measures) -> Comparison:
    """scores: as of `scores_by_seed`. Raises SuiteError for an unknown baseline and where nothing is scored."""
    if scores.empty:
        raise SuiteError("nothing is scored yet; `suite run` the study first")
    if baseline not in set(scores["contestant"]):
        known = sorted(set(scores["contestant"]))
        raise SuiteError(f"--baseline {baseline}: no such method{meant(baseline, known)}")
    found = robustness(scores, baseline, measures)
    ranked = ranks(found, measures) if len(found) else None
    return Comparison(baseline, cells(scores), differences(scores, baseline, measures), found, ranked)


def write(comparison: Comparison, folder: Path, title: str) -> list[Path]:
    """comparison.md and comparison.tex in `folder`, and as far as they have rows cells.csv, differences.csv,
    robustness.csv and ranks.csv."""
    tables = {
        "cells.csv": comparison.cells,
        "differences.csv": comparison.differences,
        "robustness.csv": comparison.robustness,
        "ranks.csv": _ranks(comparison.ranking),
    }
    pages = {folder / "comparison.md": markdown(comparison, title), folder / "comparison.tex": latex(comparison, title)}
    for path, text in pages.items():
        write_bytes(path, text.encode())
    return [*write_tables(folder, tables), *pages]


def _ranks(ranking: Ranking | None) -> DataFrame:
    import pandas

    if ranking is None:
        return pandas.DataFrame()
    return ranking.average.rename("average_rank").rename_axis("contestant").reset_index()


def markdown(comparison: Comparison, title: str) -> str:
    """The page as GitHub's Markdown."""
    parts = [f"# {title}", NOTE.format(baseline=comparison.baseline)]
    for heading, table in _tables(comparison):
        parts += [f"## {heading}", table.to_markdown(index=False, disable_numparse=True)]
    return "\n\n".join([*parts, *_without_sigma(comparison.cells), ranked(comparison.ranking)]) + "\n"


def latex(comparison: Comparison, title: str) -> str:
    """The same tables for a paper, with booktabs."""
    parts = [f"% {title}. {NOTE.format(baseline=comparison.baseline)} Needs the package booktabs.\n"]
    for heading, table in _tables(comparison):
        shown = table.map(_escaped).rename(columns=_escaped)
        parts.append(shown.style.hide(axis="index").to_latex(hrules=True, caption=_escaped(heading), position="htb"))
    said = [*_without_sigma(comparison.cells), ranked(comparison.ranking)]
    return "\n".join([*parts, *(f"% {line}" for line in said)]) + "\n"


def _tables(comparison: Comparison) -> Iterator[tuple[str, DataFrame]]:
    """Per workload and score: scores by condition, then the numbers of the curves."""
    for (workload, score), part in comparison.cells.groupby(["workload", "score"], sort=True):
        source = part["source"].iloc[0]
        yield f"{workload}, {score} ({source})", _scores(part, comparison.differences)
        found = comparison.robustness
        if len(found) and len(own := found[(found["workload"] == workload) & (found["score"] == score)]):
            yield f"{workload}, {score}: what is tolerated, with 95 % bootstrap intervals over seeds", _tolerated(own)


def _scores(part: DataFrame, compared: DataFrame) -> DataFrame:
    """One row per condition, one column per method."""
    half = (part["high"] - part["low"]) / 2
    spread = [f" ± {width:.4f}" if width == width else "" for width in half]
    text = [f"{mean:.4f}{more}" for mean, more in zip(part["mean"], spread, strict=True)]
    if len(compared):
        apart = compared[compared["p_holm"] < LEVEL]
        starred = set(zip(apart["workload"], apart["score"], apart["condition"], apart["contestant"], strict=True))
        keys = zip(part["workload"], part["score"], part["condition"], part["contestant"], strict=True)
        text = [entry + "*" * (key in starred) for entry, key in zip(text, keys, strict=True)]
    table = part.assign(text=text).pivot(index=[*CONDITION, "usability"], columns="contestant", values="text")
    table = table.reset_index().sort_values(["crossbar", "sigma_log", "condition"], kind="stable")
    usability = [f"{value:.3g}" if value == value else "" for value in table["usability"]]
    shown = {"condition": table["condition"].map(in_words), "usability": usability}
    return table.drop(columns=[*CONDITION, "usability"]).fillna("").pipe(_led_by, shown)


def _tolerated(own: DataFrame) -> DataFrame:
    """One row per curve and contestant, one column per quantity."""
    text = [bounded(row.value, row.low, row.high, row.beyond) for row in own.itertuples()]
    table = own.assign(text=text).pivot(index=["settings", "contestant"], columns="quantity", values="text")
    return table[list(QUANTITIES)].rename(columns=TITLES).rename_axis(columns=None).reset_index()


def bounded(value: float, low: float, high: float, beyond: bool = False) -> str:
    """A number with its interval, if it has one; beyond: it is a lower bound."""
    return f"{'≥ ' * beyond}{value:.3f}" + (f" [{low:.3f}, {high:.3f}]" if low == low else "")


def _led_by(table: DataFrame, first: dict[str, object]) -> DataFrame:
    return table.assign(**first)[[*first, *table.columns]].rename_axis(columns=None)


def _without_sigma(found: DataFrame) -> list[str]:
    """A line for the devices whose conditions are on no curve."""
    devices = sorted(found.loc[found["sigma_log"].isna(), "device"].unique())
    told = "No sigma, so neither a tolerated one nor an area nor a rank: conditions of"
    return [f"{told} {', '.join(devices)}."] if devices else []


def ranked(ranking: Ranking | None) -> str:
    """The ranks in words, with their tests where there are enough workloads and methods."""
    if ranking is None:
        return "No ranks: no curve holds three levels of sigma and the perfect crossbar."
    average = ", ".join(f"{contestant} {rank:.2f}" for contestant, rank in ranking.average.items())
    said = f"Average rank by area over {ranking.workloads} workload(s), 1 is best: {average}."
    if ranking.friedman_p is None:
        return f"{said} No test of ranks: it takes {FEWEST_WORKLOADS} workloads and {FEWEST_METHODS} methods."
    return f"{said} Friedman test: p = {ranking.friedman_p:.2g}."


def _escaped(text: str) -> str:
    for plain, tex in (("_", r"\_"), ("%", r"\%"), ("±", r"$\pm$"), ("≥", r"$\geq$"), ("&", r"\&")):
        text = text.replace(plain, tex)
    return text
