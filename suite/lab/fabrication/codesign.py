"""From a suggested recipe to what every workload would score on it: predicted sigma read off a cube's curves.

A curve is the mean score over seeds against sigma_log, linear between the levels that the cube holds; it is never
continued beyond them. The interval of a score is an envelope: the lowest and highest value of the curve's own 95 % t
band over all sigma in the recipe's interval. It is conservative, for both ends assume the worst of both sources.

Sigma says nothing of the monotone length: every prediction assumes a device that rises over all 35 levels of the
mapping. Over the whole loop 5 of the 37 measured devices do not; by the paper's definition, which cuts the loop, 14.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.contract import SuiteError
from suite.lab.fabrication.table import read_lines
from suite.results.cube import to_frame
from suite.statistics.paired import interval

Array = np.ndarray[Any, Any]

SIGMAS = ("predicted_sigma", "sigma_low", "sigma_high")
SUGGESTED = (*SIGMAS, "interval_level")
ASSUMES = (
    "monotone over all 35 levels, which sigma does not tell (over the whole loop 5 of the 37 measured devices are not)"
)
CURVE = ["workload", "source", "score", "contestant"]


class CodesignError(SuiteError):
    """Suggestions or a cube that cannot be put together; the message says what to change."""


@dataclass(frozen=True)
class Curve:
    """Levels of sigma_log, rising, with the mean score over seeds and the half width of its 95 % t interval."""

    sigma_log: Array
    mean: Array
    half_width: Array

    def score(self, sigma: float) -> float:
        """The mean score at sigma; NaN outside the levels."""
        return float(np.interp(sigma, self.sigma_log, self.mean)) if self.holds(sigma) else math.nan

    def envelope(self, low: float, high: float) -> tuple[float, float]:
        """Lowest and highest end of the t band over sigma from low to high; NaN where that leaves the levels."""
        if not (self.holds(low) and self.holds(high)):
            return math.nan, math.nan
        inside = self.sigma_log[(self.sigma_log > low) & (self.sigma_log < high)]
        places = np.array([low, *inside, high])
        lower = np.interp(places, self.sigma_log, self.mean - self.half_width)
        upper = np.interp(places, self.sigma_log, self.mean + self.half_width)
        return float(lower.min()), float(upper.max())

    def holds(self, sigma: float) -> bool:
        """Whether sigma lies within the levels."""
        return bool(self.sigma_log[0] <= sigma <= self.sigma_log[-1])


def read_suggestions(path: Path) -> DataFrame:
    """The columns SUGGESTED of a file that `suite fab suggest --csv` wrote. Raises SuiteError."""
    lines = read_lines(path)
    if lacking := [name for name in SUGGESTED if name not in next(iter(lines.values()))]:
        raise CodesignError(f"{path}: has no column {lacking[0]!r}; write it with `suite fab suggest --csv FILE`")
    rows = []
    for number, line in lines.items():
        try:
            predicted, low, high, level = (float(line[name]) for name in SUGGESTED)
        except ValueError as error:
            raise CodesignError(f"{path}: row {number}: {error}; predictions are numbers") from error
        if not (0 <= low <= predicted <= high and math.isfinite(predicted)):
            raise CodesignError(f"{path}: row {number}: needs 0 <= sigma_low <= predicted_sigma <= sigma_high")
        if not 0 < level < 1:
            raise CodesignError(f"{path}: row {number}: interval_level lies between 0 and 1, got {level:g}")
        rows.append((predicted, low, high, level))
    return DataFrame(rows, columns=list(SUGGESTED))


def curves(cube: Path) -> dict[tuple[str, ...], Curve]:
    """The curve of every workload, source, score and contestant in a cube, of the log-normal device on plain weights.

    Raises CodesignError where there is none, or where two conditions share a level.
    """
    cells = to_frame(cube)
    plain = cells[(cells["device"] == "lognormal") & (cells["crossbar"] == "weights") & (cells["curve_source"] == "")]
    if plain.empty:
        raise CodesignError(f"{cube}: holds no finished level of the log-normal device on the crossbar `weights`")
    by_level = plain.groupby([*CURVE, "sigma_log"], sort=True)
    if (by_level["condition"].nunique() > 1).any():
        raise CodesignError(f"{cube}: two conditions share a sigma and differ in settings; give one its own crossbar")
    seeds = plain.groupby([*CURVE, "sigma_log", "seed"], sort=True)["value"].mean()
    return {key: _curve(group.droplevel(CURVE)) for key, group in seeds.groupby(level=CURVE, sort=False)}


def _curve(by_seed: Any) -> Curve:
    """From seed means with the index (sigma_log, seed)."""
    levels = {sigma: interval(group.to_numpy()) for sigma, group in by_seed.groupby(level="sigma_log", sort=True)}
    columns = [(sigma, found.mean, found.half_width) for sigma, found in levels.items()]
    return Curve(*(np.array(column) for column in zip(*columns, strict=True)))


def predicted_scores(suggestions: DataFrame, found: dict[tuple[str, ...], Curve]) -> DataFrame:
    """One row per suggestion and curve: predicted usability and score with intervals; `note` says what is not known.

    interval_level is that of the intervals of sigma and usability; `assumes` is what every score takes for granted.
    suggestions: with the columns SUGGESTED, in the order in which they were suggested (numbered from 1).
    """
    rows = []
    for place, suggestion in enumerate(suggestions[list(SUGGESTED)].itertuples(index=False, name=None), start=1):
        sigma, low, high, _ = suggestion
        sigmas = {"suggestion": place, **dict(zip(SUGGESTED, suggestion, strict=True))}
        usability = {"predicted_usability": np.exp(-sigma), "usability_low": np.exp(-high)}
        for key, curve in found.items():
            score_low, score_high = curve.envelope(low, high)
            score = {"predicted_score": curve.score(sigma), "score_low": score_low, "score_high": score_high}
            labels = dict(zip(CURVE, key, strict=True))
            rows.append({**sigmas, **usability, "usability_high": np.exp(-low), **labels, **score})
            rows[-1] |= {"note": _note(curve, sigma, low, high), "assumes": ASSUMES}
    return DataFrame(rows)


def _note(curve: Curve, sigma: float, low: float, high: float) -> str:
    levels = f"the cube's levels (sigma {curve.sigma_log[0]:g} to {curve.sigma_log[-1]:g})"
    if not curve.holds(sigma):
        return f"outside {levels}"
    if not (curve.holds(low) and curve.holds(high)):
        return f"interval reaches outside {levels}"
    return "one seed: no interval" if np.isnan(curve.half_width).any() else ""


def lines(table: DataFrame) -> Iterator[str]:
    """Predicted scores as text."""
    yield f"assumed of every suggestion: {ASSUMES}"
    yield "intervals of scores: envelope of the interval of usability and of the 95 % t band over seeds"
    for place, rows in table.groupby("suggestion"):
        first = rows.iloc[0]
        span = f"[{first.usability_low:.3f}, {first.usability_high:.3f}] ({100 * first.interval_level:.3g} %)"
        yield f"suggestion {place}: usability {first.predicted_usability:.3f} {span}"
        for row in rows.itertuples():
            score = f"{row.predicted_score:.4f} [{row.score_low:.4f}, {row.score_high:.4f}]".replace("nan", "-")
            yield f"  {row.workload:18} {row.score:14} {row.contestant:20} {score} {row.note}".rstrip()
