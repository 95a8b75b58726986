"""Whatever a cube holds as lines: each contestant on each device and crossbar, against the level that varies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of, tested_on
from suite.figures import held, style
from suite.figures.summary import moments
from suite.statistics.lines import points

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset, DataTree

COLUMNS = (
    "workload",
    "source",
    "score",
    "axis",
    "contestant",
    "line",
    "joined",
    "x",
    "condition",
    "mean",
    "std",
    "n_seeds",
    "n_realisations",
    "n",
)


def cube_lines(tree: DataTree) -> DataFrame:
    """One row, with COLUMNS, per workload, score, contestant and condition that has a finished cell.

    axis, line, joined, x: see `suite.statistics.lines.Point`; mean, std and the counts: see `moments`. Workloads and
    scores in the order of the cube; lines in that of its conditions, each by x.
    """
    import pandas

    frames = [rows for name, node in held(tree).items() for rows in _rows(name, node.to_dataset()) if len(rows)]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=list(COLUMNS))


def _rows(workload: str, dataset: Dataset) -> Iterator[DataFrame]:
    """A frame for each score."""
    places = points(dataset["condition"].to_numpy())
    order = {line: place for place, line in enumerate(dict.fromkeys(point.line for point in places.values()))}
    for score in dataset.attrs["measures"]:
        found = moments(dataset[score])
        found = found[found["n"] > 0]
        at = [places[key] for key in found["condition"]]
        found = found.assign(
            workload=workload,
            source=source_of(dataset.attrs["source"], score),
            score=score,
            **{name: [getattr(point, name) for point in at] for name in ("axis", "line", "joined", "x")},
        )
        found = found.assign(order=found["line"].map(order)).sort_values(["order", "contestant", "x"], kind="stable")
        yield found[list(COLUMNS)]


@dataclass(frozen=True)
class Look:
    """How a line is drawn; filled: its markers."""

    label: str
    colour: str
    marker: str
    dashes: style.Dashes
    filled: bool


def looks(table: DataFrame) -> dict[tuple[str, str], Look]:
    """{(contestant, line): its look}: colour and marker tell contestants, dashes and hollow markers tell lines, which
    are named where there are several."""
    lines = list(dict.fromkeys(table["line"]))
    found = {}
    for contestant, own in style.lines(table["contestant"]).items():
        for place, line in enumerate(lines):
            label = own.label if len(lines) == 1 else f"{own.label}, {line}"
            dashes = style.DASHES[(place - 1) % len(style.DASHES)] if place else own.dashes
            found[contestant, line] = Look(label, own.colour, own.marker, dashes, filled=place == 0)
    return found


def score_title(measure: Mapping[str, Any], score: str) -> str:
    """A score as an axis names it, with its test set where there are several."""
    return str(measure["title"]) if "@" not in score else f"{measure['title']} ({tested_on(score)})"
