"""The course of one contestant: its search, its trainings, its sweeps and observations, each opening the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from suite.contract import NotApplicable, Range, SuiteError
from suite.contract.method import Statistics
from suite.contract.seeds import torch_generator
from suite.plan.context import Context
from suite.plan.units import AdaptUnit, Contestant, FitUnit, ObserveUnit, Reading, SweepUnit, TrialUnit, Unit
from suite.plan.warm_start import warm_values
from suite.results import store
from suite.results.records import load_record, save_record
from suite.run.executors import Outcome
from suite.run.running_statistics import possible_kinds
from suite.training.search import HOPELESS, Search, Trial, TuningFailed, UnknownParameter, search_space
from suite.training.stopping import bar_of

__fingerprint__ = "glue"


@dataclass
class Campaign:
    """What is missing of one contestant, and what may be done next.

    start() and finished(unit, outcome) return the units that became possible; `failed` collects the units of
    `missing` that cannot be had, with the reason; train_only leaves all of them out; `inapplicable` says why the
    method has no meaning here; `trials`: how many its search takes, if it has begun one.
    """

    context: Context
    contestant: Contestant
    missing: dict[FitUnit, list[Reading]]
    on_told: Callable[[Contestant, str, Search], None]
    train_only: bool = False
    failed: list[tuple[Reading, str]] = field(default_factory=list)
    inapplicable: str = ""
    trials: int = 0
    _abandoned: bool = False
    _batch: list[TrialUnit] = field(default_factory=list)
    _outcomes: dict[int, dict[str, Any]] = field(default_factory=dict)
    _told: list[dict[str, Any]] = field(default_factory=list)
    # By the hash of an adaptation that is not done yet; and those that one has failed for.
    _waiting: dict[str, list[Reading]] = field(default_factory=dict)
    _lost: set[Reading] = field(default_factory=set)
    _settled: dict[str, float] = field(default_factory=dict)

    def start(self) -> list[Unit]:
        """The first units of this contestant."""
        trained = dict.fromkeys(fit for fit in self.missing if store.has(self.context.store, fit.hash))
        units = [unit for fit in trained for unit in self._readings(fit)]
        self._untrained = [fit for fit in self.missing if fit not in trained]
        if not self._untrained:
            return units
        return units + self._tune()

    def finished(self, unit: Unit, outcome: Outcome) -> list[Unit]:
        """Book an outcome."""
        match unit:
            case TrialUnit():
                return self._trial_finished(unit, outcome)
            case FitUnit():
                return self._readings(unit) if not outcome.error else self._give_up([unit], outcome.error)
            case AdaptUnit():
                return self._adapted(unit, outcome)
            case SweepUnit() | ObserveUnit():
                if outcome.error:
                    self.failed.append((unit, outcome.error))
                return []

    def _not_applicable(self, reason: str) -> list[Unit]:
        self.inapplicable = reason
        return []

    def _readings(self, fit: FitUnit) -> list[Unit]:
        """What a trained state makes possible: its readings, or first what fits it to their chips."""
        if self.train_only:
            return []
        found: list[Unit] = []
        for reading in self.missing[fit]:
            needs = [need for need in reading.needs if not store.has(self.context.store, need.hash)]
            found += [need for need in needs if need.hash not in self._waiting] if needs else [reading]
            for need in needs:
                self._waiting.setdefault(need.hash, []).append(reading)
        return found

    def _adapted(self, unit: AdaptUnit, outcome: Outcome) -> list[Unit]:
        waiting = [reading for reading in self._waiting.pop(unit.hash) if reading not in self._lost]
        if outcome.error:
            self._lost.update(waiting)
            self.failed.extend((reading, outcome.error) for reading in waiting)
            return []
        return [reading for reading in waiting if not any(need.hash in self._waiting for need in reading.needs)]

    def _give_up(self, fits: Iterable[FitUnit], reason: str) -> list[Unit]:
        self.failed.extend((unit, reason) for fit in fits for unit in self.missing[fit])
        return []

    # ------------------------------------------------------------------------------------------------- tuning

    @property
    def _tune_hash(self) -> str:
        return self._untrained[0].tune_hash

    def _tune(self) -> list[Unit]:
        record = load_record(self.context.store, self._tune_hash)
        if record is not None:
            return self._fits(record["params"], record.get("statistics"))
        try:
            space = self._space()
        except NotApplicable as error:
            return self._not_applicable(str(error))
        if not self.contestant.tuned or not space:
            self._settled = {name: dim.probe for name, dim in space.items()}
            kinds = possible_kinds(self.context, self.contestant)
            if len(kinds) < 2:
                return self._fits(self._settled, *kinds)
            # Of two kinds of running statistics one trial chooses.
            space = {}
        if find_spec("optuna") is None:
            reason = "tuning needs optuna: pip install optuna, or copy results/store from where this study was tuned"
            return self._give_up(self._untrained, reason + self._way_round)
        self._search = self._new_search(space)
        return self._next_batch()

    @property
    def _way_round(self) -> str:
        return "; or fix `statistics` in the study, which is all that this decides" if self._settled else ""

    def _new_search(self, space: dict[str, Range]) -> Search:
        tuning, entry = self.context.study.tuning, self.contestant.entry
        self.trials = tuning.trials if space else 1
        return Search(
            space,
            entropy=self.context.study.entropy,
            # Not the labels: the tune hash does not hold them, and equal hashes must mean equal searches.
            name=f"{self.context.stream(self.contestant.workload)}/{entry.method}",
            trials=self.trials,
            random_trials=tuning.random_trials,
            batch=tuning.batch,
            mode="random" if entry.tuning == "random" else "gp",
            warm=warm_values(self.context, self.contestant, self._untrained[0].warm_hash) if space else None,
        )

    def _space(self) -> dict[str, Any]:
        from suite.contract.registry import registry
        from suite.crossbar.arrays import crossbar_arrays
        from suite.crossbar.settings import Crossbar

        workload = self.context.workload(self.contestant.workload)
        if not workload.trainable:
            return {}
        method = registry(self.context.study.plugins).method(self.contestant.entry.method)
        stream = self.context.stream(self.contestant.workload)
        network = workload.network(torch_generator(self.context.study.entropy, "space", stream))
        arrays = crossbar_arrays(workload, network, Crossbar())
        try:
            return search_space(method, network, arrays, self.contestant.entry.options, self.contestant.entry.params)
        except UnknownParameter as error:
            raise SuiteError(f"{self.context.study.at(f'methods.{self.contestant.label}.params')}: {error}") from error

    def _next_batch(self) -> list[Unit]:
        """Ask for trials; those the store already knows are not run again."""
        trials = self._search.ask()
        if not trials:
            return self._choose()
        self._batch = [self._candidate(trial) for trial in trials]
        self._outcomes = {}
        todo: list[Unit] = []
        for unit in self._batch:
            record = load_record(self.context.store, unit.hash)
            if record is None:
                todo.append(unit)
            else:
                self._outcomes[unit.number] = record
        return todo or self._tell_when_complete()

    def _candidate(self, trial: Trial) -> TrialUnit:
        params = {**self.contestant.entry.params, **self._settled, **trial.params}
        return TrialUnit(self.contestant, trial.number, params, self._tune_hash, bar_of(self._told))

    def _trial_finished(self, unit: TrialUnit, outcome: Outcome) -> list[Unit]:
        """A candidate that cannot be trained is told as failed; any other error is none of the search's business."""
        if self._abandoned:
            return []
        if outcome.error and outcome.error_type not in HOPELESS:
            self._abandoned = True
            return self._give_up(self._untrained, f"tuning, trial {unit.number}: {outcome.error}")
        self._outcomes[unit.number] = {"value": None} if outcome.error else outcome.values
        return self._tell_when_complete()

    def _tell_when_complete(self) -> list[Unit]:
        if len(self._outcomes) < len(self._batch):
            return []
        outcomes = [self._outcomes[unit.number] for unit in self._batch]
        ended = [unit.number for unit in self._batch if "ended_after" in self._outcomes[unit.number]]
        kinds = {number: outcome["statistics"] for number, outcome in self._outcomes.items() if "statistics" in outcome}
        self._search.tell([outcome["value"] for outcome in outcomes], ended, kinds)
        self._told += outcomes
        self.on_told(self.contestant, self._tune_hash, self._search)
        return self._next_batch()

    def _choose(self) -> list[Unit]:
        try:
            chosen = self._search.chosen()
        except TuningFailed as error:
            return self._give_up(self._untrained, f"{error}{self._way_round}")
        names = {"workload": self.context.stream(self.contestant.workload), "method": self.contestant.entry.method}
        params = {**self._settled, **chosen.params}
        save_record(self.context.store, self._tune_hash, {**names, **chosen.to_json(), "params": params})
        return self._fits(params, chosen.statistics)

    def _fits(self, params: dict[str, float], statistics: Statistics | None = None) -> list[Unit]:
        full = {**self.contestant.entry.params, **params}
        return [replace(fit, params=full, statistics=statistics) for fit in self._untrained]
