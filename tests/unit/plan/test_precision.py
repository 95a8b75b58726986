"""Studies that want a precision: what their pilot decides, what is recorded, and that nothing else changes."""

import json
from dataclasses import replace

import numpy as np
import pytest

import suite as house
from suite.plan.plan import make_plan
from suite.plan.stages import stage_hashes
from suite.results.cube import Cube, Status, digest
from suite.statistics.components import components
from suite.statistics.two_stage import realisations_needed
from tests.toys import HOLLOW, Scripted, context_of, cube_files, kinds, plugin, run_toy, suite, toy_study

# Four trainings; one chunk holds two realisations.
BASE = {"methods": {"erm": {"tuning": "none"}}, "seeds": 4, "realisations": 3, "conditions": [{"usability": [0.5]}]}
REACHED = {**BASE, "precision": {"half_width": 0.095}}
# On perfect crossbars trained states differ, and no realisation changes that.
MISSED = {**BASE, "conditions": [{"usability": [1.0, 0.5]}], "precision": {"half_width": 0.02, "most_realisations": 4}}


def record(study):
    return json.loads((study.parent / "results" / "toy" / "receipts" / "precision" / "toy.json").read_text())


def scores(study):
    return house.open("toy", study.parent / "results")["toy"].to_dataset()["accuracy"]


@pytest.fixture(scope="module")
def reached(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("reached"), **REACHED)
    run_toy(path)
    return path


def test_the_pilot_decides_and_the_design_is_recorded(reached):
    found, values = record(reached), scores(reached).to_numpy()[0, :, 0]
    pilot, everything = components(values[:, :3]), components(values)
    (cell,) = found.pop("cells")
    number = realisations_needed(pilot, 0.095, 100)
    assert values.shape == (4, number)
    assert number > 3
    assert found == {
        "half_width": 0.095,
        "most_realisations": 100,
        "seeds": 4,
        "pilot": 3,
        "realisations": number,
        "complete": True,
    }
    assert cell["variance"]["seeds"] == pytest.approx(pilot.between)
    assert cell["variance"]["realisations"] == pytest.approx(pilot.within)
    assert cell["variance"]["test_set"] == pytest.approx(pilot.mean * (1 - pilot.mean) / 30)
    assert cell["predicted_half_width"] == pytest.approx(pilot.predicted(number))
    assert cell["reached_half_width"] == pytest.approx(everything.half_width)
    assert cell["reached_half_width"] <= 0.095
    assert (cell["asked"], cell["seeds_needed"]) == (number, 4)


def test_the_user_is_told_and_status_says_it_again(reached):
    for verb in (("run", "--executor", "serial"), ("status",)):
        output = suite(*verb, reached, "--results", reached.parent / "results").output
        assert (
            f"toy: {record(reached)['realisations']} realisations (pilot 3) for a half width of 0.095: reached"
            in output
        )


def test_a_rerun_runs_nothing_and_changes_no_byte(reached):
    before, design, executor = cube_files(reached), record(reached), Scripted()
    assert run_toy(reached, executor).done == 0
    assert executor.done == []
    assert cube_files(reached) == before
    assert record(reached) == design


def test_the_scores_are_those_of_a_study_that_asked_for_as_many(reached, tmp_path):
    plain = toy_study(tmp_path, **{**BASE, "realisations": record(reached)["realisations"]})
    run_toy(plain)
    assert digest(context_of(plain).cube) == digest(context_of(reached).cube)


def test_what_cannot_be_reached_says_how_many_seeds_it_takes(tmp_path):
    path = toy_study(tmp_path, **MISSED)
    run_toy(path)
    perfect, noisy = record(path)["cells"]
    # t(0.975, 3) = 3.182446
    variance = scores(path).sel(contestant="erm").isel(condition=0).mean("realisation").var(ddof=1).item()
    assert perfect["seeds_needed"] == np.ceil(variance * (3.182446 / 0.02) ** 2) > 4
    assert perfect["asked"] == 3
    worst = max((perfect, noisy), key=lambda cell: cell["reached_half_width"])
    output = suite("status", path, "--results", tmp_path / "results").output
    assert "missed by" in output
    assert f"it takes {worst['seeds_needed']} seeds with as many realisations each" in output
    assert "another test set of this size would move a mean by up to" in output


@pytest.mark.parametrize("stop_after", [0, 5, 11, 12, 13, 15])
def test_killed_and_resumed_equals_undisturbed(reached, tmp_path, stop_after):
    path = toy_study(tmp_path, **REACHED)
    with pytest.raises(KeyboardInterrupt):
        run_toy(path, Scripted(slots=2, seed=stop_after, stop_after=stop_after))
    rest = Scripted(slots=3, seed=1)
    run_toy(path, rest)
    assert len(rest.done) + stop_after == 4 + 8 + 4
    assert cube_files(path) == cube_files(reached)
    assert record(path) == record(reached)


def test_time_that_is_up_leaves_the_decision_to_the_next_run(tmp_path, reached):
    path = toy_study(tmp_path, **REACHED)
    assert run_toy(path, max_hours=0.0).out_of_time
    assert not (tmp_path / "results/toy/receipts/precision/toy.json").exists()
    assert run_toy(path).done == 16
    assert cube_files(path) == cube_files(reached)


def test_a_design_that_is_not_carried_out_yet_is_told(tmp_path, reached):
    run_toy(toy_study(tmp_path, **BASE))
    path = toy_study(tmp_path, **REACHED)
    assert run_toy(path, max_hours=0.0).out_of_time
    found = record(path)
    assert (found["complete"], found["realisations"]) == (False, record(reached)["realisations"])
    output = suite("status", path, "--results", tmp_path / "results").output
    assert "for a half width of 0.095: not yet complete" in output
    run_toy(path)
    assert record(path) == record(reached)


def test_a_pilot_that_failed_decides_nothing(tmp_path, reached):
    path = toy_study(tmp_path, **REACHED)

    def fails(task):
        return "RuntimeError" if task.kind == "sweep" and task.labels["seed"] == 2 else None

    executor = Scripted(fail=fails)
    assert run_toy(path, executor).failed
    assert kinds(executor.done) == {"fit": 4, "sweep": 6}
    assert run_toy(path).done == 2 + 4
    assert digest(context_of(path).cube) == digest(context_of(reached).cube)


def test_a_method_without_a_meaning_here_is_not_waited_for(tmp_path, reached):
    plugin(tmp_path / "own", "method", "hollow", HOLLOW)
    path = toy_study(tmp_path, **{**REACHED, "methods": {**BASE["methods"], "hollow": {"tuning": "none"}}})
    run_toy(path)
    assert record(path) == record(reached)
    status = Cube.open(context_of(path).cube).status("toy")
    assert (status[0] == Status.DONE).all()
    assert (status[1] == Status.NOT_APPLICABLE).all()
    executor = Scripted()
    run_toy(path, executor)
    assert executor.done == []


def test_more_seeds_are_a_new_pilot(reached, tmp_path):
    path = toy_study(tmp_path, **REACHED)
    run_toy(path)
    toy_study(tmp_path, **{**REACHED, "seeds": 5})
    run_toy(path, max_hours=0.0)
    assert not (tmp_path / "results/toy/receipts/precision/toy.json").exists()
    run_toy(path)
    fresh = toy_study(tmp_path / "fresh", **{**REACHED, "seeds": 5})
    run_toy(fresh)
    assert record(path) == record(fresh)
    assert record(path)["seeds"] == 5
    assert digest(context_of(path).cube) == digest(context_of(fresh).cube)


def test_without_the_field_it_is_the_study_that_it_was(reached, tmp_path):
    plain, wanted = toy_study(tmp_path / "plain", **BASE), toy_study(tmp_path / "wanted", **REACHED)
    run_toy(plain)
    assert not (plain.parent / "results/toy/receipts/precision").exists()
    assert scores(plain).sizes["realisation"] == 3
    hashes = [
        [unit.hash for unit in part.sweeps(context.study)]
        for context in (context_of(plain), context_of(wanted))
        for part in make_plan(context, None).workloads.values()
    ]
    assert hashes[0] == hashes[1]
    # A workflow sweeps again when the wanted precision changes; trainings stay.
    stages = [stage_hashes(context_of(path)) for path in (plain, wanted)]
    assert stages[0]["sweep"] != stages[1]["sweep"]
    # The pilot is taken from a study that did it without the field.
    results = plain.parent / "results"
    wanted.write_text(wanted.read_text().replace("name: toy", "name: other"))
    executor = Scripted()
    summary = run_toy(wanted, executor, results=results)
    assert summary.adopted == 8
    assert kinds(executor.done) == {"sweep": 4}


def test_what_is_added_is_taken_from_other_studies_too(tmp_path):
    path = toy_study(tmp_path, **REACHED)
    run_toy(path)
    path.write_text(path.read_text().replace("name: toy", "name: other"))
    executor = Scripted()
    assert run_toy(path, executor).adopted == 12
    assert executor.done == []


def test_a_machine_without_a_cube_does_the_pilot_and_says_so(tmp_path):
    context = replace(context_of(toy_study(tmp_path, **REACHED)), units=tmp_path / "units")
    plan = make_plan(context, None)
    assert "--units takes the pilot alone" in plan.skipped["precision"]
    assert len(list(plan.workloads["toy"].sweeps(context.study))) == 8


def test_a_plan_says_that_the_decision_is_still_to_come(tmp_path):
    path = toy_study(tmp_path, **REACHED)
    line = "its pilot alone: what the wanted precision takes beyond it is known once that is done"
    assert line in suite("plan", path, "--results", tmp_path / "results").output
    run_toy(path)
    assert line not in suite("plan", path, "--results", tmp_path / "results").output
