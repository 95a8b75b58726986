"""One contestant through a run: search, trainings, sweeps; failures and kills on the way."""

import csv
import json
from dataclasses import replace
from statistics import median

import pytest

from suite.cli.reports import publish_tables
from suite.contract import SuiteError
from suite.plan.units import TrialUnit
from suite.results.cube import Cube, Status
from tests.cubes import files
from tests.toys import METHOD, Scripted, context_of, cube_files, events, kinds, plugin, run_toy, toy_study

# Two random trials, then three guided ones in batches of two.
SEARCH = {"seeds": 1, "realisations": 1, "tuning": {"trials": 5, "random_trials": 1, "batch": 2, "realisations": 1}}
TASKS = 5 + 1 + 1


def store(path):
    return files(path.parent / "results" / "store")


def search_record(path):
    """What the search chose."""
    (record,) = [value for name, value in store(path).items() if name.endswith(".json") and b"on_bound" in value]
    return json.loads(record)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("undisturbed"), **SEARCH)
    run_toy(path)
    return path


@pytest.mark.parametrize("survived", range(TASKS))
def test_a_run_that_is_killed_at_any_task_goes_on_as_if_it_had_not_been(tmp_path, undisturbed, survived):
    path = toy_study(tmp_path, **SEARCH)
    first, second = Scripted(stop_after=survived), Scripted()
    with pytest.raises(KeyboardInterrupt):
        run_toy(path, first)
    run_toy(path, second)
    assert len(first.done) + len(second.done) == TASKS
    assert store(path) == store(undisturbed)
    assert cube_files(path) == cube_files(undisturbed)


# ---------------------------------------------------------------------------------------- hopeless candidates

# Three trials told before anyone is judged, then batches of three, of which some end.
STOPPING = {
    "methods": ["bayesmulti"],
    "seeds": 1,
    "realisations": 1,
    "tuning": {"trials": 9, "random_trials": 2, "batch": 3, "realisations": 3, "stop_at": 0.25},
}


def trial_records(path):
    """{number: the record of that trial}."""
    records = [json.loads(value) for name, value in store(path).items() if name.endswith(".json")]
    return {record["number"]: record for record in records if "number" in record}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("stopped"), **STOPPING)
    run_toy(path)
    return path


def test_who_is_below_the_median_of_those_told_before_ends_and_is_never_chosen(stopped):
    records = trial_records(stopped)
    ended = {number for number, record in records.items() if "ended_after" in record}
    assert 0 < len(ended) < 6
    for number, record in records.items():
        before = [records[told]["at_rung"] for told in range(number // 3 * 3) if told not in ended]
        assert (number in ended) == (bool(before) and record["at_rung"] < median(before))
        if number in ended:
            assert (record["value"], record["ended_after"]) == (record["at_rung"], 5)
            assert "by_sigma_log" not in record
    chosen = search_record(stopped)
    assert {row["number"] for row in chosen["trials"] if row.get("ended_early")} == ended
    assert chosen["objective"] == max(record["value"] for number, record in records.items() if number not in ended)


def test_an_early_end_is_an_event_and_no_failure(stopped):
    ended = [event for event in events(stopped) if "ended_after" in event]
    assert {event["status"] for event in ended} == {"done"}
    assert len(ended) == sum("ended_after" in record for record in trial_records(stopped).values())


def test_published_trials_say_who_ended(tmp_path, stopped):
    _, gaps = publish_tables(context_of(stopped), tmp_path)
    assert gaps == []
    with (tmp_path / "tuning.csv").open(newline="") as file:
        published = {int(row["trial"]) for row in csv.DictReader(file) if row["ended_early"]}
    assert published == {number for number, record in trial_records(stopped).items() if "ended_after" in record}


def test_units_that_a_publication_lacks_are_counted(tmp_path, stopped):
    context = context_of(stopped)
    seeds = (*context.study.seeds, max(context.study.seeds) + 1)
    wider = replace(context, study=context.study.model_copy(update={"seeds": seeds}))
    _, (gap,) = publish_tables(wider, tmp_path)
    left = json.loads((tmp_path / "receipt.json").read_text())["units_missing"]
    assert left > 0 and f"missing, or computed by other code: {left} of" in gap


@pytest.mark.parametrize(("slots", "seed"), [(2, 0), (3, 1), (3, 2)])
def test_who_ends_does_not_depend_on_workers_or_their_order(tmp_path, stopped, slots, seed):
    path = toy_study(tmp_path, **STOPPING)
    run_toy(path, Scripted(slots=slots, seed=seed))
    assert store(path) == store(stopped)
    assert cube_files(path) == cube_files(stopped)


@pytest.mark.parametrize("survived", [2, 4, 7])
def test_who_ends_does_not_depend_on_kills(tmp_path, stopped, survived):
    path = toy_study(tmp_path, **STOPPING)
    with pytest.raises(KeyboardInterrupt):
        run_toy(path, Scripted(slots=3, seed=3, stop_after=survived))
    run_toy(path)
    assert store(path) == store(stopped)


def test_trials_that_go_on_to_the_end_are_worth_what_they_would_be_without_judgement(tmp_path, stopped):
    tuning = {key: value for key, value in STOPPING["tuning"].items() if key != "stop_at"}
    path = toy_study(tmp_path, **{**STOPPING, "tuning": tuning})
    run_toy(path)
    plain, judged = trial_records(path), trial_records(stopped)
    for number in range(3):
        assert plain[number] == {key: value for key, value in judged[number].items() if key != "at_rung"}


@pytest.mark.parametrize("error", ["TrainingDiverged", "NonFiniteOutput"])
def test_a_candidate_that_does_not_train_is_told_and_the_search_goes_on(tmp_path, error):
    path = toy_study(tmp_path, **SEARCH)
    executor = Scripted(fail=lambda task: error if isinstance(task, TrialUnit) and task.number in (0, 3) else None)
    summary = run_toy(path, executor)
    assert summary.failed == {}
    assert kinds(executor.done) == {"trial": 3, "fit": 1, "sweep": 1}
    objectives = [trial["objective"] for trial in search_record(path)["trials"]]
    assert [number for number, objective in enumerate(objectives) if objective is None] == [0, 3]


def test_where_no_candidate_trains_the_method_fails_and_the_other_goes_on(tmp_path):
    path = toy_study(tmp_path, methods=["erm", "bayesmulti"])
    hopeless = Scripted(
        fail=lambda task: "TrainingDiverged" if task.kind == "trial" and task.contestant.label == "erm" else None
    )
    summary = run_toy(path, hopeless)
    reason = "toy/erm: all 2 candidates failed; see the events of the run"
    assert summary.failed == {"toy erm, seed 0": reason, "toy erm, seed 1": reason}
    cube = Cube.open(context_of(path).cube)
    assert (cube.status("toy")[0] == Status.FAILED).all()
    assert (cube.status("toy")[1] == Status.DONE).all()
    assert run_toy(path).failed == {}
    assert (Cube.open(context_of(path).cube).status("toy") == Status.DONE).all()


def test_another_error_of_a_trial_is_none_of_the_searchs_business(tmp_path):
    path = toy_study(tmp_path, **SEARCH)
    executor = Scripted(fail=lambda task: "OSError" if task.kind == "trial" and task.number == 2 else None, slots=2)
    summary = run_toy(path, executor)
    assert summary.failed == {"toy erm, seed 0": "tuning, trial 2: OSError made by the test"}
    assert "fit" not in kinds(executor.done)
    assert run_toy(path).failed == {}


def test_a_method_without_meaning_here_is_not_applicable_and_no_failure(tmp_path):
    entry = {"method": "bayesmulti", "options": {"placement": "authors"}}
    path = toy_study(tmp_path, methods={"erm": {}, "theirs": entry})
    assert run_toy(path).failed == {}
    status = Cube.open(context_of(path).cube).status("toy")
    assert (status[0] == Status.DONE).all()
    assert (status[1] == Status.NOT_APPLICABLE).all()


def test_fixed_parameters_are_not_searched(tmp_path):
    path = toy_study(tmp_path, methods={"erm": {"params": {"weight_decay": 0.25}}}, seeds=1)
    executor = Scripted()
    run_toy(path, executor)
    assert {task.params["weight_decay"] for task in executor.done if task.kind != "sweep"} == {0.25}
    assert set(search_record(path)["params"]) == {"learning_rate_factor"}


def test_without_tuning_the_probe_is_trained(tmp_path):
    path = toy_study(tmp_path, methods={"bayesmulti": {"tuning": "none", "params": {"rate_1": 0.3}}}, seeds=1)
    executor = Scripted()
    run_toy(path, executor)
    (fit,) = [task for task in executor.done if task.kind == "fit"]
    assert kinds(executor.done) == {"fit": 1, "sweep": 2}
    assert fit.params == {"learning_rate_factor": 1.0, "weight_decay": 1e-4, "rate_1": 0.3}


def test_a_parameter_that_the_method_lacks_is_named_before_anything_runs(tmp_path):
    path = toy_study(tmp_path, methods={"mine": {"method": "erm", "params": {"weight_decai": 0.1}}})
    executor = Scripted()
    with pytest.raises(SuiteError) as caught:
        run_toy(path, executor)
    rest = "ERM has no parameter 'weight_decai', did you mean 'weight_decay'?"
    assert str(caught.value).startswith(f"{path}: field methods.mine.params: {rest}")
    assert executor.done == []


def test_a_label_is_only_a_name(tmp_path):
    """Two studies that share a search share its outcome, whatever they call the method."""
    chosen = []
    for label in ("erm", "baseline"):
        path = toy_study(tmp_path / label, methods={label: {"method": "erm"}})
        run_toy(path)
        chosen.append(search_record(path))
    assert chosen[0]["params"] == chosen[1]["params"]
    assert chosen[0]["trials"] == chosen[1]["trials"]


def test_studies_share_searches_and_trainings(tmp_path):
    run_toy(toy_study(tmp_path))
    executor = Scripted()
    run_toy(toy_study(tmp_path, name="second", seeds=[1, 2]), executor)
    assert [task.seed for task in executor.done if task.kind == "fit"] == [2]
    assert kinds(executor.done) == {"fit": 1, "sweep": 2}


def test_an_own_method_is_tuned_and_trained(tmp_path):
    plugin(tmp_path / "own", "method", "plain", METHOD)
    path = toy_study(tmp_path, methods=["plain"], seeds=1)
    run_toy(path)
    assert [event["kind"] for event in events(path) if event["status"] == "done"] == ["trial"] * 2 + ["fit"] + [
        "sweep"
    ] * 2
