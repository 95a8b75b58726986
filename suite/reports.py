"""What the verbs `plan`, `run`, `status` and `figure` tell the user, line by line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from suite import figures, provenance, store
from suite.contract import SuiteError
from suite.cube import Cube, Status, open_tree
from suite.cube import digest as cube_digest
from suite.driver import Summary
from suite.figures.render import Rendered, Skipped, render
from suite.plan import Plan, make_plan
from suite.records import load_record
from suite.registry import registry
from suite.tasks import Context


def plan_lines(context: Context) -> Iterator[str]:
    """Units in all and still missing, per workload and method."""
    cube = Cube.open(context.cube) if context.cube.exists() else None
    plan = make_plan(context.study, registry(context.study.plugins), context.root, cube, context.accelerator)
    missing = plan.missing(cube)
    yield f"study {context.study.name}, scale {context.study.scale}"
    for part in plan.workloads.values():
        blocks = len(list(part.sweeps(context.study))) // len(part.contestants)
        yield f"{part.name} on {part.source}"
        for contestant in part.contestants:
            fits = missing.get(contestant, {})
            untrained = [fit for fit in fits if not store.has(context.store, fit.hash)]
            search = contestant.tuned and untrained and load_record(context.store, untrained[0].tune_hash) is None
            trials, sweeps = context.study.tuning.trials if search else 0, sum(map(len, fits.values()))
            work = f"{trials} trials, {len(untrained)} trainings, {sweeps} of {blocks} sweeps"
            yield f"  {contestant.label:22} {work} to do"
    yield from _skipped(plan)


def run_lines(context: Context, plan: Plan, summary: Summary) -> Iterator[str]:
    """How a run ended, and how to go on."""
    yield from _skipped(plan)
    for unit, reason in summary.failed.items():
        yield f"FAILED {unit}: {reason}"
    yield f"{summary.done} units done, {len(summary.failed)} failed, in {summary.seconds:.0f} s; cube: {context.cube}"
    study = context.study.reference
    again = f"suite run {study}"
    if summary.out_of_time:
        yield f"time is up; go on with: {again}"
    elif summary.failed:
        yield f"mend what failed, then: {again}"
    else:
        yield f"next: suite figure all {study}"


def status_lines(context: Context) -> Iterator[str]:
    """Done, pending and failed units of every workload in the cube."""
    if not context.cube.exists():
        raise SuiteError(f"{context.cube}: no cube yet; run `suite run {context.study.reference}` first")
    cube = Cube.open(context.cube)
    for name in cube.workloads:
        labels, status = cube.labels(name), cube.status(name)
        counts = {state.name.lower(): int(np.sum(status == state)) for state in Status}
        text = ", ".join(f"{count} {state}" for state, count in counts.items() if count or state == "done")
        yield f"{name} ({labels.source}): {text} of {status.size} units"


def draw(name: str, context: Context, out: Path | None) -> list[Rendered | Skipped]:
    """Draw one figure from the study's cube, or `all` that it can feed."""
    if not context.cube.exists():
        raise SuiteError(f"{context.cube}: no cube yet; run `suite run {context.study.reference}` first")
    tree, folder = open_tree(context.cube), out or context.folder / "figures"
    return [render(figure, tree, folder, context.study.name) for figure in _figure_names(name, context)]


def _figure_names(name: str, context: Context) -> list[str]:
    return list(context.study.figures or figures.names()) if name == "all" else [name]


def figure_lines(drawn: list[Rendered | Skipped]) -> Iterator[str]:
    """The files of every figure; a skipped one is a line with its reason."""
    for figure in drawn:
        if isinstance(figure, Skipped):
            yield f"{figure.name}: skipped: {figure.reason}"
        else:
            yield f"{figure.name}: {', '.join(str(path) for path in figure.paths)}"
            yield from (f"{figure.name}: not drawn: {gap}" for gap in figure.gaps)


def figure_receipt(drawn: list[Rendered | Skipped], context: Context) -> dict[str, Any]:
    """What was drawn from which cube, with the hash of every file."""
    files = {path.name: path for figure in drawn if isinstance(figure, Rendered) for path in figure.paths}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}
    skipped = {figure.name: figure.reason for figure in drawn if isinstance(figure, Skipped)}
    return provenance.receipt(
        hashes={"cube": cube_digest(context.cube), **hashes},
        wall_s={},
        threads=1,
        study=context.study.name,
        skipped=skipped,
    )


def _skipped(plan: Plan) -> Iterator[str]:
    for name, reason in plan.skipped.items():
        yield f"skipped {name}: {reason}"
