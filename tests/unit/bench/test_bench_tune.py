"""The measurement of searches: what it counts, schedules and compares."""

import csv

import pytest

from suite.contract import Range
from tests.bench import tune as bench
from tests.bench.tables import write
from tests.bench.tune import ENDED, GP, RANDOM, WARM, Step, course, measure, schedule
from tests.bench.tune_jobs import Job, bowl, training
from tests.bench.tune_table import rows, table


def line(values=None, cheaper=None):
    """A job of one parameter, whose trial n is worth values[n]."""
    asked = []

    def evaluate(trial, bar, stop_at):
        asked.append((trial.number, bar, stop_at))
        value = values[trial.number] if values else -abs(trial.params["x"] - 0.3)
        if value is None:
            return {"value": None}
        if bar is not None and value < bar:
            return {"value": value, "at_rung": value, "ended_after": 1}
        return {"value": value, "at_rung": value}

    job = Job("line", "metres", {"x": Range(0.0, 1.0, probe=0.5)}, lambda repetition: evaluate, cheaper)
    return job, asked


@pytest.mark.parametrize(
    ("seconds", "workers", "finished"),
    [
        ([3, 1, 1, 1], 1, [3, 4, 5, 6]),
        ([3, 1, 1, 1], 2, [3, 1, 2, 3]),
        ([2, 2, 2, 2, 1], 4, [2, 2, 2, 2, 3]),
        ([], 4, []),
    ],
)
def test_tasks_go_to_the_worker_that_is_free_first(seconds, workers, finished):
    assert schedule(seconds, workers) == finished


def test_a_course_has_the_best_so_far_and_what_it_cost():
    job, asked = line([None, 0.2, 0.1, 0.5, 0.4, 0.6])
    steps = course(job, RANDOM, 0, 6)
    assert [step.best for step in steps] == [-float("inf"), 0.2, 0.2, 0.5, 0.5, 0.6]
    assert [step.spent for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [number for number, _, _ in asked] == list(range(6))
    for name in ("cpu_s", "workers_s", "sampler_s"):
        times = [getattr(step, name) for step in steps]
        assert times == sorted(times)
    assert all(step.sampler_s <= step.workers_s <= step.cpu_s for step in steps)


def test_an_early_end_counts_its_share_and_is_never_the_best():
    job, asked = line([0.1, 0.2, 0.3, 0.4, 0.24, 0.5, 0.2])
    steps = course(job, ENDED, 0, 7)
    assert [bar for _, bar, _ in asked] == pytest.approx([None] * 4 + [0.25, 0.25, 0.3])
    assert [step.spent for step in steps] == [1, 2, 3, 4, 4.5, 5.5, 6]
    assert steps[-1].best == 0.5


def test_a_warm_search_begins_with_the_cheaper_best():
    cheaper, before = line()
    job, asked = line(cheaper=cheaper)
    steps = course(job, WARM, 0, 6)
    assert (len(before), len(asked)) == (3, 6)
    assert steps[0].best >= course(line()[0], GP, 0, 3)[-1].best
    assert steps[-1].spent == 6


def test_the_ways_of_a_repetition_draw_the_same_first_candidates():
    job, _ = line()
    found = measure(job, bench.SAMPLERS, repetitions=2, trials=4)
    courses = [[[step.best for step in steps] for steps in searches] for searches in found.values()]
    assert all(course == courses[0] for course in courses)
    assert courses[0][0] != courses[0][1]


def test_the_bowl_is_synthetic_and_lies_elsewhere_in_every_repetition():
    job = bowl()
    trial = bench.Search(job.space, entropy=0, name="x", trials=1, random_trials=0, batch=1).ask()[0]
    worth = [job.evaluate_in(repetition)(trial, None, None)["value"] for repetition in (0, 0, 1)]
    assert worth[0] == worth[1] != worth[2]
    assert "synthetic" in job.name


def test_the_real_job_trains_and_ends_as_workers_do(tmp_path):
    job = training("crossbar_10x10", "ci", tmp_path)
    trial = bench.Search(job.space, entropy=0, name="x", trials=1, random_trials=0, batch=1).ask()[0]
    evaluate = job.evaluate_in(0)
    assert set(evaluate(trial, None, None)) == {"value", "by_sigma_log"}
    assert set(evaluate(trial, None, 0.5)) == {"value", "by_sigma_log", "at_rung"}
    assert evaluate(trial, 1.1, 0.5)["ended_after"] == 15


def test_courses_are_a_table_and_rows(tmp_path):
    def searches(*ends):
        return [[Step(end / 2, 1, 1, 0.5, 1)] * 4 + [Step(end, 2, 2, 1, 1.5)] * 4 for end in ends]

    job, _ = line()
    found = [(job, {GP.name: searches(0.5, 0.7), RANDOM.name: searches(0.4, 0.5)})]
    text = table(found)
    assert "line, 1 parameters, 2 repetitions; objective: metres" in text
    assert "GP, one at a time - random, at the end: +0.1500 +- 0.6353 (n.s.)" in text
    written = rows(found)
    values = {row.name: (row.value, row.unit) for row in written}
    assert values["line: GP, one at a time, 8 candidates: best"] == (pytest.approx(0.6), "metres")
    assert values["line: GP, one at a time, 8 candidates: CPU"] == (2, "CPU s")
    assert values["line: random, 8 candidates: on 4 idle cores"] == (1.5, "s")
    assert values["line: GP, one at a time, 8 candidates: lead on random"] == (pytest.approx(0.15), "metres")
    write(written, tmp_path / "tune.csv")
    with (tmp_path / "tune.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2 * 6 + 2


def test_the_plan_of_a_quick_run_is_the_full_one(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(bench, "measure", lambda job, ways, *size: seen.append((job.name, len(ways), size)) or {})
    bench.run(quick=True)
    bench.run()
    assert [name for name, _, _ in seen[:3]] == [name for name, _, _ in seen[3:]]
    assert {size for _, _, size in seen[:3]} == {(2, 8)}
    assert all(repetitions >= 5 for _, _, (repetitions, _) in seen[3:])
