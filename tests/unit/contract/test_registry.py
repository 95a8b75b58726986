"""Finding plug-in files: by name, own folders included; a broken one is an entry with its reason."""

import pytest

from suite.contract.registry import BrokenPlugin, Registry, UnknownName, registry
from tests.toys import DEVICE, METHOD, WORKLOAD, plugin

KINDS = {"workload": (WORKLOAD, "Toy"), "method": (METHOD, "Plain"), "device": (DEVICE, "Twice")}


def method(fields):
    return f"from suite.contract import Method\nMETHOD = Method('Older', 'tests', {fields})"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_in_an_own_folder_is_found_beside_those_of_the_house(tmp_path, kind):
    path = plugin(tmp_path, kind, "mine", KINDS[kind][0])
    found = Registry((tmp_path,))
    assert found.entry(kind, "mine").path == path
    assert getattr(found, kind)("mine").title == KINDS[kind][1]
    names = [entry.name for entry in found.entries(kind)]
    assert names == sorted(names)
    assert set(names) == {"mine"} | {entry.name for entry in registry().entries(kind)}


def test_the_house_has_its_plugins_and_none_is_broken():
    found = {kind: {entry.name for entry in registry().entries(kind)} for kind in KINDS}
    assert {"mnist_mlp", "mnist_lenet"} <= found["workload"]
    assert {"erm", "bayesmulti"} <= found["method"]
    assert {"lognormal"} <= found["device"]
    assert [entry for kind in KINDS for entry in registry().entries(kind) if entry.reason] == []


def test_an_unknown_name_gets_the_closest_one():
    with pytest.raises(UnknownName, match=r"unknown method 'bayesmulty', did you mean 'bayesmulti'\? \(known: bayes"):
        registry().method("bayesmulty")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise RuntimeError('no licence')", "it raises RuntimeError at import: no licence"),
        ("import no_such_package", "it raises ModuleNotFoundError at import: No module named 'no_such_package'"),
        ("import math\nMETHOD = math.taw", "it raises AttributeError at import: module 'math' has no attribute 'taw'"),
        ("def broken(:", "it raises SyntaxError at import: "),
        ("method = 1", "it does not define METHOD"),
        ("METHOD = 'erm'", "METHOD is a str, not a suite.contract.Method"),
        (
            method("space=lambda network: {}"),
            "it raises SuiteError at import: space() does not take the workload's arrays: write space(network, arrays,",
        ),
        (
            method("attach=lambda network, params, generator, rate=1: []"),
            "it raises SuiteError at import: attach() does not take the workload's arrays: write attach(network, "
            "arrays, params, generator, ...)",
        ),
    ],
)
def test_a_broken_file_is_an_entry_with_its_reason_and_breaks_no_other(tmp_path, text, reason):
    path = plugin(tmp_path, "method", "bad", text)
    plugin(tmp_path, "method", "good", METHOD)
    found = Registry((tmp_path,))
    (entry,) = [entry for entry in found.entries("method") if entry.name == "bad"]
    assert entry.value is None
    assert entry.reason.startswith(reason)
    assert found.method("good").title == "Plain"
    with pytest.raises(BrokenPlugin) as caught:
        found.method("bad")
    assert str(caught.value).startswith(f"{path}: this method cannot be used: {reason}")


def test_a_floor_that_names_no_measure_is_refused_with_the_form_that_does(tmp_path):
    for floor in ("0.8", '("auc", 0.8)'):
        plugin(tmp_path, "workload", "bad", WORKLOAD, ('floor=("accuracy", 0.8)', f"floor={floor}"))
        with pytest.raises(BrokenPlugin, match=r"as in floor=\('accuracy', 0.8\); the measures are accuracy"):
            Registry((tmp_path,)).workload("bad")
        (tmp_path / "workloads" / "bad.py").unlink()


def test_a_name_that_is_taken_is_told_with_the_file_that_has_it(tmp_path):
    house = registry().entry("method", "erm").path
    path = plugin(tmp_path, "method", "erm", METHOD)
    with pytest.raises(BrokenPlugin) as caught:
        Registry((tmp_path,)).method("erm")
    assert str(caught.value) == f"{path}: this method cannot be used: the name is taken by {house}; rename the file"


def test_equal_stems_of_two_studies_never_meet(tmp_path):
    plugin(tmp_path / "one", "method", "mine", METHOD)
    plugin(tmp_path / "two", "method", "mine", METHOD, ("Plain", "Other"))
    assert registry((tmp_path / "one",)).method("mine").title == "Plain"
    assert registry((tmp_path / "two",)).method("mine").title == "Other"


def test_files_with_an_underscore_are_no_plugins(tmp_path):
    plugin(tmp_path, "method", "_shared", "raise RuntimeError")
    assert Registry((tmp_path,)).entries("method") == registry().entries("method")


def test_packages_that_a_workload_needs_are_told(tmp_path):
    needs = ('floor=("accuracy", 0.8),', 'floor=("accuracy", 0.8),\n    needs=("json", "no_such_package"),')
    plugin(tmp_path, "workload", "needy", WORKLOAD, needs)
    assert Registry((tmp_path,)).entry("workload", "needy").missing == ("no_such_package",)
    assert registry().entry("workload", "mnist_mlp").missing == ()
