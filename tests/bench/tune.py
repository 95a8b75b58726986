"""How good a search is for what it costs: sequential and batched Gaussian process, TPE, random, early ends, warm start.

Every repetition has its own keyed seed; the ways of one repetition draw the same first candidates, so that they can be
compared in pairs. Times are CPU seconds; what several workers would take is their schedule, computed from these.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, TypeVar

from suite.training.search import Mode, Search, Values
from suite.training.stopping import bar_of
from tests.bench.tables import threads
from tests.bench.tune_jobs import ENTROPY, Job, bowl, training

WORKERS, RANDOM_TRIALS = 4, 3
T = TypeVar("T")


@dataclass(frozen=True)
class Way:
    """A way to search; stop_at: share of the epochs after which a hopeless candidate ends; warm: begins with the best
    of a search at the cheaper scale."""

    name: str
    mode: Mode
    batch: int = 1
    stop_at: float | None = None
    warm: bool = False


GP, RANDOM = Way("GP, one at a time", "gp"), Way("random", "random")
SAMPLERS = (GP, Way(f"GP, batches of {WORKERS}", "gp", WORKERS), Way("TPE, one at a time", "tpe"), RANDOM)
ENDED, WARM = Way("GP, ended at half", "gp", stop_at=0.5), Way("GP, warm start", "gp", warm=True)


@dataclass(frozen=True)
class Step:
    """A search after one more candidate: best objective of those trained to the end; trainings spent, an early end
    counting its share; CPU seconds in all and of the sampler alone; seconds on WORKERS idle cores."""

    best: float = -float("inf")
    spent: float = 0.0
    cpu_s: float = 0.0
    sampler_s: float = 0.0
    workers_s: float = 0.0


# {way: a list of steps per repetition}
Courses = dict[str, list[list[Step]]]


def run(quick: bool = False) -> list[tuple[Job, Courses]]:
    """All searches; quick: two repetitions of eight candidates, else eight of twenty, four minutes of one core."""
    repetitions, trials = (2, 8) if quick else (8, 20)
    with threads(1), TemporaryDirectory() as folder:
        return [(job, measure(job, ways, repetitions, trials)) for job, ways in _plans(Path(folder))]


def _plans(folder: Path) -> list[tuple[Job, Sequence[Way]]]:
    return [
        (training("mnist_mlp", "ci", folder), (*SAMPLERS, ENDED)),
        (training("crossbar_10x10", "quick", folder, cheaper="ci"), (GP, WARM)),
        (bowl(), SAMPLERS),
    ]


def measure(job: Job, ways: Sequence[Way], repetitions: int, trials: int) -> Courses:
    """The ways take turns, so that the load of the machine falls on all alike."""
    found: Courses = {way.name: [] for way in ways}
    for way in ways:
        course(job, way, -1, RANDOM_TRIALS + 3)  # loads libraries and data
    for repetition in range(repetitions):
        for way in ways:
            found[way.name].append(course(job, way, repetition, trials))
    return found


def course(job: Job, way: Way, repetition: int, trials: int) -> list[Step]:
    """One search of so many candidates. A warm one has half as many at the cheaper scale first: they count in its times
    and not among its trainings."""
    step, warm = _warmed(job, repetition, trials // 2) if way.warm else (Step(), None)
    search, evaluate = _search(job, way, repetition, trials, warm), job.evaluate_in(repetition)
    steps: list[Step] = []
    told: list[Mapping[str, Any]] = []
    while True:
        sampling, batch = _timed(search.ask)
        if not batch:
            return steps
        bar = bar_of(told) if way.stop_at is not None else None
        timed = [_timed(evaluate, trial, bar, way.stop_at) for trial in batch]
        records = [record for _, record in timed]
        ended = [trial.number for trial, record in zip(batch, records, strict=True) if "ended_after" in record]
        telling, _ = _timed(search.tell, [record["value"] for record in records], ended)
        sampling += telling
        step = replace(step, cpu_s=step.cpu_s + sampling, sampler_s=step.sampler_s + sampling)
        begun = step.workers_s + sampling
        for (seconds, record), finished in zip(timed, schedule([seconds for seconds, _ in timed]), strict=True):
            step = _grown(step, record, way, seconds, begun + finished)
            steps.append(step)
        told += records


def _grown(step: Step, record: Mapping[str, Any], way: Way, seconds: float, finished: float) -> Step:
    """With one more candidate."""
    share = way.stop_at if way.stop_at is not None and "ended_after" in record else 1.0
    done = record["value"] is not None and "ended_after" not in record
    return replace(
        step,
        best=max(step.best, record["value"]) if done else step.best,
        spent=step.spent + share,
        cpu_s=step.cpu_s + seconds,
        workers_s=max(step.workers_s, finished),
    )


def _warmed(job: Job, repetition: int, trials: int) -> tuple[Step, Values]:
    """What a search at the cheaper scale cost, and the values it chose."""
    assert job.cheaper is not None
    search, evaluate = _search(job.cheaper, GP, repetition, trials, None), job.cheaper.evaluate_in(repetition)

    def all_of_it() -> Values:
        while batch := search.ask():
            search.tell([evaluate(trial, None, None)["value"] for trial in batch])
        return search.chosen().params

    seconds, values = _timed(all_of_it)
    return Step(cpu_s=seconds, workers_s=seconds), values


def _search(job: Job, way: Way, repetition: int, trials: int, warm: Values | None) -> Search:
    return Search(
        job.space,
        entropy=ENTROPY,
        name=f"{job.name}/{repetition}",
        trials=trials,
        random_trials=RANDOM_TRIALS,
        batch=way.batch,
        mode=way.mode,
        warm=warm,
    )


def schedule(seconds: Sequence[float], workers: int = WORKERS) -> list[float]:
    """When each of these tasks, handed out in their order, is finished."""
    free, finished = [0.0] * workers, []
    for duration in seconds:
        finished.append(heapq.heappop(free) + duration)
        heapq.heappush(free, finished[-1])
    return finished


def _timed(work: Callable[..., T], *arguments: Any) -> tuple[float, T]:
    """CPU seconds of this process, and what came of it."""
    start = process_time()
    found = work(*arguments)
    return process_time() - start, found
