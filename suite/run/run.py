"""One run of a study, from the plan to its receipt: what `suite run` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from suite.contract import Score, SuiteError
from suite.contract.sources import Source
from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.plan import Books, Plan, make_plan
from suite.plan.units import Contestant, SweepUnit
from suite.results import provenance
from suite.results.cube import (
    Block,
    Cube,
    Ingested,
    Layout,
    UnitFolder,
    adopt,
    clear_unfinished,
    expect,
    hash_number,
    ingest,
)
from suite.run.driver import Driver, Progress, Summary
from suite.run.executors import Executor
from suite.run.precision_record import write_designs
from suite.run.statistics_record import write_kinds
from suite.run.tuning_log import journal_of, log_search
from suite.studies.study import Study
from suite.training.search import Search

# What a receipt says of a search.
_TUNED = ("params", "on_bound", "statistics")


class StudyBusy(SuiteError):
    """Another run holds the study."""


@contextmanager
def locked(context: Context, wait: bool = False) -> Iterator[None]:
    """One run per study: a second one waits, or is refused and told who holds it."""
    import os
    import socket

    from filelock import FileLock, Timeout

    from suite.results.files import write_bytes, writing

    holder = context.folder / ".lock-holder"
    lock = FileLock(context.folder / ".lock")
    with writing(context.folder):
        context.folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout as error:
            who = holder.read_text() if holder.exists() else "another process"
            raise StudyBusy(f"{context.folder}: held by {who}; wait for it (`--wait`), or end it") from error
    try:
        job = f" (Slurm job {os.environ['SLURM_JOB_ID']})" if "SLURM_JOB_ID" in os.environ else ""
        write_bytes(holder, f"process {os.getpid()} on {socket.gethostname()}{job}".encode())
        yield
    finally:
        lock.release()


def prepare(context: Context) -> tuple[Plan, Books]:
    """The plan of the study and its books: the cube, made or grown for it, or the folder of units. Raises where
    nothing of the study can run."""
    study = context.study
    context.folder.mkdir(parents=True, exist_ok=True)
    cube = Cube.create_or_open(context.cube, study.name, study.entropy) if context.units is None else None
    plan = make_plan(context, cube)
    if not plan.workloads:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in plan.left_out.items())
        raise SuiteError(f"{study.at('workloads')}: nothing can run here: {reasons}")
    if cube is None:
        assert context.units is not None
        return plan, UnitFolder(context.units)
    _lay_out(context, plan, cube)
    return plan, cube


def _lay_out(context: Context, plan: Plan, cube: Cube) -> None:
    """Make or grow the cube for a plan."""
    for part in plan.workloads.values():
        part.layout = cube.ensure(part.name, _wanted(context.study, part), *_labels(context, part))


def _wanted(study: Study, part: WorkloadPlan) -> Layout:
    labels = [contestant.label for contestant in part.contestants]
    realisations = tuple(range(part.realisations))
    return Layout.make(labels, study.seeds, study.conditions_of(part.name), realisations, part.layout.chunk)


def _labels(context: Context, part: WorkloadPlan) -> tuple[dict[str, Score], Source, str]:
    """Scores of every test set, data source and title."""
    measures = {
        score if test == "test" else f"{score}@{test}": measure.on(test)
        for test in context.splits(part.name, context.study.seeds[0]).tests
        for score, measure in part.workload.measures.items()
    }
    return measures, part.source, part.workload.title


def verified(context: Context) -> list[str]:
    """Decode every chunk of the study's cube and reset what is torn, while no run writes; what was found."""
    from suite.results.cube import verify

    with locked(context):
        return [str(finding) for finding in verify(context.cube, repair=True)]


def sent(context: Context, url: str) -> int:
    """Copy the study's cube to a URL, while no run writes; how many files it has."""
    from suite.results.cube import send

    with locked(context):
        return send(context.cube, url)


def ingested(context: Context, files: Iterable[Path]) -> Ingested:
    """Add units that were computed elsewhere to the study's cube, which is made or grown for them."""
    with locked(context):
        prepare(context)
        return ingest(context.cube, files)


def run(
    context: Context,
    executor: Executor,
    *,
    show: Callable[[Progress], None],
    max_hours: float | None = None,
    wait: bool = False,
    train_only: bool = False,
    receipt: Path | None = None,
) -> tuple[Summary, Plan]:
    """Everything that is missing of the study, or only its trainings; the receipt (default: run.json) is written last,
    and only if nothing failed and time sufficed."""
    with locked(context, wait):
        plan, books = prepare(context)
        context = replace(context, digests=plan.digests)
        cube = books if isinstance(books, Cube) and not train_only else None
        options: dict[str, Any] = {"show": show, "max_hours": max_hours, "train_only": train_only}
        driver = Driver(context, books, executor, on_told=_logger(context), **options)
        if cube:
            _expect_observations(context, plan)
        summary = driver.summary
        with driver.started():
            wanted: Plan | None = plan
            while wanted:
                summary.adopted += _adopted(context, wanted, cube) if cube else 0
                driver.carry_out(wanted)
                wanted = _grown(context, plan, cube) if cube else None
        if cube:
            for name in plan.workloads:
                clear_unfinished(cube.path, name)
            write_designs(context, plan, cube)
        write_kinds(context, plan)
        if not summary.failed and not summary.out_of_time:
            path = receipt or context.folder / "receipts" / "run.json"
            provenance.write_receipt(path, _receipt(context, plan, summary))
    return summary, plan


def _expect_observations(context: Context, plan: Plan) -> None:
    for part in plan.workloads.values():
        clear_unfinished(context.cube, part.name)
        expect(context.cube, part.name, {unit.place: unit.hash for unit in part.observes(context.study)})


def _grown(context: Context, plan: Plan, cube: Cube) -> Plan | None:
    """What pilots that are complete by now ask for beyond `plan`, which takes it in; None where that is nothing."""
    if context.study.precision is None:
        return None
    parts = make_plan(context, cube).workloads
    grown = {name: part for name, part in parts.items() if part.realisations > plan.workloads[name].realisations}
    plan.workloads |= parts
    found = Plan(plan.study, grown)
    _lay_out(context, found, cube)
    return found if grown else None


def _adopted(context: Context, plan: Plan, cube: Cube) -> int:
    """Units taken over from the other studies of this results folder, and from labels with equal entries."""
    alike = any(part.has_alike for part in plan.workloads.values())
    others = sorted(path for path in context.results.glob("*/cube.zarr") if alike or path != context.cube)
    missing: dict[str, dict[Block, int]] = {}
    for contestant, fits in plan.missing(cube).items() if others else ():
        sweeps = [unit for units in fits.values() for unit in units if isinstance(unit, SweepUnit)]
        missing.setdefault(contestant.workload, {}).update({unit.block: hash_number(unit.hash) for unit in sweeps})
    return sum(adopt(cube, workload, blocks, others) for workload, blocks in missing.items())


def _logger(context: Context) -> Callable[[Contestant, str, Search], None]:
    def log(contestant: Contestant, tune_hash: str, search: Search) -> None:
        name = f"{contestant.workload}/{contestant.label}"
        log_search(journal_of(context.folder, contestant, tune_hash), search, name)

    return log


def _receipt(context: Context, plan: Plan, summary: Summary) -> dict[str, Any]:
    import torch

    from suite.contract.digests import digest
    from suite.results.cube import digest as cube_digest

    cube = {"cube": cube_digest(context.cube)} if context.units is None else {}
    return provenance.receipt(
        hashes={"study": digest(context.study.model_dump(mode="json")), **cube},
        wall_s={"run": round(summary.seconds, 1)},
        threads=torch.get_num_threads(),
        study=context.study.name,
        sources={part.name: part.source for part in plan.workloads.values()},
        arrays=plan.accounts,
        skipped=plan.left_out,
        failed=summary.failed,
        units_done=summary.done,
        units_adopted=summary.adopted,
        tuning={
            f"{contestant.workload}/{contestant.label}": {key: record[key] for key in _TUNED if key in record}
            for contestant, record in plan.searches(context.store)
        },
    )
