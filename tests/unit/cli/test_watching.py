"""`suite watch`: how far a run has come, from its event log alone."""

import json

from suite.cli.watching import Events
from suite.run.course import Course
from tests.toys import Scripted, refused, run_toy, suite, toy_study


def log_of(path):
    return path.parent / "results" / "toy" / "events.jsonl"


def course_of(path):
    course = Course()
    for event in Events(log_of(path)).new():
        course.take(event)
    return course


def test_a_finished_run_has_ended_all_that_it_planned(tmp_path):
    path = toy_study(tmp_path)
    done = run_toy(path).done
    course = course_of(path)
    (share,) = course.shares.values()
    assert course.complete
    assert share.done == {"trial": 2, "fit": 2, "sweep": 4} == share.wanted
    assert done == share.ended
    assert course.per_minute > 0


def test_labels_that_stand_for_the_same_count_once(tmp_path):
    path = toy_study(tmp_path, methods={"one": {"method": "erm"}, "two": {"method": "erm"}})
    run_toy(path)
    assert course_of(path).complete


def test_the_last_run_alone_counts_and_what_fails_is_told(tmp_path):
    path = toy_study(tmp_path)
    run_toy(path, Scripted(fail=lambda unit: "OSError" if unit.kind == "sweep" else ""))
    output = suite("watch", path, "--results", tmp_path / "results").output
    assert "toy" in output and "erm" in output and "units a minute" in output
    (share,) = course_of(path).shares.values()
    assert (share.done["fit"], share.failed["sweep"]) == (2, 4)
    run_toy(path)
    (share,) = course_of(path).shares.values()
    assert (share.wanted, share.ended) == ({"sweep": 4, "trial": 0}, 4)


def test_time_left_needs_each_kind_once_and_something_that_runs(tmp_path):
    course = Course()
    about = {"workload": "w", "contestant": "m", "hash": "", "time": "2026-01-01T00:00:00+00:00", "worker": "n1:7"}
    course.take({**about, "status": "planned", "kind": "plan", "run": "1", "wanted": {"fit": 2, "sweep": 4}})
    course.take({**about, "status": "started", "kind": "fit"})
    assert course.seconds_left is None
    course.take({**about, "status": "done", "kind": "fit", "seconds": 10.0})
    course.take({**about, "status": "started", "kind": "sweep"})
    assert course.seconds_left is None
    course.take({**about, "status": "done", "kind": "sweep", "seconds": 2.0})
    course.take({**about, "status": "started", "kind": "sweep"})
    course.take({**about, "status": "started", "kind": "sweep"})
    assert course.seconds_left == (10 + 3 * 2) / 2
    assert course.nodes == {"n1": {"7"}}


def test_a_line_that_is_not_whole_yet_is_read_when_it_is(tmp_path):
    log = tmp_path / "events.jsonl"
    events = Events(log)
    assert [*events.new()] == []
    log.write_text(json.dumps({"a": 1}) + '\n{"b"')
    assert [*events.new()] == [{"a": 1}]
    with log.open("a") as file:
        file.write(": 2}\n")
    assert [*events.new()] == [{"b": 2}]


def test_without_a_run_it_says_what_to_do(tmp_path):
    path = toy_study(tmp_path)
    assert "start one with `suite run`" in refused("watch", path, "--results", tmp_path / "results")
    assert "no run with a dashboard" in refused("dashboard", path, "--results", tmp_path / "results")
