"""A packed run held to what it says: every file to its hash, the tables to the sweeps, and the sweeps to the states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import SuiteError
from suite.contract.condition_words import in_words
from suite.plan.context import Context
from suite.plan.units import AdaptUnit, Contestant, FitUnit, SweepUnit
from suite.results.cube import Block
from suite.run.keeping import Scores
from suite.run.submission import AGAIN, MANIFEST, STUDY, SWEEPS, hashes
from suite.run.work import make
from suite.statistics.comparison.scores import published_scores
from suite.studies.study import load_study

# Of tables, which keep six digits.
_DIGITS = 1e-5


def check(folder: Path, root: Path | None) -> list[str]:
    """What is not as it was packed, and which scores the packed states do not give; [] for a sound submission.

    root: the folder of data. Raises SuiteError where the folder is none that `pack` wrote.
    """
    if changed := list(_changed(folder)):
        return changed
    entries = json.loads((folder / SWEEPS).read_text())
    context = Context(load_study(folder / STUDY), folder, root)
    return [*_against_tables(folder, entries), *(line for entry in entries for line in _again(context, entry))]


def _changed(folder: Path) -> Iterator[str]:
    path = folder / MANIFEST
    if not path.is_file():
        raise SuiteError(f"{path}: missing; name a folder that `suite submit` wrote")
    packed, found = json.loads(path.read_text()), hashes(folder)
    for name in sorted({*packed, *found}):
        if packed.get(name) != found.get(name):
            word = "missing" if name not in found else "not packed" if name not in packed else "other bytes than packed"
            yield f"{folder / name}: {word}"


def _against_tables(folder: Path, entries: list[dict[str, Any]]) -> Iterator[str]:
    """Every contestant of the tables has a state, and under its condition the mean that they say."""
    scores = published_scores(folder)
    known = {(entry["workload"], entry["contestant"]) for entry in entries}
    for workload, contestant in sorted({*zip(scores["workload"], scores["contestant"], strict=True)} - known):
        yield f"{folder / 'scores.csv'}: {workload}, {contestant} has no packed state"
    means = scores.set_index(["workload", "contestant", "seed", "condition", "score"])["mean"]
    for entry in entries:
        for name, values in entry["scores"].items():
            place = entry["workload"], entry["contestant"], entry["seed"], entry["condition"], name
            said, mean = means.get(place, np.nan), float(np.mean(values))
            if not np.isclose(said, mean, rtol=_DIGITS, atol=0):
                yield f"{folder / 'scores.csv'}: {_named(entry)}, {name}: {said:.6g}, by {SWEEPS} {mean:.6g}"


def _again(context: Context, entry: dict[str, Any]) -> Iterator[str]:
    """Sweeps a state once more."""
    found = make(context, _unit(context, entry))
    if found.error:
        yield f"{_named(entry)}: not swept: {found.error}"
        return
    (scores,) = (product.scores for product in found.products if isinstance(product, Scores))
    for name, packed in entry["scores"].items():
        for realisation, value in enumerate(scores[name][0].tolist()):
            if value != packed[realisation]:
                yield f"{_named(entry)}, realisation {realisation}, {name}: {value!r}, packed {packed[realisation]!r}"


def _unit(context: Context, entry: dict[str, Any]) -> SweepUnit:
    name, label, seed = entry["workload"], entry["contestant"], entry["seed"]
    (condition,) = [one for one in context.study.conditions_of(name) if one.key == entry["condition"]]
    fit = FitUnit(Contestant(name, label, context.study.methods[label]), seed, "", entry["state"])
    needs = tuple(AdaptUnit(fit, condition, at, key) for at, key in enumerate(entry["needs"]))
    few = tuple(range(min(AGAIN, min(map(len, entry["scores"].values())))))
    return SweepUnit(fit, Block(label, seed, (condition,), few, (0, 0, 0, 0), (1, len(few))), entry["state"], needs)


def _named(entry: dict[str, Any]) -> str:
    return f"{entry['workload']}, {entry['contestant']}, seed {entry['seed']}, {in_words(entry['condition'])}"
