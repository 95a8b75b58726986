"""From a study to its work units: who is trained, what is swept, under which hashes, and what is still missing."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from suite.contract import DataMissing, Workload
from suite.contract.commands import command
from suite.contract.registry import registry
from suite.contract.sources import Source, all_sources
from suite.plan.arrays import account_for
from suite.plan.checks import check_built, check_names
from suite.plan.context import Context
from suite.plan.identity.hashes import Hashes
from suite.plan.parts import WorkloadPlan
from suite.plan.precision import decide
from suite.plan.share import Share
from suite.plan.units import Contestant, DataKey, FitUnit, ObserveUnit, Reading
from suite.plan.warm_start import check_counterparts
from suite.results.records import load_record
from suite.studies.study import Study

if TYPE_CHECKING:
    from suite.results.cube import Block, Cube, Layout


# What is left to do: the readings of every training that they need, by contestant.
Missing = dict[Contestant, dict[FitUnit, list[Reading]]]


class Books(Protocol):
    """What says that sweep units are done: a cube, or a folder of units on a machine that has none."""

    def done(self, workload: str) -> Callable[[Block, int], bool]:
        """Whether a block is done under a hash number."""
        ...


@dataclass
class Plan:
    """All of a study that can run here, and what cannot with the reason; unknown: whether it is done cannot be told,
    as its data are not at hand; share: what this job takes of it (None: all)."""

    study: Study
    workloads: dict[str, WorkloadPlan]
    skipped: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    share: Share | None = None

    @property
    def left_out(self) -> dict[str, str]:
        """Whatever does not run, with the reason."""
        return self.skipped | self.unknown

    @property
    def digests(self) -> dict[DataKey, str]:
        """Of the data of all units."""
        return {key: digest for part in self.workloads.values() for key, digest in part.digests(self.study)}

    def searches(self, store: Path) -> Iterator[tuple[Contestant, dict[str, Any]]]:
        """The record of every search of this plan that has ended."""
        for part in self.workloads.values():
            for contestant in part.contestants:
                record = load_record(store, part.hashes.tune(contestant))
                if record is not None:
                    yield contestant, record

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """{workload: how many of its weights are programmed and ideal, and the names of those left out}."""
        return {name: asdict(part.account) for name, part in self.workloads.items()}

    def missing(self, books: Books | None) -> Missing:
        """The sweeps and observations that are not done under today's hash (None: all), by the training they need.

        Of a share, its own: which those are does not depend on what is done, so that jobs that begin at any time agree.
        """
        found: Missing = {}
        with _collector_off():
            for part in self.workloads.values():
                for fit, sweeps in self._missing_sweeps(part, books):
                    found.setdefault(fit.contestant, {})[fit] = sweeps
                for unit in self._missing_observes(part, books):
                    found.setdefault(unit.fit.contestant, {}).setdefault(unit.fit, []).append(unit)
        return found if self.share is None else self._shared(found, self.share)

    def _shared(self, found: Missing, share: Share) -> Missing:
        own = share.of(_piece(part, fit) for part in self.workloads.values() for fit in part.fits(self.study))

        def taken(fit: FitUnit) -> bool:
            return _piece(self.workloads[fit.contestant.workload], fit) in own

        kept = {who: {fit: units for fit, units in fits.items() if taken(fit)} for who, fits in found.items()}
        return {who: fits for who, fits in kept.items() if fits}

    def _missing_sweeps(self, part: WorkloadPlan, books: Books | None) -> Iterator[tuple[FitUnit, list[Reading]]]:
        from suite.results.cube import hash_number

        is_done = books.done(part.name) if books is not None else lambda block, unit_hash: False
        for fit, units in part.sweeps_by_fit(self.study):
            left: list[Reading] = [unit for unit in units if not is_done(unit.block, hash_number(unit.hash))]
            if left:
                yield fit, left

    def _missing_observes(self, part: WorkloadPlan, books: Books | None) -> Iterator[ObserveUnit]:
        from suite.results.cube import Cube

        cube = books if isinstance(books, Cube) else None
        return (unit for unit in part.observes(self.study) if not (cube and cube.is_observed(unit.place, unit.hash)))


def _piece(part: WorkloadPlan, fit: FitUnit) -> str:
    """What goes to one job: a training, or all that wait for one search, which others would have to repeat."""
    return fit.tune_hash if part.hashes.tries(fit.contestant) else fit.hash


@contextmanager
def _collector_off() -> Iterator[None]:
    """Python's cyclic garbage collector looks through all objects again and again while millions are made that stay:
    half the time of planning."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def make_plan(context: Context, cube: Cube | None) -> Plan:
    """The plan of a study against what its cube already has. Raises on unknown names; reads the data's sources."""
    study = context.study
    plan = Plan(study, {}, share=context.share)
    if context.units is not None:
        plan.study, plan.skipped = _of_units_alone(study)
    check_names(study, registry(study.plugins))
    for name in study.workloads:
        entry, workload = context.entry(name), context.workload(name)
        if entry.missing:
            plan.skipped[name] = f"needs {', '.join(entry.missing)}: pip install {' '.join(entry.missing)}"
            continue
        try:
            hashes = Hashes.of(study, name, partial(_data, context, name), context.accelerator)
            source = hashes.source
        except DataMissing as error:
            plan.unknown[name] = str(error)
            continue
        contestants = _contestants(study, name, workload)
        if not contestants:
            plan.skipped[name] = f"none of the study's methods applies (it takes {_methods_of(workload)})"
            continue
        check_counterparts(study, contestants)
        check_built(context, name)
        layout = _layout(study, workload, [contestant.label for contestant in contestants], name, cube)
        account = account_for(context, name)
        part = WorkloadPlan(name, workload, source, contestants, layout, hashes, account, study.realisations)
        plan.workloads[name] = part if cube is None or study.precision is None else _designed(study, part, cube)
    return plan


def _of_units_alone(study: Study) -> tuple[Study, dict[str, str]]:
    """What a machine without a cube does of a study, and what it leaves out: a folder of units takes scores alone."""
    rest, skipped = f"`{command('run', study.reference)}` where the cube is adds", {}
    if study.observe:
        skipped["observations"] = f"--units takes none: {rest} them"
    if study.precision is not None:
        skipped["precision"] = f"--units takes the pilot alone: {rest} the rest"
    return study.model_copy(update={"observe": (), "precision": None}), skipped


def _designed(study: Study, pilot: WorkloadPlan, cube: Cube) -> WorkloadPlan:
    """The workload with the realisations that its pilot, once complete, asks for."""
    design = decide(study, pilot, cube)
    if design is None:
        return pilot
    labels = [contestant.label for contestant in pilot.contestants]
    conditions, realisations = study.conditions_of(pilot.name), range(design.realisations)
    layout = pilot.layout.grown(labels, study.seeds, conditions, realisations)
    return replace(pilot, layout=layout, realisations=design.realisations, design=design)


def _data(context: Context, name: str, study: Study, seed: int) -> tuple[Source, str]:
    """Source and digest of the data that this machine would use for a study; a stand-in must be asked for."""
    found = replace(context, study=study).identity(name, seed)
    standins = [source for source in all_sources(found.source) if source.startswith("synthetic")]
    if standins and study.standins == "forbid":
        raise DataMissing(
            f"only a stand-in ({', '.join(standins)}) is at hand and the study forbids stand-ins; "
            f"get the data (`suite data` says how) or write `standins: allow` in the study"
        )
    return found.source, found.digest


def _methods_of(workload: Workload) -> tuple[str, ...] | None:
    """Method files that apply: an untrained network has nothing that a method could change."""
    return ("erm",) if workload.methods is None and not workload.trainable else workload.methods


def _contestants(study: Study, name: str, workload: Workload) -> list[Contestant]:
    """The study's methods that it asks for and that apply. Where nothing is trained, nothing is tuned."""
    allowed, asked = _methods_of(workload), study.workloads[name].methods or study.methods
    entries = {
        label: entry
        for label, entry in study.methods.items()
        if label in asked and (allowed is None or entry.method in allowed)
    }
    fixed = {
        label: entry.model_copy(update={"tuning": "none"}) if not workload.trainable or entry.state else entry
        for label, entry in entries.items()
    }
    return [Contestant(name, label, entry) for label, entry in fixed.items()]


def _layout(study: Study, workload: Workload, labels: list[str], name: str, cube: Cube | None) -> Layout:
    """Where the study's cells lie: in the grown layout of its cube, or in a fresh one."""
    from suite.results.cube import Layout, chunk_shape

    conditions, realisations = study.conditions_of(name), range(study.realisations)
    if cube is not None and name in cube.workloads:
        return cube.layout(name).grown(labels, study.seeds, conditions, realisations)
    largest = max(Counter((condition.device, condition.crossbar) for condition in conditions).values())
    chunk = chunk_shape(largest, study.realisations, workload.recipe(study.scale).unit_evaluations)
    return Layout.make(labels, study.seeds, conditions, realisations, chunk)
