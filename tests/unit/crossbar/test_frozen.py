"""Parts of a network that come from a file: trained by nobody, stored nowhere, known to every hash."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from suite.contract.registry import registry
from suite.crossbar.account import account_of
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.frozen import changed, frozen_names, learned, load_learned
from suite.crossbar.settings import Crossbar
from suite.plan.identity import content
from suite.plan.plan import make_plan
from suite.results import store
from suite.results.cube import open_tree
from suite.training.loop import train
from tests.contract.plugins import DROPINS
from tests.toys import WORKLOAD, Scripted, context_of, kinds, plugin, refused, run_toy, suite, toy_study

DROPIN = DROPINS / "workloads" / "prompted.py"
PROMPTED = registry((DROPINS,)).workload("prompted").at("ci", {})
FROZEN = {"words.weight", "read.weight", "keep.weight"}
LEARNED = ["head.bias", "head.weight", "hidden.bias", "hidden.weight"]
PLAIN = {"erm": {"tuning": "none"}}


def built(seed=1):
    return PROMPTED.network(torch.Generator().manual_seed(seed))


def study_of(folder, *edits, scale=1.0, **changes):
    """A study of the drop-in beside a file of its own, all of whose values are multiplied by `scale`."""
    own = {"methods": PLAIN, "seeds": 1, "standins": "allow", "workloads": ["prompted"], **changes}
    study = toy_study(folder, **own)
    plugin(folder / "own", "workload", "prompted", DROPIN.read_text(), *edits)
    rows = [line.split(",") for line in DROPIN.with_suffix(".csv").read_text().splitlines()]
    text = "\n".join(",".join(str(scale * float(value)) for value in row) for row in rows)
    (folder / "own" / "workloads" / "prompted.csv").write_text(text)
    return study


def states(folder):
    context = context_of(folder / "toy.yaml")
    return {key: store.load(context.store, key) for key in store.keys(context.store)}


def test_a_stored_state_lacks_what_is_frozen_and_is_swept_all_the_same(tmp_path):
    study = study_of(tmp_path)
    assert not run_toy(study).failed
    (state,) = states(tmp_path).values()
    assert sorted(state) == LEARNED
    scores = open_tree(context_of(study).cube)["prompted"]["accuracy"].squeeze(("contestant", "seed"))
    network = built(seed=5)
    load_learned(PROMPTED, network, state)
    with torch.no_grad():
        data = PROMPTED.data("ci", None, 0).tests["test"].tensors
        expected = PROMPTED.scores(network.eval()(data[0]), data[1])["accuracy"]
    assert scores[0].values.tolist() == [pytest.approx(expected)] * 2
    assert expected > 0.7


def test_another_file_is_another_state(tmp_path):
    done = []
    for number, scale in enumerate((1.0, 1.0, 0.9)):
        executor = Scripted()
        run_toy(study_of(tmp_path / str(number), scale=scale), executor, tmp_path / "results")
        done.append(kinds(executor.done))
    assert done == [{"fit": 1, "sweep": 1}, {}, {"fit": 1, "sweep": 1}]
    assert len(store.keys(tmp_path / "results" / "store")) == 2


KEPT = (
    (
        'torch.from_numpy(numpy.loadtxt(FILE, delimiter=",", dtype=numpy.float32))',
        "table()",
    ),
    (
        "def frozen(",
        """import functools


@functools.cache
def table():
    import numpy
    import torch

    return torch.from_numpy(numpy.loadtxt(FILE, delimiter=",", dtype=numpy.float32))


def frozen(""",
    ),
)


@pytest.mark.parametrize("edits", [(), KEPT], ids=["read", "kept by its reader"])
@pytest.mark.parametrize("house", [False, True])
def test_its_values_are_in_the_digest_of_the_data(tmp_path, monkeypatch, edits, house):
    if house:
        monkeypatch.setattr(content, "is_house", lambda path: True)

    def digest_of(folder, scale=1.0):
        study_of(folder, *edits, scale=scale)
        path = folder / "own" / "workloads" / "prompted.py"
        workload = registry((folder / "own",)).workload("prompted").at("ci", {})
        return content.read(workload, path, "ci", None, 0).splits.digest

    first = digest_of(tmp_path / "1")
    assert digest_of(tmp_path / "1") == first == digest_of(tmp_path / "2")
    assert digest_of(tmp_path / "3", scale=0.9) != first


def test_a_missing_file_is_missing_data(tmp_path):
    lost = "    from suite.contract import DataMissing\n\n    raise DataMissing('no words here')\n"
    study = study_of(tmp_path, ("    import numpy\n", f"{lost}    import numpy\n"), workloads=["toy", "prompted"])
    plan = make_plan(context_of(study), None)
    assert list(plan.workloads) == ["toy"]
    assert plan.unknown == {"prompted": "no words here"}


def test_training_changes_the_rest_alone():
    data = PROMPTED.data("ci", None, 0)
    recipe = replace(PROMPTED.recipe("ci"), weight_decay=0.1)
    plugins = registry()
    for method in ("erm", "gaussian_weight"):
        found = plugins.method(method)
        arrays = crossbar_arrays(PROMPTED, built(), Crossbar())
        probes = {name: dim.probe for name, dim in found.space(built(), arrays, **found.complete({})).items()}
        keys = {"name": "prompted", "entropy": 1, "seed": 1, "options": {}}
        network = train(PROMPTED, found, data, recipe, params=probes, **keys)
        assert changed(PROMPTED, built(), network.state_dict()) == []
        assert sorted(learned(PROMPTED, network)) == LEARNED
        assert not network.head.weight.equal(built().head.weight)
        assert {name for name, own in network.named_parameters() if not own.requires_grad} == FROZEN


NORMED = (
    "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))",
    "return nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))",
)


FLOOR = '    floor=("accuracy", 0.8),'


def frozen(names, *more):
    listed = ", ".join(f"'{name}': network.get_{kind}('{name}')" for name, kind in names.items())
    return FLOOR, "\n".join([FLOOR, f"    frozen=lambda network: {{{listed}}},", *more])


def test_frozen_statistics_that_training_gathers_are_told(tmp_path):
    study = toy_study(tmp_path, methods=PLAIN, seeds=1)
    names = {"0.running_mean": "buffer", "0.running_var": "buffer"}
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, NORMED, frozen(names))
    (reason,) = run_toy(study).failed.values()
    assert "toy erm, seed 0: training has changed 0.running_mean, 0.running_var, which `frozen` names" in reason
    assert not states(tmp_path)


def test_names_that_the_network_does_not_hold_are_refused_with_the_file(tmp_path):
    study = toy_study(tmp_path)
    unknown = (FLOOR, f"{FLOOR}\n    frozen=lambda network: {{'encoder': None}},")
    file = plugin(tmp_path / "own", "workload", "toy", WORKLOAD, unknown)
    message = refused("plan", study, "--results", tmp_path / "results")
    assert f"{file}: workload 'Toy': frozen() names 'encoder', which is no parameter or buffer" in message


ALL = dict.fromkeys(("0.weight", "0.bias", "2.weight", "2.bias"), "parameter")
# Class = sign of the first input, as if it had been read.
SOLVED = (
    "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))",
    """import torch

        made = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
        for parameter in made.parameters():
            nn.init.zeros_(parameter)
        with torch.no_grad():
            made[0].weight[0, 0], made[0].weight[1, 0] = 1.0, -1.0
            made[2].weight[1, 0], made[2].weight[0, 1] = 1.0, 1.0
        return made""",
)


def test_a_network_of_which_all_is_frozen_is_not_trained_but_swept(tmp_path):
    study = toy_study(tmp_path / "1", methods=PLAIN, seeds=1)
    plugin(tmp_path / "1" / "own", "workload", "toy", WORKLOAD, SOLVED, frozen(ALL))
    assert "every parameter is frozen" in refused("plan", study, "--results", tmp_path / "results")
    study = toy_study(tmp_path, methods=PLAIN, seeds=1)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, SOLVED, frozen(ALL, "    trainable=False,"))
    assert not run_toy(study).failed
    assert list(states(tmp_path).values()) == [{}]
    scores = open_tree(context_of(study).cube)["toy"]["accuracy"].squeeze()
    assert (scores[0] == 1.0).all()
    assert (scores[1] <= 1.0).all()


@pytest.mark.parametrize("kept", [[], ["words.weight"]])
def test_a_state_of_the_user_may_leave_it_out(tmp_path, kept):
    mine = {"mine": {"method": "external", "state": str(tmp_path / "mine.safetensors")}}
    study = study_of(tmp_path, methods=mine)
    network = built(seed=3)
    state = learned(PROMPTED, network) | {name: network.state_dict()[name] for name in kept}
    save_file(state, tmp_path / "mine.safetensors")
    run_toy(study)
    save_file({**state, "words.weight": network.words.weight + 1}, tmp_path / "mine.safetensors")
    (reason,) = run_toy(study).failed.values()
    assert "mine.safetensors: not a state dict" in reason
    assert "other values of words.weight than the file of its frozen parts" in reason
    save_file({name: tensor for name, tensor in state.items() if name != "head.bias"}, tmp_path / "mine.safetensors")
    (reason,) = run_toy(study).failed.values()
    assert 'Missing key(s) in state_dict: "head.bias"' in reason


def test_a_plan_counts_what_is_frozen_and_what_of_it_is_programmed(tmp_path):
    study = study_of(tmp_path)
    told = "  programmed 800 of 992 weights, 192 frozen\n"
    assert told in suite("plan", study, "--results", tmp_path / "results").output
    run_toy(study)
    receipt = json.loads((tmp_path / "results" / "toy" / "receipts" / "run.json").read_text())
    assert receipt["arrays"] == {"prompted": {"programmed": 800, "ideal": 0, "left_out": [], "frozen": 192}}
    network = built()
    account = account_of(network, {"head.weight": network.head.weight}, frozen_names(PROMPTED, network))
    assert str(account) == "programmed 32 of 992 weights, 704 frozen; ideal: hidden.weight"


def test_a_network_whose_cache_is_not_renewed_is_refused(tmp_path):
    edit = "network.prompted = ", "network.prompted = network.prompted if network.prompted is not None else "
    study = study_of(tmp_path, edit)
    message = refused("plan", study, "--results", tmp_path / "results")
    assert "does not reach the outputs" in message.replace("\n", " ")
