"""The leaderboard: every contestant of published tables by data set, with the sigma that it tolerates and its area."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.contract import SuiteError
from suite.statistics.comparison.robustness import CURVE, QUANTITIES, robustness, settings_of
from suite.statistics.comparison.scores import Measures, measures_in, published_scores
from suite.statistics.comparison.tables import cells

if TYPE_CHECKING:
    from pandas import DataFrame

BASELINE = "erm"
# What rows share that may be compared: the data, the device, the crossbar, and the levels between which an area is.
BOARD = ["workload", "score", "source", "device", "crossbar", "settings", "levels"]


def rows(roots: Iterable[Path]) -> DataFrame:
    """Of all tables below `roots`: a row per board and contestant, best area first. Raises SuiteError for none.

    clean: the main score on crossbars without drift; every quantity of `robustness` with its bounds; the area's
    difference to that of ERM in the same study.
    """
    import pandas

    folders = sorted({path.parent for root in roots for path in root.rglob("scores.csv")})
    found = [row for folder in folders for row in _of_tables(folder)]
    if not found:
        raise SuiteError(f"{', '.join(map(str, roots))}: no tables with a curve; `suite publish` writes some")
    table = pandas.DataFrame(found)
    best = table["area"].where(table["higher_is_better"], -table["area"])
    circuit = table["crossbar"] != "weights"
    order = [*BOARD[:2], "circuit", *BOARD[2:], "worst"]
    table = table.assign(worst=-best, circuit=circuit).sort_values(order, kind="stable", ignore_index=True)
    return table.drop(columns=["worst", "circuit", "higher_is_better"])


def _of_tables(folder: Path) -> Iterator[dict[str, Any]]:
    """A row per curve and contestant of one study, in the main score of each workload alone."""
    receipt = _receipt(folder)
    scores, study = published_scores(folder), receipt["study"]
    measures = measures_in(
        scores, tuple(folder / path for path in study["plugins"]), workload_files(study["workloads"])
    )
    main = [score.partition("@")[0] == next(iter(measures[w])) for w, score in _pairs(scores)]
    scores = scores[main].assign(settings=[settings_of(key) for key in scores["condition"][main]])
    curves = robustness(scores, BASELINE, measures)
    named = {"study": study["name"], "tables": folder.as_posix(), "scale": study["scale"]}
    named |= {"trials": _trials(study), "commit": (receipt.get("commit") or {}).get("id", "")[:7]}
    for (*labels, contestant), own in curves.groupby([*CURVE, "contestant"], sort=True) if len(curves) else ():
        curve = _curve(scores, labels)
        yield {
            **dict(zip(CURVE, labels, strict=True)),
            "source": curve["source"].iloc[0],
            "levels": " ".join(f"{level:.3g}" for level in sorted(curve["usability"].unique(), reverse=True)),
            "contestant": contestant,
            **named,
            "n_seeds": int(own["n_seeds"].iloc[0]),
            **_clean(curve[curve["contestant"] == contestant]),
            **dict(_quantities(own)),
            "higher_is_better": _better_is_more(measures, labels[0], labels[1]),
        }


def _trials(study: dict[str, Any]) -> int:
    """Of the search of one contestant; 0 where the study searches none."""
    searched = any(entry["tuning"] != "none" for entry in study["methods"].values())
    return study["tuning"]["trials"] if searched else 0


def _receipt(folder: Path) -> dict[str, Any]:
    path = folder / "receipt.json"
    if not path.is_file():
        raise SuiteError(f"{path}: missing; `suite publish` writes it beside its tables")
    receipt: dict[str, Any] = json.loads(path.read_text())
    return receipt


def workload_files(workloads: Any) -> dict[str, str]:
    """{label: file} of a receipt's study; older ones have a list of files."""
    return {label: entry["workload"] for label, entry in workloads.items()} if isinstance(workloads, dict) else {}


def _pairs(scores: DataFrame) -> Iterator[tuple[str, str]]:
    return zip(scores["workload"], scores["score"], strict=True)


def _curve(scores: DataFrame, labels: list[str]) -> DataFrame:
    same = np.all([scores[name] == label for name, label in zip(CURVE, labels, strict=True)], axis=0)
    return scores[same]


def _clean(curve: DataFrame) -> Mapping[str, float]:
    row = cells(curve[curve["sigma_log"] == 0]).iloc[0]
    return {"clean": row["mean"], "clean_low": row["low"], "clean_high": row["high"]}


def _quantities(own: DataFrame) -> Iterator[tuple[str, Any]]:
    by_name = own.set_index("quantity")
    for name in QUANTITIES:
        row = by_name.loc[name]
        yield name, row["value"]
        yield from ((f"{name}_{bound}", row[bound]) for bound in ("low", "high", "beyond"))
    for bound in ("difference", "difference_low", "difference_high"):
        yield f"area_{bound}", by_name.loc["area", bound]


def _better_is_more(measures: Measures, workload: str, score: str) -> bool:
    return measures[workload][score.partition("@")[0]].higher_is_better
