"""The designs of a study as JSON, `receipts/precision/WORKLOAD.json`, and as lines for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.plan.context import Context
from suite.plan.design import Cell, Design
from suite.plan.precision import observed
from suite.results.provenance import write_receipt
from suite.statistics.components import Components, of_test_samples
from suite.statistics.two_stage import draws_needed

if TYPE_CHECKING:
    from suite.plan.parts import WorkloadPlan
    from suite.plan.plan import Plan
    from suite.results.cube import Cube

# Standard deviations on either side that hold 95 % of a normal distribution.
NORMAL = 1.96


def write_designs(context: Context, plan: Plan, cube: Cube) -> None:
    """One file per workload of the plan whose pilot is complete, none for the others. Raises ResultsNotWritable."""
    for part in plan.workloads.values():
        path = _folder(context) / f"{part.name}.json"
        if part.design is None:
            path.unlink(missing_ok=True)
            continue
        reached = [cell.found for cell in observed(context.study, part, cube)]
        write_receipt(path, _record(context, part, part.design, reached))


def _folder(context: Context) -> Path:
    return context.folder / "receipts" / "precision"


def _record(context: Context, part: WorkloadPlan, design: Design, reached: Sequence[Components]) -> dict[str, Any]:
    """reached: the design's cells over all realisations, empty while some are missing.

    variance: as the pilot shows it, between seeds, within them, and of an accuracy from test set to test set.
    """
    rows = [
        {
            "contestant": cell.contestant,
            "condition": cell.condition,
            "score": cell.score,
            "variance": {
                "seeds": cell.found.between,
                "realisations": cell.found.within,
                "test_set": _of_test_set(context, part, cell),
            },
            "asked": asked,
            "predicted_half_width": cell.found.predicted(design.realisations),
        }
        for cell, asked in zip(design.cells, design.asked, strict=True)
    ]
    return {
        "half_width": design.wanted.half_width,
        "most_realisations": design.wanted.most_realisations,
        "seeds": len(context.study.seeds),
        "pilot": context.study.realisations,
        "realisations": design.realisations,
        "complete": bool(reached),
        "cells": [row | _outcome(found, design.wanted.half_width) for row, found in zip(rows, reached, strict=True)]
        if reached
        else rows,
    }


def _outcome(found: Components, half_width: float) -> dict[str, Any]:
    """seeds_needed: as many as there are, or where they do not do, Stein's n for the seed means."""
    enough = found.half_width <= half_width
    needed = found.seeds if enough else draws_needed(found.of_means, found.seeds - 1, half_width)
    return {"mean": found.mean, "reached_half_width": found.half_width, "seeds_needed": needed}


def _of_test_set(context: Context, part: WorkloadPlan, cell: Cell) -> float | None:
    """None for what is no share of right answers, and where each seed has a test set of its own."""
    name, _, test = cell.score.partition("@")
    if name != "accuracy" or part.workload.seeded_data:
        return None
    samples = len(context.splits(part.name, context.study.seeds[0]).tests[test or "test"])
    return of_test_samples(cell.found.mean, samples)


def design_lines(context: Context) -> Iterator[str]:
    """What was designed and what came of it, workload by workload; nothing where no pilot was complete."""
    folder = _folder(context)
    for path in sorted(folder.rglob("*.json")) if context.study.precision is not None else ():
        workload = str(path.relative_to(folder).with_suffix(""))
        yield from _lines(workload, json.loads(path.read_text()))


def _lines(workload: str, record: dict[str, Any]) -> Iterator[str]:
    from suite.results.cube.former import renamed

    half, cells = record["half_width"], record["cells"]
    chosen = f"{workload}: {record['realisations']} realisations (pilot {record['pilot']}) for a half width of {half:g}"
    if not record["complete"]:
        yield f"{chosen}: not yet complete"
        return
    worst = renamed(max(cells, key=lambda cell: cell["reached_half_width"]))
    label = f"{worst['contestant']}, {worst['condition']}, {worst['score']}"
    missed = [cell for cell in cells if cell["reached_half_width"] > half]
    if missed:
        yield f"{chosen}: missed by {len(missed)} of {len(cells)} cells, by most at {worst['reached_half_width']:.2g}"
        yield f"  it takes {worst['seeds_needed']} seeds with as many realisations each ({label})"
    else:
        yield f"{chosen}: reached; the widest is {worst['reached_half_width']:.2g} ({label})"
    apart = max(NORMAL * sqrt(cell["variance"]["test_set"] or 0.0) for cell in cells)
    if apart > half:
        yield f"  another test set of this size would move a mean by up to {apart:.2g}, however many seeds there are"
