"""The report of a study: one page of HTML that asks nothing of any network, equal bytes for equal results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from suite.report import tables
from suite.report.charts import charts, javascript
from suite.report.facts import Facts
from suite.report.verdicts import FEWEST_SEEDS, verdicts
from suite.results.files import write_bytes
from suite.statistics.comparison.report import NOTE, ranked

TEMPLATES = Path(__file__).parent / "templates"
CITATION = (
    "crossbar-suite {version}{commit}, study {study}; and N. Ye et al., Synergistic Development of Perovskite "
    "Memristors and Algorithms for Robust Analog Computing, arXiv:2412.02779, whose method and measure of usability it "
    "implements. The data sets have sources and licences of their own: suite data list."
)


def write(facts: Facts, path: Path) -> None:
    """Write the page. Raises ResultsNotWritable."""
    write_bytes(path, html(facts).encode())


def html(facts: Facts) -> str:
    """The page as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    house = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return house.get_template("page.html").render(**_content(facts))


def _content(facts: Facts) -> dict[str, Any]:
    from markupsafe import Markup

    drawn, keys = charts(facts)
    shown = facts.cells[["workload", "score"]].drop_duplicates()
    return {
        "name": facts.context.study.name,
        "summary": _summary(facts),
        "synthetic": ", ".join(sorted({source for source in facts.scores["source"] if "synthetic" in source})),
        "workloads": tables.workloads(facts),
        "failed": facts.receipt.get("failed", {}),
        "rules": _rules(facts),
        "baseline": facts.comparison.baseline,
        "verdicts": [(label, list(verdicts(facts.comparison, facts.measures, label))) for label in facts.workloads],
        "ranks": ranked(facts.comparison.ranking),
        "side": tables.side_by_side(facts),
        "energies": bool(facts.energies),
        "keys": keys,
        "charts": drawn,
        "note": NOTE.format(baseline=facts.comparison.baseline),
        "scores": [
            (f"{row.workload}, {row.score}", tables.scores(facts, row.workload, row.score))
            for row in shown.itertuples()
        ],
        "chosen": tables.chosen(facts),
        "cost": tables.cost(facts),
        "provenance": tables.facts_of_run(facts),
        "citation": _citation(facts),
        "javascript": Markup(javascript()),
        "items": Markup(_script_safe([chart.item for chart in drawn])),
    }


def _script_safe(value: Any) -> str:
    """JSON that ends no script element, whatever a label holds. Bokeh reads keys in their order."""
    return json.dumps(value).replace("<", "\\u003c")


def _summary(facts: Facts) -> str:
    cells, study = facts.cells, facts.context.study
    return (
        f"{cells['workload'].nunique()} workload(s) × {cells['contestant'].nunique()} contestant(s) × "
        f"{cells['condition'].nunique()} condition(s); {facts.seeds} seed(s) × {cells['n_realisations'].min()} "
        f"realisation(s) or more in every cell; scale {study.scale}. Baseline: {facts.comparison.baseline}."
    )


def _rules(facts: Facts) -> str:
    rules = (
        f"Differences to {facts.comparison.baseline} are paired by seed and tested at 5 % after Holm's correction over "
        "all methods and conditions of a workload's score; in brackets: 95 % t intervals on seed means. From "
        f"{FEWEST_SEEDS} seeds on, tolerated sigmas are told apart where the 95 % bootstrap interval of their "
        "difference leaves 0 out, each by itself."
    )
    few = f" With {facts.seeds} seed(s) few differences can be shown: what is not shown may be there all the same."
    return rules + few * (facts.seeds < FEWEST_SEEDS)


def _citation(facts: Facts) -> str:
    from importlib.metadata import version

    commit = (facts.receipt.get("commit") or {}).get("id")
    return CITATION.format(
        version=facts.receipt.get("versions", {}).get("crossbar-suite") or version("crossbar-suite"),
        commit=f" (commit {commit[:12]})" if commit else "",
        study=facts.context.study.name,
    )
