"""Searches side by side: best objective after so many trainings, what they had cost by then, and the lead on random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

from suite.statistics.paired import Interval, interval, paired
from tests.bench.hardware import processor
from tests.bench.rows import Measured, measured
from tests.bench.tune import GP, RANDOM, WORKERS, Courses, Step
from tests.bench.tune_jobs import Job

EVERY = 4


def rows(found: Sequence[tuple[Job, Courses]]) -> list[Measured]:
    """Every way after its last candidate, with half widths of 95 % intervals over repetitions."""
    return [row for job, courses in found for row in _rows(job, courses)]


def _rows(job: Job, courses: Courses) -> Iterator[Measured]:
    for way, searches in courses.items():
        steps = [search[-1] for search in searches]
        name, best = f"{job.name}: {way}, {len(searches[0])} candidates", _best(steps)
        yield measured("tune", f"{name}: best", best.mean, job.unit)
        yield measured("tune", f"{name}: half width of best", best.half_width, job.unit)
        yield measured("tune", f"{name}: trainings spent", mean(step.spent for step in steps), "trainings")
        yield measured("tune", f"{name}: CPU", mean(step.cpu_s for step in steps), "CPU s")
        yield measured("tune", f"{name}: of which sampler", mean(step.sampler_s for step in steps), "CPU s")
        yield measured("tune", f"{name}: on {WORKERS} idle cores", mean(step.workers_s for step in steps), "s")
        if way != (base := _base(courses)):
            lead = _lead(searches, courses[base])
            yield measured("tune", f"{name}: lead on {base}", lead.mean, job.unit)
            yield measured("tune", f"{name}: half width of lead", lead.half_width, job.unit)


def table(found: Sequence[tuple[Job, Courses]]) -> str:
    """A block per job, a line per way and mark."""
    lines = [line for job, courses in found for line in _block(job, courses)]
    return "\n".join([*lines, f"one thread of {processor()}; means with 95 % t intervals over repetitions"])


def _block(job: Job, courses: Courses) -> Iterator[str]:
    repetitions = len(next(iter(courses.values())))
    yield f"{job.name}, {len(job.space)} parameters, {repetitions} repetitions; objective: {job.unit}"
    head = f"{'best':>9}{'+-':>9}{'spent':>8}{'CPU s':>8}{'sampler':>9}{f'{WORKERS} cores':>9}"
    yield f"  {'way':<20}{'after':>6}{head}"
    for way, searches in courses.items():
        for count, steps in _marks(searches):
            best = _best(steps)
            costs = [mean(values) for values in zip(*(_costs(step) for step in steps), strict=True)]
            spent, cpu, sampler, workers = costs
            figures = f"{best.mean:>9.4f}{best.half_width:>9.4f}{spent:>8.1f}{cpu:>8.2f}{sampler:>9.2f}{workers:>9.2f}"
            yield f"  {way:<20}{count:>6}{figures}"
    base = _base(courses)
    for way, searches in courses.items():
        if way != base:
            lead = _lead(searches, courses[base])
            told = "" if lead.excludes_zero else " (n.s.)"
            yield f"  {way} - {base}, at the end: {lead.mean:+.4f} +- {lead.half_width:.4f}{told}"


def _costs(step: Step) -> tuple[float, float, float, float]:
    return step.spent, step.cpu_s, step.sampler_s, step.workers_s


def _marks(searches: Sequence[Sequence[Step]]) -> Iterator[tuple[int, list[Step]]]:
    """(candidates, the step of every repetition), every few candidates."""
    for count in range(EVERY, len(searches[0]) + 1, EVERY):
        yield count, [steps[count - 1] for steps in searches]


def _base(courses: Courses) -> str:
    """What the ways of a job are compared with."""
    return RANDOM.name if RANDOM.name in courses else GP.name


def _best(steps: Sequence[Step]) -> Interval:
    return interval([step.best for step in steps])


def _lead(searches: Sequence[Sequence[Step]], base: Sequence[Sequence[Step]]) -> Interval:
    """Of the best after all candidates, paired by repetition."""
    return paired([steps[-1].best for steps in searches], [steps[-1].best for steps in base])
