"""Observations through a run: made once, in any order the same bytes, found torn and made again."""

import json
import shutil
from pathlib import Path

import pytest

import suite
from suite.plan.plan import make_plan
from suite.plan.units import ObserveUnit
from suite.results.cube import CorruptCube, complete, digest, load_register, observations, open_tree, verify
from suite.results.cube.observations import hash_at, save_register
from suite.results.files import sibling
from suite.run.run import ingested
from tests.toys import (
    WORKLOAD,
    Scripted,
    context_of,
    cube_files,
    events,
    kinds,
    plugin,
    refused,
    run_toy,
    toy_study,
)
from tests.toys import suite as command

OBSERVATIONS = """
def shown(observed):
    import numpy as np
    import torch

    draw = torch.rand((), generator=observed.generator)
    return {
        "weight": observed.network[0].weight.numpy(),
        "draw": draw.numpy(),
        "label": np.array(["left", "right"]),
    }


DIMS = {"weight": ("row", "column"), "draw": (), "label": ("side",)}
WORKLOAD = Workload(
    observations={"confusion": confusion(2), "shown": Observation("Shown", DIMS, shown)},
"""
EDITS = [
    ("import Recipe", "import Observation, Recipe"),
    ("accuracy, seeded", "accuracy, confusion, seeded"),
    ("\nWORKLOAD = Workload(\n", OBSERVATIONS),
]
OBSERVE = [
    {"what": "confusion", "workloads": ["toy"], "conditions": [{"usability": [1.0, 0.5]}], "seeds": [0, 1]},
    {"what": "shown", "workloads": ["toy"], "conditions": [{"sigma_log": [0.5]}], "realisations": 2},
]


def study(folder, edits=(), **changes):
    path = toy_study(folder, **{"observe": OBSERVE, **changes})
    plugin(folder / "own", "workload", "toy", WORKLOAD, *EDITS, *edits)
    return path


def nodes(path, what):
    """The observations of a run, as readers get them."""
    tree = open_tree(context_of(path).cube)
    return [node.to_dataset(inherit=False) for node in tree[f"toy/observations/{what}"].children.values()]


def observed(folder):
    """A study that has run, its cube and the content of its files."""
    path = study(folder)
    run_toy(path)
    return path, context_of(path).cube, cube_files(path)


def made_again(path, before):
    """The next run makes one observation and ends in the same bytes."""
    executor = Scripted()
    run_toy(path, executor)
    assert kinds(executor.done) == {"observe": 1}
    assert cube_files(path) == before


CROSSBARS = {
    "pairs": {"g_max_uS": 100.0},
    "stuck": {"g_max_uS": 100.0, "stuck_off": 0.1},
    "read": {"g_max_uS": 100.0, "read_noise_uS": 5.0, "input_bits": 4, "output_bits": 4},
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = study(tmp_path_factory.mktemp("observed"), methods=["erm", "bayesmulti"])
    run_toy(path)
    return path


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_outcomes_changes_no_byte(tmp_path, undisturbed, seed):
    path = study(tmp_path, methods=["erm", "bayesmulti"])
    executor = Scripted(slots=3, seed=seed)
    run_toy(path, executor)
    assert kinds(executor.done) == {"trial": 4, "fit": 4, "sweep": 8, "observe": 12}
    assert cube_files(path) == cube_files(undisturbed)
    assert digest(context_of(path).cube) == digest(context_of(undisturbed).cube)


def agree(path):
    """Every confusion matrix with the accuracy of its cell; the accuracies."""
    scores = open_tree(context_of(path).cube)["toy"].to_dataset()["accuracy"]
    found = nodes(path, "confusion")
    for node in found:
        at = {name: node.attrs[name] for name in ("contestant", "seed", "condition", "realisation")}
        count = node["count"].values
        assert count.sum() == 30
        assert count.trace() / 30 == pytest.approx(float(scores.sel(at)), abs=1e-12)
    return [node["count"].values.trace() / 30 for node in found]


def test_a_confusion_matrix_agrees_with_the_scores_of_the_cube(undisturbed):
    assert len(agree(undisturbed)) == 8
    assert {node.attrs["usability"] for node in nodes(undisturbed, "confusion")} == {1.0, 0.5}


@pytest.mark.parametrize("crossbar", CROSSBARS)
def test_it_agrees_on_crossbars_with_circuits(tmp_path, crossbar):
    levels = [{"crossbar": crossbar, "usability": [1.0, 0.4]}]
    observe = [{"what": "confusion", "workloads": ["toy"], "conditions": levels, "realisations": 2}]
    path = study(tmp_path, crossbars=CROSSBARS, conditions=levels, observe=observe, seeds=1)
    assert run_toy(path).failed == {}
    assert len(agree(path)) == 4


CELLS = (
    '"shown": Observation("Shown", DIMS, shown)',
    '"cells": Observation("Cells", {"uS": ("cell", "column", "row")}, lambda observed: '
    '{"uS": observed.conductances_uS["0.weight"].numpy()})',
)


def test_conductances_are_seen_where_there_is_a_circuit(tmp_path):
    entry = {"what": "cells", "workloads": ["toy"], "conditions": [{"crossbar": "stuck", "usability": [1.0]}]}
    path = study(tmp_path, [CELLS], crossbars=CROSSBARS, observe=[entry], conditions=entry["conditions"])
    assert run_toy(path).failed == {}
    (node,) = nodes(path, "cells")
    assert node["uS"].shape == (2, 8, 2)
    assert node["uS"].max() == 100.0
    assert (node["uS"].min("cell") == 0.0).all()


def test_cells_are_those_of_the_realisation_and_the_generator_is_the_same_for_every_method(undisturbed):
    found = {(node.attrs["contestant"], node.attrs["realisation"]): node for node in nodes(undisturbed, "shown")}
    assert sorted(found) == [("bayesmulti", 0), ("bayesmulti", 1), ("erm", 0), ("erm", 1)]
    assert (found["erm", 0]["weight"] != found["erm", 1]["weight"]).all()
    assert found["erm", 0]["draw"] == found["bayesmulti", 0]["draw"]
    assert found["erm", 0]["draw"] != found["erm", 1]["draw"]
    assert found["erm", 0]["label"].values.tolist() == ["left", "right"]
    assert found["erm", 0]["weight"].dims == ("row", "column")
    assert found["erm", 0].attrs["source"] == "toy:half-planes"


def test_a_rerun_with_nothing_missing_runs_nothing(tmp_path):
    path = study(tmp_path)
    run_toy(path)
    before, executor = cube_files(path), Scripted()
    run_toy(path, executor)
    assert executor.done == []
    assert cube_files(path) == before


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path):
    undisturbed, path = study(tmp_path / "a"), study(tmp_path / "b")
    whole = Scripted()
    run_toy(undisturbed, whole)
    for _ in whole.done[1:]:
        with pytest.raises(KeyboardInterrupt):
            run_toy(path, Scripted(stop_after=1))
    last = Scripted()
    run_toy(path, last)
    assert kinds(last.done) == {"observe": 1}
    assert cube_files(path) == cube_files(undisturbed)


def test_an_observation_that_fails_is_told_shown_and_tried_again(tmp_path):
    path, undisturbed = study(tmp_path / "a"), study(tmp_path / "b")
    failing = Scripted(fail=lambda task: "RuntimeError" if task.labels.get("what") == "shown" else None)
    assert run_toy(path, failing).failed == {"toy erm, seed 0, shown": "RuntimeError made by the test"}
    context = context_of(path)
    assert "observations: 4 done, 2 failed of 6" in command("status", path, "--results", context.results).output
    assert [event["what"] for event in events(path) if event["status"] == "failed"] == ["shown", "shown"]
    executor = Scripted()
    assert run_toy(path, executor).failed == {}
    assert kinds(executor.done) == {"observe": 2}
    run_toy(undisturbed)
    assert cube_files(path) == cube_files(undisturbed)


def test_what_is_asked_for_decides_what_is_read(tmp_path):
    both, one = study(tmp_path / "a"), study(tmp_path / "b", observe=OBSERVE[:1])
    run_toy(both)
    run_toy(one)
    only = digest(context_of(one).cube)
    study(tmp_path / "a", observe=OBSERVE[:1])
    executor = Scripted()
    run_toy(both, executor)
    assert executor.done == []
    assert digest(context_of(both).cube) == only
    study(tmp_path / "a", observe=OBSERVE)
    run_toy(both, executor)
    assert executor.done == []
    assert len(nodes(both, "shown")) == 2


def test_a_study_without_observations_leaves_no_trace(tmp_path):
    path = study(tmp_path, observe=None)
    run_toy(path)
    assert not [name for name in cube_files(path) if "observations" in name]
    assert list(open_tree(context_of(path).cube)["toy"].children) == []


def test_an_observation_under_another_hash_is_made_again(tmp_path):
    path = study(tmp_path)
    run_toy(path)
    cube = context_of(path).cube
    place, *_ = load_register(cube, "toy").wanted
    group = cube / place.group / "zarr.json"
    group.write_text(group.read_text().replace(hash_at(cube, place), "another hash"))
    assert place not in complete(cube, load_register(cube, "toy"))
    executor = Scripted()
    run_toy(path, executor)
    assert [task.place for task in executor.done if isinstance(task, ObserveUnit)] == [place]


@pytest.mark.parametrize("harm", ["cut", "flip", "delete", "lose array", "lose group", "empty group"])
def test_verify_finds_what_is_torn_and_the_next_run_makes_it_again(tmp_path, harm):
    path, cube, before = observed(tmp_path)
    *_, place = load_register(cube, "toy").wanted
    chunk = cube / place.group / "weight" / "c" / "0" / "0"
    content = chunk.read_bytes()
    match harm:
        case "cut":
            chunk.write_bytes(content[:-3])
        case "flip":
            chunk.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
        case "delete":
            chunk.unlink()
        case "lose array":
            shutil.rmtree(cube / place.group / "weight")
        case "lose group":
            (cube / place.group / "zarr.json").unlink()
        case "empty group":
            (cube / place.group / "zarr.json").write_text('{"attributes": null}')
    (finding,) = verify(cube)
    assert str(place) in str(finding)
    assert verify(cube) == []
    made_again(path, before)


def test_an_observation_without_a_readable_group_is_made_again_without_verify(tmp_path):
    path, cube, before = observed(tmp_path)
    place, *_ = load_register(cube, "toy").wanted
    (cube / place.group / "zarr.json").write_text("{")
    with pytest.raises(CorruptCube, match="suite verify"):
        open_tree(cube)
    made_again(path, before)


def test_what_a_killed_worker_left_half_written_goes_with_the_next_run(tmp_path):
    path, cube, before = observed(tmp_path)
    place, *_ = load_register(cube, "toy").wanted
    left = sibling(cube / place.group)
    (left / "count").mkdir(parents=True)
    run_toy(path)
    assert not left.exists()
    assert cube_files(path) == before


def test_a_worker_that_is_lost_while_it_writes_leaves_nothing_when_the_run_has_ended(tmp_path):
    def lose(task):
        if task.kind == "observe":
            (context_of(path).cube / sibling(Path(task.place.group)) / "count").mkdir(parents=True)

    path, undisturbed = study(tmp_path / "a"), study(tmp_path / "b")
    run_toy(path, Scripted(fail=lose))
    run_toy(undisturbed)
    assert cube_files(path) == cube_files(undisturbed)


def test_a_cube_from_before_units_were_their_own_marks_is_read_and_not_made_again(tmp_path):
    path = study(tmp_path)
    run_toy(path)
    before, cube = digest(context_of(path).cube), context_of(path).cube
    attributes = cube / "toy" / "observations" / "zarr.json"
    content = json.loads(attributes.read_text())
    wanted = content["attributes"]["wanted"]
    hashes = {place.name: unit_hash for place, unit_hash in load_register(cube, "toy").wanted.items()}
    for entry in wanted:
        del entry["unit_hash"]
    content["attributes"] = {"wanted": wanted, "done": hashes, "failed": []}
    attributes.write_text(json.dumps(content))
    assert digest(cube) == before
    executor = Scripted()
    run_toy(path, executor)
    assert executor.done == []
    assert digest(cube) == before


def test_ingest_leaves_observations_as_they_are(tmp_path):
    path = study(tmp_path)
    run_toy(path)
    study(tmp_path, observe=OBSERVE[:1])
    ingested(context_of(path), [])
    assert len(nodes(path, "shown")) == 2
    run_toy(path)
    assert "shown" not in open_tree(context_of(path).cube)["toy/observations"].children


def test_finished_observations_are_not_booked_one_by_one(tmp_path, monkeypatch):
    written, path = [], study(tmp_path)
    monkeypatch.setattr(observations, "save_register", lambda *args: written.append(args) or save_register(*args))
    run_toy(path)
    assert len(written) == 1
    assert len(complete(context_of(path).cube, load_register(context_of(path).cube, "toy"))) == 6


def test_another_order_of_the_study_is_another_order_of_the_register(tmp_path):
    path, turned = study(tmp_path / "a"), study(tmp_path / "b", observe=OBSERVE[::-1])
    run_toy(path)
    run_toy(turned)
    study(tmp_path / "a", observe=OBSERVE[::-1])
    run_toy(path)
    assert digest(context_of(path).cube) == digest(context_of(turned).cube)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (('"row", "column"', '"row",'), "declared are"),
        (('"row", "column"', '"row", "row"'), "declared are"),
        (('"row", "column"', '"contestant", "column"'), "none of them called contestant"),
        (('"draw": draw.numpy(),', ""), "declared are"),
        (("draw.numpy()", "np.array(object())"), "numbers or texts"),
    ],
)
def test_arrays_that_are_not_as_declared_fail_the_unit(tmp_path, edit, message):
    path = study(tmp_path, [edit], observe=OBSERVE[1:])
    (reason,) = run_toy(path).failed.values()
    assert message in reason
    assert "mend `observations` of the workload file" in reason


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"what": "confusoin", "workloads": ["toy"]}, "field observe.0: what: workload 'toy' has no observation 'conf"),
        ({"what": "shown", "workloads": ["other"]}, "observe.0.workloads: 'other' is not among ['toy']"),
        ({"what": "shown", "workloads": ["toy"], "seeds": [7]}, "observe.0.seeds: 7 is not among [0, 1]"),
        (
            {"what": "shown", "workloads": ["toy"], "conditions": [{"crossbar": "weights"}]},
            "observe.0.conditions: no level given",
        ),
        ({"what": "shown", "workloads": []}, "observe.0.workloads"),
        ({"what": "../shown", "workloads": ["toy"]}, "observe.0.what"),
        ({"what": "shown", "workloads": ["toy"], "seed": [0]}, "did you mean 'seeds'"),
        ({"what": "shown", "workloads": ["toy"], "conditions": [{"crossbar": "x", "usability": [1.0]}]}, "'x' is not"),
        ({"what": "shown", "workloads": ["toy"], "conditions": [{"device": "no", "usability": [1.0]}]}, "device 'no'"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(tmp_path, entry, message):
    path = study(tmp_path, observe=[entry])
    assert message in refused("plan", path, "--results", tmp_path / "results")


def test_a_folder_of_units_takes_no_observations_and_says_so(tmp_path):
    path = study(tmp_path)
    results, units = tmp_path / "results", tmp_path / "units"
    done = command("run", path, "--results", results, "--executor", "serial", "--units", units)
    assert "skipped observations: --units takes none" in done.output
    assert len(list(units.glob("*.npz"))) == 4
    assert command("ingest", path, *units.glob("*.npz"), "--results", results).exit_code == 0
    executor = Scripted()
    run_toy(path, executor)
    assert kinds(executor.done) == {"observe": 6}


def test_plan_counts_observations(tmp_path):
    path = study(tmp_path)
    results = tmp_path / "results"
    assert "4 sweeps (8 evaluations), 6 observations" in command("plan", path, "--results", results).output
    run_toy(path)
    assert "observations" not in command("plan", path, "--results", results).output


def test_open_has_one_child_per_workload(undisturbed):
    tree = suite.open("toy", context_of(undisturbed).results)
    assert list(tree.children) == ["toy"]


PLAIN = {"weights": {}}


def hashes(folder, *edits, **changes):
    """{place: hash} of the observations of the first entry."""
    given = {"crossbars": PLAIN, "conditions": [{"usability": [1.0]}], **changes}
    plan = make_plan(context_of(study(folder, edits, **given)), None)
    units = plan.workloads["toy"].observes(plan.study)
    return {unit.place: unit.hash for unit in units if unit.place.what == "confusion"}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"conditions": [{"usability": [0.9]}]}, True),
        ({"realisations": 7}, True),
        ({"observe": OBSERVE[:1]}, True),
        ({"crossbars": {**PLAIN, "other": {"g_max_uS": 5.0}}}, True),
        ({"crossbars": {"weights": {"cells": "all_parameters"}}}, False),
        ({"entropy": 5}, False),
        ({"tuning": {"trials": 3, "random_trials": 1, "realisations": 1}}, False),
    ],
)
def test_a_hash_holds_what_an_observation_reads(tmp_path, changes, same):
    before, after = hashes(tmp_path / "a"), hashes(tmp_path / "b", **changes)
    assert set(after) == set(before)
    assert (after == before) == same


def test_an_edit_of_the_observation_changes_the_hash(tmp_path):
    edit = ("torch.rand(()", "torch.randn(()")
    assert hashes(tmp_path / "a") != hashes(tmp_path / "b", edit)
