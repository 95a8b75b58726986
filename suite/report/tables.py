"""The tables of a report: texts to read, each with what it is sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from suite.contract.condition_words import in_words
from suite.contract.sources import told
from suite.report.facts import Facts
from suite.statistics.comparison.report import LEVEL
from suite.statistics.comparison.robustness import settings_of
from suite.statistics.lines import points

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_NONE = "–"
_ENERGY_UNITS = ((1e-3, "mJ"), (1e-6, "µJ"), (1e-9, "nJ"), (1e-12, "pJ"), (1e-15, "fJ"))


@dataclass(frozen=True)
class Cell:
    """One entry. order: a number, or a text; left: whether it is aligned as text."""

    text: str
    order: float | str
    left: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under their headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def side_by_side(facts: Facts) -> Table:
    """Clean score, tolerated sigma, area and energy of every contestant: a row per workload, main score and line."""
    cells, robust = facts.cells, facts.comparison.robustness
    lines = {key: point.line for key, point in points(cells["condition"].unique()).items()}
    energy = bool(facts.energies)
    headings: tuple[str, ...] = ("workload", "score", "contestant", "device and crossbar", "clean score")
    headings += ("sigma, 10 points lost", "sigma, half to chance", "area", *(["energy per input"] if energy else []))
    rows = []
    marked = cells.assign(line=cells["condition"].map(lines), settings=cells["condition"].map(settings_of))
    for (workload, score, line, contestant), own in marked.groupby(
        ["workload", "score", "line", "contestant"], sort=False
    ):
        if score.partition("@")[0] != next(iter(facts.measures[workload])):
            continue
        curve = _curve(robust, workload, score, contestant, own["settings"].iloc[0])
        named = [_text(workload), _text(score), _text(contestant), _text(line), _clean(own)]
        numbers = [_quantity(curve.get(name)) for name in ("sigma_10_points", "sigma_half_to_chance", "area")]
        rows.append(
            (
                *named,
                *numbers,
                *(
                    [_energy(facts.energies.get((workload, contestant, *own[["device", "crossbar"]].iloc[0])))]
                    if energy
                    else []
                ),
            )
        )
    return Table(headings, tuple(rows))


def _curve(robust: DataFrame, workload: str, score: str, contestant: str, settings: str) -> Mapping[str, Series]:
    if not len(robust):
        return {}
    asked = (("workload", workload), ("score", score), ("contestant", contestant), ("settings", settings))
    for column, value in asked:
        robust = robust[robust[column] == value]
    return {row["quantity"]: row for _, row in robust.iterrows()}


def _clean(rows: DataFrame) -> Cell:
    clean = rows[rows["sigma_log"] == 0]
    return _mean(clean.iloc[0]) if len(clean) else _missing()


def _mean(row: Series, star: bool = False) -> Cell:
    half = (row["high"] - row["low"]) / 2
    text = f"{row['mean']:.4f}" + ("" if isnan(half) else f" ± {half:.4f}") + "*" * star
    return Cell(text, float(row["mean"]))


def _quantity(row: Series | None) -> Cell:
    if row is None:
        return _missing()
    bounds = "" if isnan(row["low"]) else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return Cell(f"{'≥ ' * bool(row['beyond'])}{row['value']:.2f}{bounds}", float(row["value"]))


def _energy(read: tuple[float, float] | None) -> Cell:
    return _missing() if read is None else Cell(f"{_joule(read[0])} to {_joule(read[1])}", read[0])


def _joule(value: float) -> str:
    size, unit = next((entry for entry in _ENERGY_UNITS if value >= entry[0]), _ENERGY_UNITS[-1])
    return f"{value / size:.3g} {unit}"


def scores(facts: Facts, workload: str, score: str) -> Table:
    """A row per condition, a column per contestant; a star: differs from the baseline, as `suite compare` says."""
    cells = facts.cells
    own = cells[(cells["workload"] == workload) & (cells["score"] == score)]
    contestants = list(dict.fromkeys(own["contestant"]))
    starred = _starred(facts.comparison.differences, workload, score)
    rows = []
    for key in dict.fromkeys(own["condition"]):
        found = {row["contestant"]: row for _, row in own[own["condition"] == key].iterrows()}
        sigma = float(next(iter(found.values()))["sigma_log"])
        entries = (
            _mean(found[label], (key, label) in starred) if label in found else _missing() for label in contestants
        )
        rows.append((Cell(in_words(key), key if isnan(sigma) else sigma, left=True), *entries))
    return Table(("condition", *contestants), tuple(rows))


def _starred(differences: DataFrame, workload: str, score: str) -> set[tuple[str, str]]:
    if not len(differences):
        return set()
    apart = differences[(differences["p_holm"] < LEVEL) & (differences["workload"] == workload)]
    apart = apart[apart["score"] == score]
    return set(zip(apart["condition"], apart["contestant"], strict=True))


def chosen(facts: Facts) -> Table:
    """What the tuning has chosen, noise rates first; a value at the end of its range is marked."""
    names = sorted({name for record in facts.chosen.values() for name in record["params"]}, key=_rates_first)
    rows = [
        (_text(workload), _text(contestant), *(_parameter(record, name) for name in names))
        for (workload, contestant), record in facts.chosen.items()
    ]
    return Table(("workload", "contestant", *(name.replace("_", " ") for name in names)), tuple(rows))


def _rates_first(name: str) -> tuple[bool, str]:
    return name in ("learning_rate_factor", "weight_decay"), name


def _parameter(record: Mapping[str, Any], name: str) -> Cell:
    value = record["params"].get(name)
    if value is None:
        return _missing()
    return Cell(f"{value:.3g}" + " (end of range)" * (name in record.get("on_bound", ())), float(value))


def cost(facts: Facts) -> Table:
    """Seconds of one core by workload and kind of unit."""
    kinds = list(dict.fromkeys(kind for _, kind in facts.seconds))
    workloads = list(dict.fromkeys(workload for workload, _ in facts.seconds))
    rows = [(workload, [facts.seconds.get((workload, kind), 0.0) for kind in kinds]) for workload in workloads]
    if len(rows) > 1:
        rows.append(("all", [sum(column) for column in zip(*(values for _, values in rows), strict=True)]))
    shown = tuple((_text(name), *(_seconds(value) for value in (*values, sum(values)))) for name, values in rows)
    return Table(("workload", *(f"{kind}, s" for kind in kinds), "in all, s"), shown)


def _seconds(value: float) -> Cell:
    return Cell(f"{value:,.1f}", value)


def workloads(facts: Facts) -> Table:
    """What was asked for: a row per workload with its data, or with the reason why it was left out."""
    skipped, sources = facts.receipt.get("skipped", {}), dict(_sources(facts.scores))
    rows = []
    for label in dict.fromkeys((*facts.context.study.workloads, *sources)):
        ran = sources.get(label)
        why = f"left out: {skipped.get(label, 'nothing of it is done')}"
        entry = facts.context.entry(label).value if label in facts.context.study.workloads else None
        rows.append((_text(label), _text(entry.title if entry else ""), _text(ran or why)))
    return Table(("workload", "what it is", "data"), tuple(rows))


def _sources(scores: DataFrame) -> Iterator[tuple[str, str]]:
    for workload, rows in scores.groupby("workload", sort=False):
        by_test = {score.partition("@")[2]: source for score, source in zip(rows["score"], rows["source"], strict=True)}
        distinct = set(by_test.values())
        yield str(workload), distinct.pop() if len(distinct) == 1 else told(by_test)


def facts_of_run(facts: Facts) -> Sequence[tuple[str, str]]:
    """Provenance, as pairs of a name and a text."""
    receipt = facts.receipt
    commit, hardware = receipt.get("commit") or {}, receipt.get("hardware", {})
    changed = " with changes that are not committed" if commit.get("dirty") else ""
    return [
        ("study", f"{facts.context.study.reference}, scale {facts.context.study.scale}"),
        ("root of all random streams", str(facts.context.study.entropy)),
        ("code", f"commit {commit['id']}{changed}" if commit else "no commit is known"),
        ("machine", ", ".join(f"{name} {value}" for name, value in hardware.items() if value is not None)),
        ("versions", ", ".join(f"{name} {value}" for name, value in receipt.get("versions", {}).items())),
        *((f"hash of {name}", str(value)) for name, value in receipt.get("hashes", {}).items()),
    ]


def _text(text: str) -> Cell:
    return Cell(text, text, left=True)


def _missing() -> Cell:
    return Cell(_NONE, float("-inf"))
