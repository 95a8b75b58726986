"""What the tables of a comparison allow to say, in sentences: by the rules of `compare`, and nothing beyond them.

A method is ahead at a condition where its difference to the baseline, paired by seed, is significant after Holm's
correction over all methods and conditions of the workload's score. All else is left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.condition_words import in_words
from suite.statistics.comparison.report import LEVEL, Comparison
from suite.statistics.comparison.scores import Measures, measure_of

if TYPE_CHECKING:
    from pandas import DataFrame

# A bootstrap over fewer is narrower than it should be (README, on coverage).
FEWEST_SEEDS = 5
_NAMED = 3
# A difference in sigma that two decimals do not show.
_SMALLEST = 0.005


@dataclass(frozen=True)
class Verdict:
    """about: contestant and score; text: sentences."""

    about: str
    text: str


def verdicts(comparison: Comparison, measures: Measures, workload: str) -> Iterator[Verdict]:
    """Sentences on the main score of a workload, on each of its test sets, contestant by contestant."""
    main = next(iter(measures[workload]))
    found = comparison.differences
    own = (
        found[(found["workload"] == workload) & (found["score"].str.partition("@")[0] == main)] if len(found) else found
    )
    for (score, contestant), rows in own.groupby(["score", "contestant"], sort=False) if len(own) else ():
        sign = 1 if measure_of(measures, workload, score).higher_is_better else -1
        told = [_told(rows, comparison.baseline, sign), *_tolerance(comparison, workload, score, contestant)]
        yield Verdict(f"{contestant}, {score}", ". ".join(told) + ".")


def _told(rows: DataFrame, baseline: str, sign: int) -> str:
    if rows["n_seeds"].max() < 2:
        return f"one seed, so no difference to {baseline} is tested"
    shown = rows[rows["p_holm"] < LEVEL]
    ahead, behind = (shown[direction * sign * shown["difference"] > 0] for direction in (1, -1))
    parts = [
        f"{word} {baseline} {_where(own, len(rows))}"
        for word, own in (("ahead of", ahead), ("behind", behind))
        if len(own)
    ]
    if not parts:
        return f"no difference to {baseline} is shown at any of {len(rows)} conditions"
    left = len(rows) - len(shown)
    return "; ".join([*parts, *([f"nothing is shown at the other {left}"] if left else [])])


def _where(rows: DataFrame, of: int) -> str:
    """At which conditions, and by how much at most."""
    words = [in_words(key) for key in rows["condition"]]
    most = rows.loc[rows["difference"].abs().idxmax()]
    size = f"{abs(most['difference']):.3f} {_between(most, 'low', 'high')}"
    if len(words) == 1:
        return f"at {words[0]} (1 of {of} conditions) by {size}"
    listed = ", ".join(words) if len(words) <= _NAMED else f"{words[0]} to {words[-1]}"
    told = f"at all {of} conditions" if len(words) == of else f"at {listed} ({len(words)} of {of} conditions)"
    return f"{told}, most by {size} at {in_words(most['condition'])}"


def _between(row: Any, low: str, high: str) -> str:
    """An interval without its sign, as the sentence has said the direction."""
    ends = sorted((row[low], row[high]), key=abs)
    return f"[{abs(ends[0]):.3f}, {abs(ends[1]):.3f}]"


def _tolerance(comparison: Comparison, workload: str, score: str, contestant: str) -> Iterator[str]:
    """Where the interval of a difference in tolerated sigma leaves 0 out."""
    found = comparison.robustness
    if not len(found):
        return
    half = found[(found["workload"] == workload) & (found["score"] == score)]
    half = half[half["quantity"] == "sigma_half_to_chance"]
    for settings, rows in half.groupby("settings", sort=False):
        by_contestant = {row["contestant"]: row for _, row in rows.iterrows()}
        own, base = by_contestant.get(contestant), by_contestant.get(comparison.baseline)
        if own is None or base is None or min(own["n_seeds"], base["n_seeds"]) < FEWEST_SEEDS:
            continue
        if not own["difference_low"] * own["difference_high"] > 0 or abs(own["difference"]) < _SMALLEST:
            continue
        place = in_words(str(settings)).strip()
        yield (
            f"Half of the way to chance is lost{f' {place}' if place else ''} at sigma {_sigma(own)}, of "
            f"{comparison.baseline} at {_sigma(base)} (difference {own['difference']:+.2f} "
            f"[{own['difference_low']:+.2f}, {own['difference_high']:+.2f}])"
        )


def _sigma(row: Any) -> str:
    return f"{row['value']:.2f}" + (" or beyond" if row["beyond"] else "")
