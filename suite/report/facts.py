"""All that the report of a study rests on, from its cube and receipts, or from tables that `suite publish` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.contract.commands import command
from suite.plan.context import Context
from suite.results.provenance import read_events
from suite.statistics.comparison.report import Comparison, compare
from suite.statistics.comparison.scores import Measures, measures_in, published_scores, scores_by_seed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# Of `suite run` and of the workflow; what is newest tells most.
_RECEIPTS = ("run.json", "snakemake.json")


@dataclass(frozen=True)
class Facts:
    """scores: as of `scores_by_seed`; receipt: of the last run, {} where there is none; energies: mean joule of an
    input, at the (shortest, longest) read, by workload, contestant, device and crossbar; chosen: parameters by workload
    and contestant; seconds: of workers, by workload and kind of unit."""

    context: Context
    scores: DataFrame
    measures: Measures
    comparison: Comparison
    receipt: Mapping[str, Any]
    energies: Mapping[tuple[str, ...], tuple[float, float]]
    chosen: Mapping[tuple[str, str], Mapping[str, Any]]
    seconds: Mapping[tuple[str, str], float]

    @property
    def seeds(self) -> int:
        """The fewest seeds that stand behind any cell."""
        return int(self.comparison.cells["n_seeds"].min())

    @cached_property
    def cells(self) -> DataFrame:
        """The comparison's cells: workloads and contestants in the order of the study, scores in that of the measures,
        conditions by crossbar, device and sigma."""
        cells, study = self.comparison.cells, self.context.study
        scores = {name: place for own in self.measures.values() for place, name in enumerate(own)}
        return cells.assign(
            by_workload=_places(cells["workload"], study.workloads),
            by_score=cells["score"].str.partition("@")[0].map(scores),
            by_contestant=_places(cells["contestant"], study.methods),
        ).sort_values(
            ["by_workload", "by_score", "score", "by_contestant", "crossbar", "device", "sigma_log", "condition"]
        )

    @cached_property
    def workloads(self) -> list[str]:
        """Those that are scored, in the order of the study."""
        return list(dict.fromkeys(self.cells["workload"]))


def gather(context: Context, baseline: str | None = None, tables: Path | None = None) -> Facts:
    """The facts of a study. baseline: its label (default: `erm`, else the first method of the study).

    Raises SuiteError where there is neither a cube nor tables, nothing is scored, or the baseline is unknown.
    """
    if tables is None and not context.cube.exists():
        raise SuiteError(f"{context.cube}: no cube yet; run `{command('run', context.study.reference)}` first")
    scores = scores_by_seed(context.cube) if tables is None else published_scores(tables)
    if scores.empty:
        raise SuiteError(f"nothing is scored yet; run `{command('run', context.study.reference)}` first")
    measures = measures_in(scores, context.study.plugins, context.study.workload_files)
    compared = compare(scores, baseline or _baseline(context, scores), measures)
    receipt = _receipt(context.folder / "receipts") if tables is None else _read(tables / "receipt.json")
    return Facts(
        context,
        scores,
        measures,
        compared,
        receipt,
        {} if tables is not None else dict(_energies(context.cube)),
        dict(_tuned(receipt) if tables is None else _published(tables / "chosen.csv")),
        _seconds(context.folder / "events.jsonl") if tables is None else _totals(receipt),
    )


def _places(labels: Series, order: Iterable[str]) -> Series:
    """The place of each label; those that the study does not hold come last."""
    known = list(order)
    return labels.map(lambda label: known.index(label) if label in known else len(known))


def _baseline(context: Context, scores: DataFrame) -> str:
    scored = set(scores["contestant"])
    return "erm" if "erm" in scored else next(label for label in context.study.methods if label in scored)


def _receipt(folder: Path) -> dict[str, Any]:
    paths = [folder / name for name in _RECEIPTS if (folder / name).is_file()]
    return _read(max(paths, key=lambda path: path.stat().st_mtime)) if paths else {}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def _energies(cube: Path) -> Iterator[tuple[tuple[str, ...], tuple[float, float]]]:
    import numpy as np

    from suite.figures import held
    from suite.figures.observed import observed
    from suite.results.cube import open_tree

    tree = open_tree(cube, chunks={})
    found: dict[tuple[str, ...], list[tuple[float, float]]] = {}
    for workload in held(tree):
        for one in observed(tree, workload, "energy"):
            key = workload, *(one.attrs[name] for name in ("contestant", "device", "crossbar"))
            # Of one array, or of every array and direction of a chip.
            found.setdefault(key, []).append((float(one["low_J"].sum()), float(one["high_J"].sum())))
    for key, reads in found.items():
        low, high = np.mean(reads, axis=0)
        yield key, (float(low), float(high))


def _tuned(receipt: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for name, record in receipt.get("tuning", {}).items():
        workload, contestant = _parted(name, receipt.get("sources", {}))
        yield (workload, contestant), record


def _parted(name: str, workloads: Mapping[str, Any]) -> tuple[str, str]:
    """WORKLOAD/CONTESTANT, both of which may hold a stroke."""
    workload = next((known for known in workloads if name.startswith(f"{known}/")), name.partition("/")[0])
    return workload, name[len(workload) + 1 :]


def _published(path: Path) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    import pandas

    from suite.results.cube.former import TODAY

    if path.is_file():
        table = pandas.read_csv(path).rename(columns=TODAY)
        for (workload, contestant), rows in table.groupby(["workload", "contestant"], sort=False):
            values = dict(zip(rows["parameter"], rows["value"], strict=True))
            yield (
                (workload, contestant),
                {"params": values, "on_bound": rows.loc[rows["on_bound"], "parameter"].tolist()},
            )


def _seconds(path: Path) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for event in read_events(path):
        key = str(event.get("workload", "")), str(event.get("kind", ""))
        found[key] = found.get(key, 0.0) + float(event.get("seconds", 0.0))
    return {key: total for key, total in found.items() if total}


def _totals(receipt: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    return {("all", kind): seconds for kind, seconds in receipt.get("wall_s", {}).items()}
