"""What the verbs `plan`, `run`, `status`, `figure` and `report` tell the user, line by line."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite import figures
from suite.contract import SuiteError
from suite.contract.commands import command
from suite.contract.digests import file_hash
from suite.contract.sources import told
from suite.figures.render import Rendered, Skipped, render
from suite.plan.context import Context
from suite.plan.plan import Plan, make_plan
from suite.plan.stages import stage_hashes
from suite.plan.units import Contestant, FitUnit, Reading, SweepUnit
from suite.results import provenance, store
from suite.results.cube import Cube, Status, load_register, open_tree
from suite.results.cube import digest as cube_digest
from suite.results.records import load_record
from suite.run.costs import Cost, calibrate
from suite.run.driver import Summary
from suite.run.precision_record import design_lines
from suite.run.publish import publish
from suite.run.running_statistics import possible_kinds
from suite.run.statistics_record import kind_lines, kinds_of


def plan_lines(context: Context) -> Iterator[str]:
    """Units in all and still missing, per workload and method, and what they will cost on this machine."""
    study = context.study
    cube = Cube.create_or_open(context.cube, study.name, study.entropy) if context.cube.exists() else None
    plan = make_plan(context, cube)
    missing, trained = plan.missing(cube), store.keys(context.store)
    yield f"study {study.name}, scale {study.scale}"
    hours, size, untimed = 0.0, 0, 0
    for part in plan.workloads.values():
        cost = calibrate(context, part)
        yield f"{part.name} on {told(part.source)}: {cost}"
        yield f"  {part.account}"
        if study.precision is not None and part.design is None:
            yield "  its pilot alone: what the wanted precision takes beyond it is known once that is done"
        for contestant in part.contestants:
            work = _work(context, contestant, missing.get(contestant, {}), trained)
            yield f"  {contestant.label:22} {work}"
            hours += work.core_hours(cost) if cost.timed else 0.0
            untimed += 0 if cost.timed else work.evaluations
            size += work.trainings * cost.state_bytes + work.evaluations * BYTES_PER_CELL
    beside = f", beside {untimed} evaluations that are not timed" if untimed else ""
    yield f"to do: about {hours:.2f} core-hours and {size / 1e6:.0f} MB of disk (from a short calibration){beside}"
    for name, reason in plan.skipped.items():
        yield f"skipped {name}: {reason}"
    for name, reason in plan.unknown.items():
        yield f"unknown {name}: data missing: {reason}"


# A cell of a cube: score, counts, hash, status; several test sets or scores take more.
BYTES_PER_CELL = 32


@dataclass(frozen=True)
class _Work:
    """What is still to do of one contestant; trial_evaluations: evaluations that one trial takes."""

    trials: int
    trainings: int
    sweeps: int
    evaluations: int
    trial_evaluations: int
    observations: int
    adaptations: int

    def core_hours(self, cost: Cost) -> float:
        # Whatever fits a state to a chip trains it again, wholly or in part.
        trainings = (self.trials + self.trainings + self.adaptations) * cost.training_s
        return (trainings + (self.evaluations + self.trials * self.trial_evaluations) * cost.evaluation_s) / 3600

    def __str__(self) -> str:
        observed = f", {self.observations} observations" if self.observations else ""
        adapted = f"{self.adaptations} adaptations, " if self.adaptations else ""
        sweeps = f"{self.sweeps} sweeps ({self.evaluations} evaluations)"
        return f"{self.trials} trials, {self.trainings} trainings, {adapted}{sweeps}{observed}"


def _work(
    context: Context, contestant: Contestant, fits: dict[FitUnit, list[Reading]], trained: frozenset[str]
) -> _Work:
    untrained = [fit for fit in fits if fit.hash not in trained]
    search = untrained and load_record(context.store, untrained[0].tune_hash) is None
    kinds = max(1, len(possible_kinds(context, contestant))) if search else 1
    tuning, units = context.study.tuning, [unit for units in fits.values() for unit in units]
    # Where nothing is searched one trial tells between two kinds of running statistics.
    trials = tuning.trials if contestant.tuned else kinds - 1
    sweeps = [unit for unit in units if isinstance(unit, SweepUnit)]
    cells = sum(len(unit.block.conditions) * len(unit.block.realisations) for unit in sweeps)
    per_trial = kinds * len(tuning.sigma_log) * tuning.realisations
    needed = {need.hash for unit in units for need in unit.needs} - trained
    counts = (cells, per_trial, len(units) - len(sweeps), len(needed))
    return _Work(trials if search else 0, len(untrained), len(sweeps), *counts)


def run_lines(context: Context, plan: Plan, summary: Summary, train_only: bool) -> Iterator[str]:
    """How a run ended, and how to go on."""
    for name, reason in plan.left_out.items():
        yield f"skipped {name}: {reason}"
    for unit, reason in summary.failed.items():
        yield f"FAILED {unit}: {reason}"
    for warning in summary.warnings:
        yield f"WARNING {warning}"
    if summary.adopted:
        yield f"{summary.adopted} units were done before, under {context.results}, and are taken from there"
    where = context.cube if context.units is None else context.units
    yield from kind_lines(context)
    yield from design_lines(context)
    yield f"{summary.done} units done, {len(summary.failed)} failed, in {summary.seconds:.0f} s; in {where}"
    reference = context.study.reference
    place = [] if context.results == Path("results") else ["--results", context.results]
    folder, into = _units_of(context)
    run = command("run", reference, *place, *into)
    if summary.out_of_time:
        yield f"time is up; go on with: {run}"
    elif summary.failed:
        yield f"mend what failed, then: {run}"
    elif train_only:
        yield f"next: {run}"
    elif context.units is not None:
        when = "next" if context.share is None else "once all parts are done"
        yield f"{when}, where the cube is: {command('ingest', reference, folder)}"
    else:
        yield f"next: {command('report', reference, *place, '--figures')}"


def _units_of(context: Context) -> tuple[Path | None, list[object]]:
    """The folder that units go to, those of all parts, and the options that say so."""
    if context.units is None:
        return None, []
    if context.share is None:
        return context.units, ["--units", context.units]
    folder, share = context.units.parent, context.share
    return folder, ["--units", folder, "--part", f"{share.number}/{share.parts}"]


def status_lines(context: Context) -> Iterator[str]:
    """Done, pending and failed units of every workload in the cube, and what its last run noted beside."""
    cube = Cube.open(made(context))
    for name in cube.workloads:
        labels, status = cube.labels(name), cube.status(name)
        counts = {state.name.lower(): int(np.sum(status == state)) for state in Status}
        text = ", ".join(f"{count} {state}" for state, count in counts.items() if count or state == "done")
        yield f"{name} ({told(labels.source)}): {text} of {status.size} units"
        register = load_register(cube.path, name)
        if register.wanted:
            done = {place for place, unit_hash in register.wanted.items() if cube.is_observed(place, unit_hash)}
            failed = len(register.failed - done)
            text = f"{len(done)} done" + (f", {failed} failed" if failed else "")
            yield f"  observations: {text} of {len(register.wanted)}"
    yield from kind_lines(context)
    yield from design_lines(context)


def made(context: Context) -> Path:
    """The study's cube; raises SuiteError where there is none yet."""
    if not context.cube.exists():
        raise SuiteError(f"{context.cube}: no cube yet; run `{command('run', context.study.reference)}` first")
    return context.cube


def draw(name: str, context: Context, out: Path | None) -> list[Rendered | Skipped]:
    """Draw one figure from the study's cube, or `all`: those of every study, and those that the study names."""
    tree, folder = open_tree(made(context)), out or context.folder / "figures"
    return [render(figure, tree, folder, context.study.name) for figure in _figure_names(name, context)]


def _figure_names(name: str, context: Context) -> list[str]:
    return figures.of_study(context.study.figures) if name == "all" else [name]


def figure_lines(drawn: list[Rendered | Skipped], named: Container[str]) -> Iterator[str]:
    """The files of every figure, and what is missing of those that somebody has named."""
    for figure in drawn:
        if isinstance(figure, Rendered):
            first, *others = figure.paths
            yield f"{figure.name}: {first}{''.join(f', {path.suffix}' for path in others)}"
        if figure.name in named:
            yield from _missing(figure)


def _missing(figure: Rendered | Skipped) -> list[str]:
    if isinstance(figure, Skipped):
        return [f"{figure.name} is not drawn: {figure.reason}"]
    return [f"{figure.name} is drawn without this: {gap}" for gap in figure.gaps]


def drawing_receipt(
    drawn: list[Rendered | Skipped], named: Container[str], context: Context, cpu_s: float, pages: Sequence[Path] = ()
) -> dict[str, Any]:
    """What figures and pages were made of which cube: the hash of every file, what is missing of the figures named, and
    the CPU seconds that it took."""
    files = [path for figure in drawn if isinstance(figure, Rendered) for path in figure.paths]
    cube = {"cube": cube_digest(context.cube)} if context.cube.exists() else {}
    hashes = {path.name: file_hash(path) for path in sorted([*files, *pages])}
    facts = {
        "study": context.study.name,
        "missing": [line for figure in drawn if figure.name in named for line in _missing(figure)],
        "cpu_s": round(cpu_s, 2),
    }
    return provenance.receipt(hashes={**cube, **hashes}, wall_s={}, threads=1, **facts)


def publish_tables(context: Context, folder: Path) -> tuple[list[Path], list[str]]:
    """The study's tables and its receipt; a line for whatever the study has and the cube lacks, or the other way round.

    Raises SuiteError, and writes nothing, where scores cannot be held to today's code and data.
    """
    cube = Cube.open(made(context))
    plan = make_plan(context, cube)
    if unknown := [f"{name} ({plan.left_out[name]})" for name in cube.workloads if name in plan.left_out]:
        raise SuiteError(
            f"nothing published: unknown whether scores are of today's code and data: {', '.join(unknown)}"
        )
    paths = publish(context, plan, folder)
    left = {
        contestant: [unit for units in fits.values() for unit in units]
        for contestant, fits in plan.missing(cube).items()
    }
    not_applicable = sum(len(units) for units in left.values() if _not_applicable(cube, units))
    missing = sum(len(units) for units in left.values()) - not_applicable
    counts = {"units_missing": missing, "units_not_applicable": not_applicable}
    kinds = {part.name: found for part in plan.workloads.values() if (found := kinds_of(context, part))}
    told = {"arrays": plan.accounts, "statistics": kinds}
    # Of these no unit is known, so none is counted.
    uncounted = plan.unknown | {
        name: "not in the study" for name in cube.workloads if name not in context.study.workloads
    }
    facts = {"study": context.study.model_dump(mode="json"), **told, **counts, "uncounted": uncounted}
    hashes = {"cube": cube_digest(context.cube), **stage_hashes(context)}
    receipt = provenance.receipt(hashes=hashes, wall_s=_seconds_by_kind(context), threads=1, **facts)
    provenance.write_receipt(folder / "receipt.json", receipt)
    gaps = [f"{name}: units not counted: {why}" for name, why in uncounted.items()]
    if missing:
        run = command("run", context.study.reference)
        gaps.append(f"missing, or computed by other code: {missing} of the study's units; `{run}` computes them")
    return [*paths, folder / "receipt.json"], gaps


def _not_applicable(cube: Cube, units: list[Reading]) -> bool:
    """Whether what is missing of one contestant has been found to have no meaning; only its sweeps can say so."""
    marked = cube.not_applicable(units[0].fit.contestant.workload)
    sweeps = [unit for unit in units if isinstance(unit, SweepUnit)]
    return bool(sweeps) and all(marked(unit.block) for unit in sweeps)


def _seconds_by_kind(context: Context) -> dict[str, float]:
    """Wall seconds of all units in the event log, by kind."""
    seconds: dict[str, float] = {}
    for event in provenance.read_events(context.folder / "events.jsonl"):
        seconds[event["kind"]] = round(seconds.get(event["kind"], 0.0) + event.get("seconds", 0.0), 1)
    return seconds
