"""Adaptations through a run: one for each chip, between training and sweep, whose very cells are what is scored."""

from collections import Counter

import pytest
import torch

from suite.crossbar.adapted import Adapted
from suite.plan.plan import make_plan
from suite.plan.stages import stage_hashes
from suite.results import store
from suite.results.cube import Cube, Status, open_tree
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
    suite,
    toy_study,
)

OBSERVATION = """
def weights(observed):
    return {"weight": observed.network[0].weight.numpy()}


WORKLOAD = Workload(
    observations={"weights": Observation("Weights", {"weight": ("row", "column")}, weights)},
"""
EDITS = (("import Recipe", "import Observation, Recipe"), ("\nWORKLOAD = Workload(\n", OBSERVATION))
ADAPTER = '''"""Adds to the last array what nobody would draw, once the first is on the chip."""

from suite.contract import Method


def adapt(workload, chip, splits, recipe, generator, by):
    import torch

    chip.program("0.weight")
    assert not splits.tests
    with torch.no_grad():
        chip.network[2].weight += by + torch.rand((), generator=generator)


METHOD = Method(title="Adds", source="tests", adapt=adapt, options={"by": (1, 5)})
'''
METHODS = {
    "plain": {"method": "erm", "tuning": "none"},
    "plain/chip": {"method": "erm", "tuning": "none", "adapt": {"method": "adder"}},
}
OBSERVE = [{"what": "weights", "workloads": ["toy"], "conditions": [{"usability": [0.5]}], "realisations": 2}]


def study(folder, edits=(), **changes):
    path = toy_study(folder, **{"methods": METHODS, "seeds": 1, **changes})
    plugin(folder / "own", "workload", "toy", WORKLOAD, *EDITS)
    plugin(folder / "own", "method", "adder", ADAPTER, *edits)
    return path


def units(path, done=None):
    """What a run of the study carries out."""
    executor = Scripted()
    run_toy(path, executor)
    return executor.done


def test_every_chip_is_adapted_once_for_sweeps_and_observations_alike(tmp_path):
    done = units(study(tmp_path, observe=OBSERVE))
    # One training for both contestants; 2 conditions x 2 realisations.
    assert kinds(done) == {"fit": 1, "adapt": 4, "sweep": 4, "observe": 4}
    assert not units(tmp_path / "toy.yaml")
    adapted = [event for event in events(tmp_path / "toy.yaml") if event["kind"] == "adapt"]
    assert {(event["contestant"], event["realisation"]) for event in adapted} == {("plain/chip", 0), ("plain/chip", 1)}


@pytest.mark.parametrize("crossbar", [{}, {"g_max_uS": 50.0, "programming_noise_uS": 1.0}])
def test_a_sweep_scores_the_very_cells_that_were_stored(tmp_path, crossbar):
    conditions = [{"usability": [0.5], "crossbar": "chip"}]
    observe = [{**OBSERVE[0], "conditions": conditions}]
    path = study(tmp_path, conditions=conditions, crossbars={"chip": crossbar}, observe=observe)
    first = Scripted(fail=lambda unit: "OSError" if unit.kind in ("sweep", "observe") else None)
    run_toy(path, first)
    context = context_of(path)
    (one, other) = (unit for unit in first.done if unit.kind == "adapt")
    found = [Adapted.of(store.load(context.store, unit.hash)) for unit in (one, other)]
    cells = [adapted.cells["0.weight"].values for adapted in found]
    assert not torch.equal(*cells)
    assert found[0].state["2.weight"].mean() > 0.5
    # Cells of the one chip become those of the other: the sweep reads what is stored and draws nothing anew.
    store.save(context.store, other.hash, found[0].tensors(), {})
    run_toy(path)
    tree = open_tree(context.cube)["toy"]
    scores = tree.to_dataset()["accuracy"].sel(contestant="plain/chip").values.ravel()
    assert scores[0] == scores[1]
    nodes = [node.to_dataset(inherit=False) for node in tree["observations/weights"].children.values()]
    seen = [node["weight"].values.squeeze() for node in nodes if node.attrs["contestant"] == "plain/chip"]
    assert (seen[0] == seen[1]).all()
    if not crossbar:
        assert torch.equal(torch.from_numpy(seen[0]), cells[0])


def test_an_adapted_contestant_is_trained_as_the_plain_one_and_swept_apart(tmp_path):
    path = study(tmp_path)
    part = make_plan(context_of(path), None).workloads["toy"]
    plain, chip = (part.hashes.fit(c, 0, part.hashes.tune(c)) for c in part.contestants)
    assert plain == chip
    sweeps = {unit.contestant.label: unit.hash for unit in part.sweeps(part.hashes.study)}
    assert len(set(sweeps.values())) == 2
    before = stage_hashes(context_of(path))
    again = study(tmp_path / "other", [("by + ", "2 * by + ")])
    after = stage_hashes(context_of(again))
    assert after["train"] == before["train"]
    assert after["sweep"] != before["sweep"]


@pytest.mark.parametrize("order", range(3))
def test_any_order_and_any_interruption_gives_the_same_cube(tmp_path, order):
    whole = study(tmp_path / "whole", observe=OBSERVE)
    run_toy(whole)
    broken = study(tmp_path / "broken", observe=OBSERVE)
    with pytest.raises(KeyboardInterrupt):
        run_toy(broken, Scripted(slots=3, seed=order, stop_after=3 + order))
    run_toy(broken, Scripted(slots=3, seed=order))
    assert cube_files(broken) == cube_files(whole)


def test_what_needs_a_failed_adaptation_fails_and_the_rest_is_there(tmp_path):
    path = study(tmp_path, observe=OBSERVE)
    lost = run_toy(path, Scripted(fail=lambda unit: "OSError" if unit.kind == "adapt" and unit.realisation else None))
    assert set(lost.failed) == {"toy plain/chip, seed 0", "toy plain/chip, seed 0, weights"}
    status = Cube.open(context_of(path).cube).status("toy")
    assert Counter(status.ravel().tolist()) == {Status.DONE: 3, Status.FAILED: 1}
    assert kinds(units(path)) == {"adapt": 2, "sweep": 1, "observe": 1}


def test_plan_counts_adaptations_and_train_only_makes_none(tmp_path):
    path = study(tmp_path)
    results = ("--results", tmp_path / "results")
    assert "1 trainings, 4 adaptations, 2 sweeps" in suite("plan", path, *results).output
    run_toy(path, train_only=True)
    assert "0 trainings, 4 adaptations, 2 sweeps" in suite("plan", path, *results).output


BAD = [
    ({"plain": {"method": "adder"}}, [], "methods.plain: adder trains nothing, it adapts what is trained"),
    (
        {"plain": {"method": "erm", "adapt": {"method": "bayesmulti"}}},
        [],
        "methods.plain: adapt.method: bayesmulti adapts nothing; those that do: adder",
    ),
    (
        {"plain": {"method": "erm", "adapt": {"method": "adder", "options": {"by": 2}}}},
        [],
        "options.by: 2 is not one of 1, 5",
    ),
    (METHODS, [("adapt=adapt", "attach=adapt, adapt=adapt")], "attach() does not take the workload's arrays"),
    (METHODS, [("adapt=adapt", "adapt=adapt, fit=adapt")], "adapt() stands beside functions that train"),
]


@pytest.mark.parametrize(("methods", "edits", "said"), BAD)
def test_what_cannot_adapt_is_refused_with_file_and_field(tmp_path, methods, edits, said):
    assert said in " ".join(refused("plan", study(tmp_path, edits, methods=methods)).split())


def test_the_state_of_no_one_chip_is_certified(tmp_path):
    path = study(tmp_path)
    run_toy(path)
    results = ("--results", tmp_path / "results")
    said = refused("certify", path, "--workload", "toy", "--method", "plain/chip", *results)
    assert "plain/chip: adapts to every chip" in " ".join(said.split())
