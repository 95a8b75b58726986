"""Which kind of running statistics a study's networks have: `receipts/statistics/WORKLOAD.json`, and as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.plan import Plan
from suite.results.provenance import write_receipt
from suite.results.records import load_record
from suite.run.running_statistics import possible_kinds


def kinds_of(context: Context, part: WorkloadPlan) -> dict[str, str]:
    """{method: kind} of those for which the study or a search says it; the others' networks have but one."""
    found = {}
    for contestant in part.contestants:
        record = load_record(context.store, part.hashes.tune(contestant)) or {}
        fixed = possible_kinds(context, contestant) if contestant.entry.statistics else ()
        if kind := record.get("statistics", *fixed):
            found[contestant.label] = kind
    return found


def write_kinds(context: Context, plan: Plan) -> None:
    """One file per workload of the plan of which something is known by now. Raises ResultsNotWritable."""
    for part in plan.workloads.values():
        path = _folder(context) / f"{part.name}.json"
        if found := kinds_of(context, part):
            write_receipt(path, found)
        else:
            path.unlink(missing_ok=True)


def kind_lines(context: Context) -> Iterator[str]:
    """What the last run of each workload wrote."""
    folder = _folder(context)
    for path in sorted(folder.rglob("*.json")):
        workload = path.relative_to(folder).with_suffix("")
        kinds = json.loads(path.read_text()).items()
        yield f"{workload}: statistics of batch norm: " + ", ".join(f"{label} {kind}" for label, kind in kinds)


def _folder(context: Context) -> Path:
    return context.folder / "receipts" / "statistics"
