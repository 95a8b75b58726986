"""The share of one workload in a plan: its units, each with what it is known by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING

from suite.contract import Workload
from suite.contract.seeds import TUNING_SEED
from suite.contract.sources import Source
from suite.plan.design import Design
from suite.plan.identity.hashes import Hashes
from suite.plan.units import AdaptUnit, Contestant, DataKey, FitUnit, ObserveUnit, SweepUnit
from suite.studies.study import Observe, Study

if TYPE_CHECKING:
    from suite.contract import Condition
    from suite.crossbar.account import Account
    from suite.results.cube import Block, Layout


@dataclass
class WorkloadPlan:
    """The share of one workload: its contestants, its place in the cube and its code.

    account: which of its weights lie on crossbars; realisations: per trained state, the study's own or as many as its
    wanted precision takes (design: why).
    """

    name: str
    workload: Workload
    source: Source
    contestants: list[Contestant]
    layout: Layout
    hashes: Hashes
    account: Account
    realisations: int
    design: Design | None = None

    @property
    def has_alike(self) -> bool:
        """Whether several labels stand for one search and its trainings."""
        return len({self.hashes.tune(contestant) for contestant in self.contestants}) < len(self.contestants)

    def digests(self, study: Study) -> Iterator[tuple[DataKey, str]]:
        """Of the data that the units of this workload read."""
        tuned = [TUNING_SEED] if any(map(self.hashes.tries, self.contestants)) else []
        for seed in dict.fromkeys(map(self.workload.data_seed, (*study.seeds, *tuned))):
            yield (self.name, seed), self.hashes.data_digest(seed)

    def fits(self, study: Study) -> Iterator[FitUnit]:
        """Every training of this workload."""
        for contestant in self.contestants:
            tune, warm = self.hashes.tune(contestant), self.hashes.warm_start(contestant)
            for seed in study.seeds:
                yield FitUnit(contestant, seed, tune, self.hashes.fit(contestant, seed, tune), warm)

    def sweeps(self, study: Study) -> Iterator[SweepUnit]:
        """Every sweep unit of this workload: one per training and block of the cube."""
        return chain.from_iterable(units for _, units in self.sweeps_by_fit(study))

    def sweeps_by_fit(self, study: Study) -> Iterator[tuple[FitUnit, list[SweepUnit]]]:
        """Every training with its sweep units."""
        conditions, realisations = study.conditions_of(self.name), range(self.realisations)
        fits = list(self.fits(study))
        trainings = ((fit.contestant.label, fit.seed) for fit in fits)
        blocks = self.layout.blocks_by_training(trainings, conditions, realisations)
        for fit, own in zip(fits, blocks, strict=True):
            yield fit, [SweepUnit(fit, block, self.hashes.sweep(fit, block), self._adapts(fit, block)) for block in own]

    def _adapts(self, fit: FitUnit, block: Block) -> tuple[AdaptUnit, ...]:
        if fit.contestant.entry.adapt is None:
            return ()
        chips = product(block.conditions, block.realisations)
        return tuple(self._adapt(fit, condition, realisation) for condition, realisation in chips)

    def _adapt(self, fit: FitUnit, condition: Condition, realisation: int) -> AdaptUnit:
        return AdaptUnit(fit, condition, realisation, self.hashes.adapt(fit, condition, realisation))

    def observes(self, study: Study) -> Iterator[ObserveUnit]:
        """Every observation of this workload that the study asks for, once."""
        units = (unit for entry in study.observe if self.name in entry.workloads for unit in self._of(entry, study))
        yield from dict.fromkeys(units)

    def _of(self, entry: Observe, study: Study) -> Iterator[ObserveUnit]:
        from suite.results.cube import Place

        seeds = entry.seeds or study.seeds[:1]
        conditions = [condition for levels in entry.conditions for condition in levels.conditions()]
        for fit in self.fits(study):
            if fit.seed not in seeds:
                continue
            for condition, realisation in product(conditions, range(entry.realisations)):
                label = fit.contestant.label
                place = Place(self.name, entry.what, label, fit.seed, condition, realisation)
                needs = () if fit.contestant.entry.adapt is None else (self._adapt(fit, condition, realisation),)
                yield ObserveUnit(fit, place, self.hashes.observe(fit, place), needs)
