"""Finding a method's parameters: Optuna asked and told in synchronous batches, so that timing never changes a result.

The search is a pure function of what was told: trial n is asked with a sampler seeded by (entropy, name, n). After a
kill it is replayed from the stored trial results and goes on exactly where an undisturbed run would be. A candidate
that was ended early is told with what it was worth then, and is never chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from suite.contract import Condition, Method, Range, SuiteError, Workload
from suite.contract.names import meant
from suite.contract.seeds import stream

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from torch import Tensor, nn

    from suite.contract.method import Statistics
    from suite.crossbar.key import Key

Values = dict[str, float]
# How candidates are found.
Mode = Literal["gp", "random"]

# A chosen value this close to a bound, as a share of the range searched, is flagged: the best may lie outside.
NEAR = 1e-3


# What the rows of a search say of a trial whose training was ended early, and of its running statistics.
ENDED, STATISTICS = "ended_early", "statistics"

# Errors of a candidate itself: the search learns from them that these parameters do not train.
HOPELESS = ("TrainingDiverged", "NonFiniteOutput")


class TuningFailed(SuiteError):
    """No candidate of a search could be trained."""


class UnknownParameter(SuiteError):
    """A study fixes a parameter that its method does not have."""


@dataclass(frozen=True)
class Trial:
    """A candidate to be trained and scored."""

    number: int
    params: Values


@dataclass(frozen=True)
class Chosen:
    """The outcome of a search: the best parameters, every trial, which parameters ended on a bound, and with which kind
    of running statistics the best was worth that (None: there is but one)."""

    params: Values
    objective: float
    on_bound: tuple[str, ...]
    trials: tuple[dict[str, Any], ...]
    statistics: Statistics | None = None

    def to_json(self) -> dict[str, Any]:
        """For the store."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Search:
    """One search: ask for the open batch, tell its objectives, until the budget is spent.

    The first batch holds the values to begin with (warm: the best of another search; the probe) and the random trials;
    guided batches hold `batch` trials each.
    """

    def __init__(
        self,
        space: Mapping[str, Range],
        *,
        entropy: int,
        name: str,
        trials: int,
        random_trials: int,
        batch: int,
        mode: Mode = "gp",
        warm: Values | None = None,
    ) -> None:
        self.space = dict(space)
        self._entropy, self._name, self._mode = entropy, name, mode
        probe = {name: dim.probe for name, dim in self.space.items()}
        self._known = [probe] if warm is None or warm == probe else [dict(warm), probe]
        start = trials if mode == "random" else len(self._known) + random_trials
        self._trials, self._start, self._batch = trials, min(trials, start), batch
        self._study = _quiet_study()
        self._open: list[optuna.Trial] = []

    @property
    def told(self) -> int:
        """How many trials have an outcome."""
        return len(self._study.trials) - len(self._open)

    @property
    def finished(self) -> list[optuna.trial.FrozenTrial]:
        """Trials with an outcome, in order of number."""
        return self._study.get_trials(deepcopy=False)[: self.told]

    def ask(self) -> list[Trial]:
        """The next batch; empty once the budget is spent. Tell it before asking again."""
        if self._open:
            raise RuntimeError("the open batch must be told first")
        end = min(self._start if self.told == 0 else self.told + self._batch, self._trials)
        self._open = [self._ask_one(number) for number in range(self.told, end)]
        return [Trial(trial.number, dict(trial.params)) for trial in self._open]

    def tell(
        self,
        objectives: Sequence[float | None],
        ended: Collection[int] = (),
        statistics: Mapping[int, Statistics] | None = None,
    ) -> None:
        """The objectives of the open batch in trial order, larger is better; None for a candidate that failed.

        ended: numbers of trials whose training was ended early; their objectives are what they were worth then.
        statistics: by number, the kind of running statistics that a trial was worth that with, where there are two.
        """
        import optuna

        if len(objectives) != len(self._open):
            raise ValueError(f"{len(self._open)} trials are open, {len(objectives)} objectives were told")
        for trial, value in zip(self._open, objectives, strict=True):
            if trial.number in ended:
                trial.set_user_attr(ENDED, True)
            if statistics and trial.number in statistics:
                trial.set_user_attr(STATISTICS, statistics[trial.number])
            state = optuna.trial.TrialState.FAIL if value is None else None
            self._study.tell(trial, value, state=state)
        self._open = []

    def chosen(self) -> Chosen:
        """The best trial told that was trained to the end (the earliest of equals). Raises TuningFailed if none was."""
        trials = self._study.trials
        finished = [trial for trial in trials if trial.value is not None and ENDED not in trial.user_attrs]
        if not finished:
            raise TuningFailed(f"{self._name}: all {len(trials)} candidates failed; see the events of the run")
        best = max(finished, key=lambda trial: (trial.value, -trial.number))
        rows = tuple(
            {"number": t.number, "params": dict(t.params), "objective": t.value, **t.user_attrs} for t in trials
        )
        statistics = best.user_attrs.get(STATISTICS)
        return Chosen(dict(best.params), best.value or 0.0, self._on_bound(best.params), rows, statistics)

    def _on_bound(self, params: Values) -> tuple[str, ...]:
        places = {name: _place(self.space[name], value) for name, value in params.items()}
        return tuple(name for name, place in places.items() if min(place, 1 - place) <= NEAR)

    def _ask_one(self, number: int) -> optuna.Trial:
        distributions: dict[str, BaseDistribution] = {n: _distribution(dim) for n, dim in self.space.items()}
        if number < len(self._known):
            self._study.enqueue_trial(self._known[number])
        self._study.sampler = self._sampler(number)
        return self._study.ask(distributions)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        """A fresh sampler per trial: one that lives on would repeat or lose its stream after a kill."""
        import optuna

        seed = int(stream(self._entropy, "search", self._name, number).generate_state(1)[0])
        random = optuna.samplers.RandomSampler(seed=seed)
        if number < self._start:
            return random
        return optuna.samplers.GPSampler(
            seed=seed, independent_sampler=random, n_startup_trials=0, deterministic_objective=False
        )


def _quiet_study() -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(direction="maximize", storage=optuna.storages.InMemoryStorage())


def _place(dim: Range, value: float) -> float:
    """Where a value lies between the bounds, 0 to 1, on the scale that is searched."""
    scale: Callable[[float], float] = math.log if dim.log else float
    return (scale(value) - scale(dim.low)) / (scale(dim.high) - scale(dim.low))


def _distribution(dim: Range) -> BaseDistribution:
    import optuna

    return optuna.distributions.FloatDistribution(dim.low, dim.high, log=dim.log)


def search_space(
    method: Method,
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    options: Mapping[str, Any],
    fixed: Mapping[str, float],
) -> dict[str, Range]:
    """What is searched: the method's own dimensions, learning rate and weight decay, less what the study fixes.

    Raises UnknownParameter.
    """
    from suite.training.loop import COMMON_SPACE

    full = {**COMMON_SPACE, **method.space(network, arrays, **method.complete(options))}
    if unknown := sorted(set(fixed) - set(full)):
        raise UnknownParameter(f"{method.title} has no parameter {unknown[0]!r}{meant(unknown[0], full)}")
    return {name: dim for name, dim in full.items() if name not in fixed}


def objective(
    workload: Workload,
    network: nn.Module,
    splits: Any,
    *,
    kind: Literal["drift", "clean_train"],
    sigma_log: Sequence[float],
    realisations: int,
    key: Key,
) -> dict[str, Any]:
    """What a candidate is worth, larger is better, from training and validation data alone.

    drift: mean validation score over sigma_log x realisations of the lognormal device, the same draws for every
    candidate, as their key is the same; clean_train: the noise-free training score (the authors' code). Returns value
    and the mean per level.
    """
    from suite.sweep.sweep import sweep

    data = splits.validation if kind == "drift" else splits.train
    levels = tuple(sigma_log) if kind == "drift" else (0.0,)
    result = sweep(
        workload,
        network,
        {"test": data},
        [Condition.of(sigma_log=sigma) for sigma in levels],
        range(realisations if kind == "drift" else 1),
        key,
    )
    means = result.scores[workload.objective].mean(axis=1)
    sign = 1.0 if workload.measures[workload.objective].higher_is_better else -1.0
    by_level = {f"{sigma:g}": float(mean) for sigma, mean in zip(levels, means, strict=True)}
    return {"value": sign * float(means.mean()), "by_sigma_log": by_level}
