"""From a table of devices to the next recipes: expected improvement in batches, aware of what is already under way.

Resumable without any state of its own: append what was measured and ask again. Rows of the table without an outcome,
and rows of a file of earlier suggestions, are pending: they count as measured at their predicted means and are not
suggested twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pandas import DataFrame, concat

from suite.lab.fabrication.acquisition import batch
from suite.lab.fabrication.encoding import Encoder
from suite.lab.fabrication.space import BadSpace, Space, candidates
from suite.lab.fabrication.surrogate import Surrogate
from suite.lab.fabrication.table import PREDICTED, BadTable, Table, check_known, frame, read_lines, recipe_of
from suite.lab.fabrication.targets import Target, modelled, sigma_of, usability_of
from suite.lab.fabrication.validation import Validation, cross_validation, recipe_folds
from suite.results.files import write_bytes


def read_pending(path: Path, table: Table) -> DataFrame:
    """The recipes in a file of suggestions that the table has not measured, by factor. Raises BadTable."""
    lines, columns = read_lines(path), table.columns
    if lacking := [name for name in columns.factors if name not in next(iter(lines.values()))]:
        raise BadTable(f"{path}: has no column {lacking[0]!r}, a factor of {table.path}; add it")
    measured, pending = set(table.rows.itertuples(index=False, name=None)), []
    for number, row in lines.items():
        recipe = recipe_of(path, number, row, columns)
        check_known(path, number, recipe, columns, table.rows)
        if recipe not in measured:
            pending.append(recipe)
    return frame(pending, columns)


# Of intervals. With fewer than forty devices an interval of 95 % would rest on the one that was predicted worst.
LEVEL = 0.8


@dataclass(frozen=True)
class Laboratory:
    """A surrogate fitted to measured devices, with what cross-validation says of it."""

    encoder: Encoder
    surrogate: Surrogate
    validation: Validation
    target: Target
    level: float

    @staticmethod
    def of(table: Table, target: Target, level: float = LEVEL) -> Laboratory:
        """Fitted to the measured rows. Raises BadTable where one of them has no place on the scale of `target`."""
        if target == "log_sigma" and (table.sigma_log == 0).any():
            raise BadTable(
                f"{table.path}: a usability of 1 is a sigma of 0, which has no logarithm; give more digits, or model "
                "usability itself with --model usability"
            )
        encoder = Encoder.of(table.rows, table.columns.numeric, table.columns.categorical)
        found = cross_validation(encoder, table.rows, table.sigma_log, recipe_folds(table.rows), target)
        surrogate = Surrogate(encoder.features(table.rows), modelled(table.sigma_log, target))
        return Laboratory(encoder, surrogate, found, target, found.level(level))

    def predict(self, rows: DataFrame) -> DataFrame:
        """Of recipes: median and calibrated interval of sigma and usability of a new device."""
        found = self.surrogate.predict(self.encoder.features(rows))
        half = self.validation.reach(self.level) * found.sd
        best, worst = found.mean + half, found.mean - half
        columns = {
            "predicted_sigma": sigma_of(found.mean, self.target),
            "sigma_low": sigma_of(best, self.target),
            "sigma_high": sigma_of(worst, self.target),
            "predicted_usability": usability_of(found.mean, self.target),
            "usability_low": usability_of(worst, self.target),
            "usability_high": usability_of(best, self.target),
            "interval_level": self.level,
        }
        return DataFrame(columns)


def suggestions(laboratory: Laboratory, table: Table, pending: DataFrame, space: Space, size: int) -> DataFrame:
    """At most `size` recipes that are neither measured nor pending, in the order in which they were chosen.

    Columns: the factors; the table's target, empty, to be filled in; sigma and usability as predicted, with the
    calibrated interval of a new device; expected_improvement on the scale of the laboratory's target; outside_range:
    numeric factors beyond those measured, where the surrogate extrapolates. Raises BadSpace.
    """
    encoder = laboratory.encoder
    waiting = concat([table.pending, pending]).drop_duplicates()
    offered = candidates(concat([table.rows, waiting]), table.columns, space)
    if offered.empty:
        raise BadSpace(f"{table.path}: every recipe of the space is measured or pending; widen it with --space")
    believer = laboratory.surrogate.believing(encoder.features(waiting)) if len(waiting) else laboratory.surrogate
    chosen, gains = batch(believer, encoder.features(offered), size)
    rows = offered.iloc[chosen].reset_index(drop=True)
    predicted = laboratory.predict(rows).assign(expected_improvement=gains, outside_range=_outside(rows, encoder))
    return concat([rows.assign(**{table.columns.target: ""}), predicted], axis="columns")


def _outside(chosen: DataFrame, encoder: Encoder) -> list[str]:
    beyond = {name: (chosen[name] < low) | (chosen[name] > high) for name, (low, high) in encoder.ranges.items()}
    return [" ".join(name for name in beyond if beyond[name][row]) for row in range(len(chosen))]


def suggestion_lines(laboratory: Laboratory, table: Table, pending: DataFrame) -> Iterator[str]:
    """What was understood of a table, and how far to trust the predictions."""
    columns, found = table.columns, laboratory.validation
    yield f"{table.path}: {len(table.rows)} measured devices; target {columns.target} ({columns.scale})"
    yield f"numeric factors: {', '.join(columns.numeric) or 'none'}"
    yield f"categorical factors: {', '.join(columns.categorical) or 'none'}"
    yield from table.notes
    waiting = concat([table.pending, pending]).drop_duplicates()
    yield f"pending, not suggested again: {len(waiting)}"
    unit = "decades of sigma" if laboratory.target == "log_sigma" else "usability"
    word = "better" if found.rmse < found.rmse_of_mean else "NO better"
    yield f"error on devices left out: {found.rmse:.3g} {unit}, {word} than their mean's {found.rmse_of_mean:.3g}"
    yield f"intervals: {laboratory.level:.0%} of new devices of the kinds measured (calibrated on devices left out)"


def shown(rows: DataFrame) -> str:
    """Suggestions as text, a column per recipe."""
    numbered = rows.set_axis([f"#{place}" for place in range(1, len(rows) + 1)], axis="index")
    return numbered.T.map(lambda value: f"{value:.6g}" if isinstance(value, float) else str(value)).to_string()


def write_suggestions(rows: DataFrame, path: Path) -> None:
    """Writes suggestions as CSV; `suite fab suggest --pending` and `suite codesign --suggestions` read it.

    Predictions have six digits; factors have all of theirs, for pending recipes are compared exactly.
    """
    rounded = {name: rows[name].map("{:.6g}".format) for name in PREDICTED if rows[name].dtype == float}
    write_bytes(path, rows.assign(**rounded).to_csv(index=False, lineterminator="\n").encode())
