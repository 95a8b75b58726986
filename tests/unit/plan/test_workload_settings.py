"""Workloads under labels with settings: from the study file to hashes, random streams, cube, tables and figures."""

import numpy as np
import pytest

from suite.contract import SuiteError
from suite.contract.registry import BrokenPlugin, Registry
from suite.figures import held
from suite.figures.summary import Panel, summary
from suite.plan.plan import make_plan
from suite.plan.warm_start import alike
from suite.results import store
from suite.results.cube import Cube, open_tree, to_frame
from suite.results.cube.study_cube import TakenLabel
from suite.studies.study import load_study
from tests.contract.plugins import DROPINS
from tests.toys import WORKLOAD, context_of, events, plugin, refused, run_toy, suite, toy_study

RING = {"workload": "state_machine"}
PAIRS = {"workload": "state_machine", "settings": {"automaton": "pairs"}}
LAST = {"workload": "state_machine", "settings": {"programmed": "last"}}
SERIAL = "--executor", "serial"
BOTH = {"machine/ring": RING, "machine/pairs": PAIRS}


def study(folder, workloads, **changes):
    own = {"plugins": [str(DROPINS)], "standins": "allow", "seeds": 1, **changes}
    return toy_study(folder, workloads=workloads, **own)


def units(folder, workloads, **changes):
    """Of a study that is not run: {label: (trainings, sweeps)} as hashes."""
    return units_of(study(folder, workloads, **changes))


def units_of(path):
    context = context_of(path)
    return {
        name: ([fit.hash for fit in part.fits(context.study)], [unit.hash for unit in part.sweeps(context.study)])
        for name, part in make_plan(context, None).workloads.items()
    }


def scores(context, label):
    return {name: values.to_numpy() for name, values in open_tree(context.cube)[label].data_vars.items()}


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """Two settings of a workload, and a condition for one of them alone."""
    conditions = [{"usability": [1.0, 0.5]}, {"usability": [0.8], "workloads": ["machine/pairs"]}]
    path = study(tmp_path_factory.mktemp("labels"), BOTH, conditions=conditions)
    assert not run_toy(path).failed
    return context_of(path)


def test_default_settings_and_labels_change_no_hash(tmp_path):
    plain = units(tmp_path / "1", ["state_machine"])["state_machine"]
    given = {"automaton": "ring", "programmed": "both"}
    for number, entry in enumerate((None, {}, RING, {"settings": given}), start=2):
        assert units(tmp_path / str(number), {"state_machine": entry}) == {"state_machine": plain}
    assert units(tmp_path / "6", BOTH)["machine/ring"] == plain


def test_every_setting_has_trainings_and_sweeps_of_its_own(tmp_path):
    found = units(tmp_path, {**BOTH, "machine/last": LAST})
    every = [unit for fits, sweeps in found.values() for unit in (*fits, *sweeps)]
    assert len(set(every)) == len(every) == 3 * (1 + len(found["machine/ring"][1]))


def test_a_setting_that_names_a_file_is_read_beside_the_study_and_known_by_what_the_file_holds(tmp_path):
    edges = "edges: [{from: a, input: s, to: b}, {from: b, input: s, to: a}]"
    found = []
    for number, states in enumerate(("[a, b]", "[a, b]", "[b, a]")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "gate.yaml").write_text(f"states: {states}\nstimuli: [s]\n{edges}\n")
        entry = {"workload": "vsa_fsm", "settings": {"automaton": "gate.yaml"}}
        assert load_study(study(folder, {"gate": entry})).workloads["gate"].settings == {
            "automaton": str(folder / "gate.yaml")
        }
        found.append(units(folder, {"gate": entry}))
    assert found[0] == found[1] != found[2]


def test_epochs_of_a_study_are_its_trainings_and_those_of_the_recipe_need_not_be_said(tmp_path):
    usual = context_of(study(tmp_path / "1", ["state_machine"])).workload("state_machine").recipe("ci").epochs
    entries = {"usual": {"epochs": usual}, "longer": {"epochs": usual + 1}}
    path = study(tmp_path / "2", {label: {**RING, **entry} for label, entry in entries.items()})
    found, plain = units_of(path), units(tmp_path / "3", ["state_machine"])["state_machine"]
    assert found["usual"] == plain
    assert not {*found["longer"][0]} & {*plain[0]}
    assert context_of(path).workload("longer").recipe("ci").epochs == usual + 1


def test_a_network_that_is_not_trained_has_no_epochs(tmp_path):
    path = study(tmp_path, {"gate": {"workload": "vsa_fsm", "epochs": 2}})
    with pytest.raises(SuiteError, match=r"field workloads\.gate: epochs: vsa_fsm is built in one shot"):
        make_plan(context_of(path), None)


def test_a_whole_number_for_a_number_is_the_same_setting(tmp_path):
    sized = ("    scores=scores,\n", "    scores=scores,\n    settings={'noise': 1.5},\n")
    own = {"plugins": ["own"]}
    for number, value in enumerate((2, 2.0)):
        folder = tmp_path / str(number)
        path = study(folder, {"toy": {"settings": {"noise": value}}}, **own)
        plugin(folder / "own", "workload", "toy", WORKLOAD, sized)
        assert repr(load_study(path).workloads["toy"].settings) == "{'noise': 2.0}"


def test_settings_reach_data_network_and_arrays(context, tmp_path):
    test, other = (context.splits(label, 0).tests["steps"].tensors for label in BOTH)
    assert test[0].equal(other[0])
    assert not test[1].equal(other[1])
    plan = make_plan(context_of(study(tmp_path, {"both": RING, "last": LAST})), None)
    accounts = {name: account["programmed"] for name, account in plan.accounts.items()}
    assert accounts == {"both": 6 * 16 + 16 * 4, "last": 16 * 4}


def test_networks_may_grow_with_the_scale(context, tmp_path):
    larger = context_of(study(tmp_path, BOTH, scale="quick"))
    sizes = [one.initial_network("machine/ring", 0)[0].out_features for one in (context, larger)]
    assert sizes == [16, 24]


def test_scores_are_the_same_whatever_the_label_and_its_neighbours(context, tmp_path):
    alone = study(tmp_path, ["state_machine"])
    run_toy(alone)
    plain, labelled = scores(context_of(alone), "state_machine"), scores(context, "machine/ring")
    assert {name: values.tobytes() for name, values in plain.items()} == {
        name: values.tobytes() for name, values in labelled.items()
    }
    assert not np.array_equal(plain["accuracy"], scores(context, "machine/pairs")["accuracy"][:, :, ::2])


def test_what_is_stored_under_a_hash_names_the_file_and_no_label(context):
    plan = make_plan(context, None)
    assert {record["workload"] for _, record in plan.searches(context.store)} == {"state_machine"}
    fits = [fit for part in plan.workloads.values() for fit in part.fits(context.study)]
    assert {store.metadata(context.store, fit.hash)["workload"] for fit in fits} == {"state_machine"}


def test_readers_find_a_workload_under_its_label(context):
    tree, frame = open_tree(context.cube), to_frame(context.cube)
    assert Cube.open(context.cube).workloads == list(held(tree)) == sorted(BOTH)
    assert frame.groupby("workload")["usability"].nunique().to_dict() == {"machine/ring": 2, "machine/pairs": 3}
    assert set(summary(tree, [Panel(label, label) for label in BOTH])["workload"]) == set(BOTH)
    assert {event["workload"] for event in events(context.results.parent / "toy.yaml")} == set(BOTH)


def test_every_verb_takes_and_says_labels(context):
    place = context.study.reference, "--results", context.results
    status = suite("status", *place).output
    assert all(f"{label} (" in status for label in BOTH)
    assert "machine/pairs" in suite("plan", *place).output
    again = suite("run", *place, *SERIAL, "--workload", "machine/pairs")
    assert again.exit_code == 0
    assert "0 units done" in again.output
    assert suite("compare", *place).exit_code == 0
    assert "machine/ring" in (context.folder / "comparison" / "comparison.md").read_text()
    assert suite("publish", *place, "--to", context.results / "tables").exit_code == 0
    said = refused("run", *place, "--workload", "machine/pair")
    assert "--workload machine/pair: not in study toy, did you mean 'machine/pairs'?" in said


def test_files_of_a_label_lie_in_no_folder_of_their_own(context, tmp_path):
    names = sorted(path.name for path in (context.folder / "tuning").glob("*.journal"))
    assert [name.rpartition("-")[0] for name in names] == ["machine-pairs--erm", "machine-ring--erm"]
    folder = tmp_path / "units"
    place = context.study.reference, "--results", tmp_path / "other", "--units", folder
    assert suite("run", *place, *SERIAL, "--workload", "machine/ring").exit_code == 0
    assert all(path.name.startswith("machine-ring-erm-0-") for path in folder.iterdir())
    assert suite("ingest", context.study.reference, "--results", tmp_path / "new", *folder.iterdir()).exit_code == 0


def test_a_search_starts_warm_from_the_workload_with_equal_settings(tmp_path):
    cheap, dear = load_study(study(tmp_path / "1", {"a": PAIRS, "b": RING})), load_study(study(tmp_path / "2", BOTH))
    assert {label: alike(label, dear, cheap) for label in BOTH} == {"machine/ring": "b", "machine/pairs": "a"}
    assert alike("last", load_study(study(tmp_path / "3", {"last": LAST})), cheap) is None


@pytest.mark.parametrize(
    ("workloads", "said"),
    [
        (
            {"a": {"workload": "state_machine", "settings": {"automat": "ring"}}},
            "workloads.a: settings: state_machine has",
        ),
        (
            {"a": {"workload": "state_machine", "settings": {"programmed": 3}}},
            "3 is a whole number, state_machine expects",
        ),
        ({"a": {"workload": "state_machin"}}, "workloads.a: unknown workload 'state_machin', did you mean"),
        ({"a": {"workloads": "state_machine"}}, "workloads.a.workloads: unknown key, did you mean 'workload'"),
        ({"a": RING, "b": RING}, "workloads: 'a' and 'b' are one workload with equal settings; remove one"),
        ({"a": RING, "b": {**RING, "settings": {"automaton": "ring"}}}, "'a' and 'b' are one workload with equal"),
        ({"machine": RING, "machine/pairs": PAIRS}, "'machine/pairs' would lie within 'machine' in the cube; give"),
        ({"machine pairs": PAIRS}, "label 'machine pairs': use letters, digits"),
        (["state_machine", "state_machine"], "a list has names, each only once"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, workloads, said):
    assert said in refused("plan", study(tmp_path, workloads), "--results", tmp_path / "results")


def test_a_label_within_a_workload_that_the_cube_has_is_refused(context, tmp_path):
    wanted = Cube.open(context.cube).layout("machine/ring")
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "toy", 1)
    cube.ensure("machine", wanted, {}, "s", "t")
    for other in ("machine/ring", "machine/ring/wide"):
        with pytest.raises(TakenLabel, match=f"workload 'machine' is there, and '{other}' has no place beside it"):
            cube.ensure(other, wanted, {}, "s", "t")
    cube.ensure("machines", wanted, {}, "s", "t")
    assert cube.workloads == ["machine", "machines"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def network(generator, scale, settings)", "def network(generator)", "network(generator, scale, settings);"),
        ("def data(scale, root, seed, settings)", "def data(scale, root, seed)", "data(scale, root, seed, settings);"),
    ],
)
def test_functions_of_the_old_form_are_refused_with_the_new_one(tmp_path, old, new, said):
    path = plugin(tmp_path, "workload", "old", WORKLOAD, (old, new))
    with pytest.raises(BrokenPlugin) as caught:
        Registry((tmp_path,)).workload("old")
    assert str(caught.value).startswith(f"{path}: this workload cannot be used: ")
    assert f"does not take what a workload is built with: write {said} scale is the study's" in str(caught.value)


def test_a_default_that_no_study_could_give_is_refused(tmp_path):
    plugin(
        tmp_path,
        "workload",
        "odd",
        WORKLOAD,
        ("    scores=scores,\n", "    scores=scores,\n    settings={'a': [1]},\n"),
    )
    with pytest.raises(BrokenPlugin, match=r"settings: a is \[1\]; give a default that is a number, a text or a bool"):
        Registry((tmp_path,)).workload("odd")
