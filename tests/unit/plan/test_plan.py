"""From a study to its units: names are checked, what cannot run is told, growth keeps what is done."""

import gc
import pickle

import pytest

from suite.contract import SuiteError
from suite.contract.registry import registry
from suite.plan.checks import check_names
from suite.plan.plan import make_plan
from suite.results.cube import Cube
from suite.studies.study import load_study
from tests.toys import DEVICE, METHOD, WORKLOAD, Scripted, context_of, kinds, plugin, run_toy, toy_study


def plan_of(path, cube=None):
    return make_plan(context_of(path), cube)


def missing(path):
    """(label, seed, condition keys, realisations) of what a run would do now, beside the cube."""
    context = context_of(path)
    cube = Cube.open(context.cube) if context.cube.exists() else None
    plan = make_plan(context, cube)
    return {
        (unit.fit.contestant.label, unit.fit.seed, tuple(c.key for c in unit.block.conditions), unit.block.realisations)
        for fits in plan.missing(cube).values()
        for units in fits.values()
        for unit in units
    }


@pytest.mark.parametrize(
    ("change", "field", "rest"),
    [
        (
            {"workloads": ["toi"]},
            "workloads",
            "unknown workload 'toi', did you mean 'toy'? (known: ",
        ),
        ({"methods": ["ermm"]}, "methods.ermm", "unknown method 'ermm', did you mean 'erm'? (known: bayesmulti"),
        (
            {"methods": {"mine": {"method": "bayes_multi"}}},
            "methods.mine",
            "unknown method 'bayes_multi', did you mean 'bayesmulti'?",
        ),
        (
            {"conditions": [{"device": "lognormall", "usability": [0.5]}]},
            "conditions.0",
            "unknown device 'lognormall', did you mean 'lognormal'?",
        ),
        (
            {"conditions": [{"usability": [1.0]}, {"usability": [0.5], "settings": {"mean": True}}]},
            "conditions.1",
            "settings: lognormal has no setting 'mean' (known: mean_preserving)",
        ),
        (
            {"conditions": [{"usability": [0.5], "settings": {"mean_preserving": "false"}}]},
            "conditions.0",
            "settings.mean_preserving: 'false' is a text, lognormal expects true or false",
        ),
        (
            {"methods": {"b": {"method": "bayesmulti", "options": {"targt": "weight"}}}},
            "methods.b",
            "options: bayesmulti has no option 'targt', did you mean 'target'? (known: placement, rates, target)",
        ),
        (
            {"methods": {"b": {"method": "bayesmulti", "options": {"target": "wait"}}}},
            "methods.b",
            "options.target: 'wait' is not one of activation, weight",
        ),
    ],
)
def test_an_unknown_name_is_told_with_file_field_and_the_closest(tmp_path, change, field, rest):
    path = toy_study(tmp_path, **change)
    with pytest.raises(SuiteError) as caught:
        plan_of(path)
    assert str(caught.value).startswith(f"{path}: field {field}: {rest}")


@pytest.mark.parametrize(
    ("default", "given", "message"),
    [
        ("1.0", 2, ""),
        ("1.0", 2.5, ""),
        ("1.0", True, "True is true or false, twice expects a number"),
        ("1", 2, ""),
        ("1", 2.5, "2.5 is a number, twice expects a whole number"),
        ("1", True, "True is true or false, twice expects a whole number"),
        ("False", True, ""),
        ("False", 1, "1 is a whole number, twice expects true or false"),
        ("'a'", "b", ""),
        ("'a'", 1, "1 is a whole number, twice expects a text"),
        ("None", 6, ""),
    ],
)
def test_a_setting_has_the_type_of_its_default(tmp_path, default, given, message):
    plugin(tmp_path / "own", "device", "twice", DEVICE, ('"strength": 1.0', f'"strength": {default}'))
    levels = {"device": "twice", "usability": [0.5], "settings": {"strength": given}}
    path = toy_study(tmp_path, conditions=[levels])
    if not message:
        assert list(plan_of(path).workloads) == ["toy"]
        return
    with pytest.raises(SuiteError) as caught:
        plan_of(path)
    assert str(caught.value) == f"{path}: field conditions.0: settings.strength: {message}"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("workload", {"workloads": ["toy", "bad"]}),
        ("method", {"methods": ["erm", "bad"]}),
        ("device", {"conditions": [{"device": "bad", "usability": [1.0]}]}),
    ],
)
def test_a_broken_plugin_counts_only_where_it_is_used(tmp_path, kind, change):
    bad = plugin(tmp_path / "own", kind, "bad", "raise RuntimeError('no licence')")
    assert list(plan_of(toy_study(tmp_path)).workloads) == ["toy"]
    path = toy_study(tmp_path, **change)
    with pytest.raises(SuiteError) as caught:
        plan_of(path)
    assert f"{bad}: this {kind} cannot be used: it raises RuntimeError at import: no licence" in str(caught.value)
    assert str(caught.value).startswith(f"{path}: field {kind}s" if kind != "device" else f"{path}: field conditions.0")


STANDIN = ("toy:half-planes", "synthetic:half-planes")
NO_DATA = (
    '    """Thirty points per split."""',
    "    from suite.contract import DataMissing\n    raise DataMissing('half: gone')",
)
NEEDY = ('floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    needs=('no_such_package',),")
CHOOSY = ('floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    methods=('bayesmulti',),")


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (NEEDY, "needs no_such_package: pip install no_such_package"),
        (CHOOSY, "none of the study's methods applies (it takes ('bayesmulti',))"),
    ],
)
def test_what_cannot_run_is_skipped_with_its_reason_and_the_rest_goes_on(tmp_path, edit, reason):
    plugin(tmp_path / "own", "workload", "other", WORKLOAD, edit)
    plan = plan_of(toy_study(tmp_path, workloads=["other", "toy"]))
    assert list(plan.workloads) == ["toy"]
    assert plan.skipped == plan.left_out == {"other": reason}


def test_a_workload_may_ask_for_some_of_the_methods(tmp_path):
    plugin(tmp_path / "own", "workload", "other", WORKLOAD)
    workloads = {"toy": {}, "other": {"methods": ["bayesmulti"]}}
    plan = plan_of(toy_study(tmp_path, workloads=workloads, methods=["erm", "bayesmulti"]))
    found = {name: [one.label for one in part.contestants] for name, part in plan.workloads.items()}
    assert found == {"toy": ["erm", "bayesmulti"], "other": ["bayesmulti"]}


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (STANDIN, "only a stand-in (synthetic:half-planes) is at hand and the study forbids stand-ins; get the data"),
        (NO_DATA, "half: gone"),
    ],
)
def test_without_its_data_whether_a_workload_is_done_is_unknown(tmp_path, edit, reason):
    plugin(tmp_path / "own", "workload", "other", WORKLOAD, edit)
    plan = plan_of(toy_study(tmp_path, workloads=["other", "toy"]))
    assert list(plan.workloads) == ["toy"]
    assert plan.unknown == plan.left_out
    assert plan.unknown["other"].startswith(reason)


def test_a_standin_runs_where_the_study_allows_it(tmp_path):
    plugin(tmp_path / "own", "workload", "other", WORKLOAD, STANDIN)
    plan = plan_of(toy_study(tmp_path, workloads=["other"], standins="allow"))
    assert plan.workloads["other"].source == "synthetic:half-planes"


def test_what_is_not_trained_is_not_tuned_and_not_compared(tmp_path):
    plugin(
        tmp_path / "own",
        "workload",
        "fixed",
        WORKLOAD,
        ('floor=("accuracy", 0.8),', 'floor=("accuracy", 0.8),\n    trainable=False,'),
    )
    (contestant,) = (
        plan_of(toy_study(tmp_path, workloads=["fixed"], methods=["erm", "bayesmulti"])).workloads["fixed"].contestants
    )
    assert (contestant.label, contestant.tuned) == ("erm", False)


def test_a_plan_has_a_unit_per_training_and_block(tmp_path):
    path = toy_study(tmp_path, methods=["erm", "bayesmulti"])
    keys = ("lognormal(sigma_log=0)@weights", "lognormal(sigma_log=0.693147181)@weights")
    assert missing(path) == {(m, s, keys, (r,)) for m in ("erm", "bayesmulti") for s in (0, 1) for r in (0, 1)}


IDEAL, HALF = "lognormal(sigma_log=0)@weights", "lognormal(sigma_log=0.693147181)@weights"
NEW = "lognormal(sigma_log=0.223143551)@weights"


@pytest.mark.parametrize(
    ("growth", "units", "work"),
    [
        ({}, set(), {}),
        ({"seeds": [1, 0]}, set(), {}),
        ({"seeds": 1}, set(), {}),
        ({"seeds": 3}, {("erm", 2, (IDEAL, HALF), (r,)) for r in (0, 1)}, {"fit": 1, "sweep": 2}),
        ({"realisations": 3}, {("erm", s, (IDEAL, HALF), (2,)) for s in (0, 1)}, {"sweep": 2}),
        (
            {"conditions": [{"usability": [0.8, 1.0, 0.5]}]},
            {("erm", s, (NEW,), (r,)) for s in (0, 1) for r in (0, 1)},
            {"sweep": 4},
        ),
        (
            {"methods": ["plain", "erm"]},
            {("plain", s, (IDEAL, HALF), (r,)) for s in (0, 1) for r in (0, 1)},
            {"trial": 2, "fit": 2, "sweep": 4},
        ),
    ],
)
def test_a_study_that_grows_runs_only_what_is_new(tmp_path, growth, units, work):
    plugin(tmp_path / "own", "method", "plain", METHOD)
    run_toy(toy_study(tmp_path))
    path = toy_study(tmp_path, **growth)
    assert missing(path) == units
    executor = Scripted()
    run_toy(path, executor)
    assert kinds(executor.done) == work
    assert missing(path) == set()


def test_an_edited_device_reruns_its_sweeps_alone(tmp_path):
    """Another folder with the same names stands for the edited file: this process has loaded the first."""
    levels = {"conditions": [{"device": "twice", "usability": [1.0, 0.5]}]}
    for folder, edits in (("one", ()), ("two", [("2.0 *", "3.0 *")])):
        plugin(tmp_path / folder / "own", "device", "twice", DEVICE, *edits)
    results = tmp_path / "results"
    run_toy(toy_study(tmp_path / "one", **levels), results=results)
    executor = Scripted()
    run_toy(toy_study(tmp_path / "two", **levels), executor, results=results)
    assert kinds(executor.done) == {"sweep": 4}


def test_planning_leaves_the_collector_as_it_was(tmp_path):
    plan = plan_of(toy_study(tmp_path))
    plan.missing(None)
    assert gc.isenabled()
    gc.disable()
    try:
        plan.missing(None)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_equal_units_are_equal_and_travel(tmp_path):
    path = toy_study(tmp_path)
    once, again = (list(plan_of(path).workloads["toy"].sweeps(context_of(path).study)) for _ in range(2))
    assert once == again
    assert len(set(once)) == len(once) == 4
    assert pickle.loads(pickle.dumps(once)) == once


def test_a_run_of_some_workloads_asks_nothing_of_the_others():
    study = load_study("quick")
    assert {name for entry in study.observe for name in entry.workloads} - {"mnist_mlp"}
    check_names(study.model_copy(update={"workloads": {"mnist_mlp": study.workloads["mnist_mlp"]}}), registry())
