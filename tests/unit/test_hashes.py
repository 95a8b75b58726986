"""The hash chain: what changes a result changes its hash and those of what comes after it, and nothing else does."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import suite
from suite.plan import make_plan
from suite.study import load_study
from suite.tasks import Context
from tests.toys import DEVICE, METHOD, WORKLOAD, plugin, toy_study

OWN = {
    "methods": {"plain": {}, "erm": {"tuning": "none"}},
    "conditions": [{"device": "twice", "usability": [1.0, 0.5]}],
}


def hashes(folder, edits=(), accelerator="cpu", **changes):
    """The hashes of a toy study with its own workload, method and device: {kind: {unit: hash}}."""
    path = toy_study(folder, **{**OWN, **changes})
    for kind, name, text in (("method", "plain", METHOD), ("device", "twice", DEVICE), ("workload", "toy", WORKLOAD)):
        plugin(folder / "own", kind, name, text, *(edit[1:] for edit in edits if edit[0] == kind))
    study = load_study(path)
    part = make_plan(Context(study, folder / "results", None, accelerator), None).workloads["toy"]
    found = {"tune": {}, "fit": {}, "sweep": {}}
    for fit in part.fits(study):
        found["tune"][fit.contestant.label] = fit.tune_hash
        found["fit"][fit.contestant.label, fit.seed] = fit.hash
    for unit in part.sweeps(study):
        keys = tuple(condition.key for condition in unit.block.conditions)
        found["sweep"][unit.fit.contestant.label, unit.fit.seed, keys, unit.block.realisations] = unit.hash
    return found


def changed(before, after):
    """{kind: labels of the units in both whose hash differs}."""
    return {
        kind: {unit if kind == "tune" else unit[0] for unit in before[kind] if before[kind][unit] != after[kind][unit]}
        for kind in before
    }


BOTH = {"plain", "erm"}
# That of toy studies.
BUDGET = {"trials": 2, "random_trials": 1, "realisations": 1}
NOTHING = {"tune": set(), "fit": set(), "sweep": set()}
EVERYTHING = {"tune": BOTH, "fit": BOTH, "sweep": BOTH}
PLAIN = {"tune": {"plain"}, "fit": {"plain"}, "sweep": {"plain"}}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("workload", "Two half planes", "Half planes, two"), NOTHING),
        (("method", '"""Plain', '# why\n"""Very plain'), NOTHING),
        (("device", "Standard normal.", "Normal, standard."), NOTHING),
        (("workload", "epochs=20", "epochs=21"), EVERYTHING),
        (("method", 'title="Plain"', 'title="Very plain"'), PLAIN),
        (("device", "2.0 *", "3.0 *"), {**NOTHING, "sweep": BOTH}),
    ],
)
def test_an_edit_of_a_plugin_changes_what_reads_it(tmp_path, edit, expected):
    assert changed(hashes(tmp_path / "a"), hashes(tmp_path / "b", [edit])) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, NOTHING),
        ({"name": "other"}, NOTHING),
        ({"figures": ["fig2a"]}, NOTHING),
        ({"seeds": [1, 0]}, NOTHING),
        ({"methods": dict(reversed(OWN["methods"].items()))}, NOTHING),
        ({"methods": {**OWN["methods"], "bayesmulti": {}}}, NOTHING),
        ({"entropy": 5}, EVERYTHING),
        ({"scale": "quick"}, EVERYTHING),
        ({"accelerator": "cuda"}, EVERYTHING),
        ({"tuning": {"trials": 3, "random_trials": 1, "realisations": 1}}, PLAIN),
        ({"tuning": {**BUDGET, "stop_at": 0.5}}, PLAIN),
        ({"tuning": {**BUDGET, "stop_at": None, "warm_start": None}}, NOTHING),
        ({"methods": {**OWN["methods"], "plain": {"params": {"weight_decay": 0.0}}}}, PLAIN),
        ({"methods": {**OWN["methods"], "plain": {"objective": "clean_train"}}}, PLAIN),
        ({"methods": {**OWN["methods"], "plain": {"statistics": "clean"}}}, PLAIN),
        ({"methods": {**OWN["methods"], "plain": {"statistics": None, "state": None}}}, NOTHING),
        ({"crossbars": {"weights": {"cells": "all_parameters"}}}, {**NOTHING, "sweep": BOTH}),
        ({"crossbars": {"weights": {}, "all": {"cells": "all_parameters"}}}, NOTHING),
        ({"crossbars": {"weights": {}, "circuit": {"g_max_uS": 100}}}, NOTHING),
    ],
)
def test_a_change_of_the_study_changes_what_reads_it(tmp_path, change, expected):
    assert changed(hashes(tmp_path / "a"), hashes(tmp_path / "b", **change)) == expected


CIRCUIT = {"g_max_uS": 100, "tile_rows": 64, "tile_columns": 64, "wire_ohm": 1}


@pytest.mark.parametrize("setting", ["g_min_uS", "wire_ohm", "stuck_on", "read_noise_uS", "recalibrate_bn"])
def test_a_setting_of_the_circuit_changes_sweeps_alone(tmp_path, setting):
    def hashed(folder, crossbar):
        levels = [{"device": "twice", "usability": [1.0, 0.5], "crossbar": "circuit"}]
        return hashes(folder, conditions=levels, crossbars={"circuit": crossbar})

    value = 0.5 if setting != "recalibrate_bn" else 20
    one, two = (
        hashed(tmp_path / name, crossbar) for name, crossbar in (("a", CIRCUIT), ("b", {**CIRCUIT, setting: value}))
    )
    assert changed(one, two) == {**NOTHING, "sweep": BOTH}


def test_every_search_training_and_crossbar_has_its_own_hash(tmp_path):
    levels = [*OWN["conditions"], {"usability": [0.5]}, {"usability": [0.5], "crossbar": "all"}]
    crossbars = {"weights": {}, "all": {"cells": "all_parameters"}}
    found = hashes(tmp_path, conditions=levels, crossbars=crossbars)
    assert [len(set(kind.values())) for kind in found.values()] == [2, 4, 12]
    everything = [value for kind in found.values() for value in set(kind.values())]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize(
    "growth",
    [
        {"realisations": 5},
        {"seeds": 5},
        {"conditions": [{"device": "twice", "usability": [1.0, 0.5, 0.25]}]},
        {"conditions": [{"usability": [0.3]}, *OWN["conditions"]]},
    ],
)
def test_growth_changes_no_hash(tmp_path, growth):
    """A score is identified by what it reads; where it lies in the cube is a matter of its labels."""

    def by_training(found):
        return {(*unit[:2], unit[2][0].split("(")[0], value) for unit, value in found["sweep"].items()}

    assert by_training(hashes(tmp_path / "a")) <= by_training(hashes(tmp_path / "b", **growth))


def test_the_name_of_a_workload_counts(tmp_path):
    """Streams are keyed by the workload's name: a renamed file draws other numbers."""
    one = hashes(tmp_path / "a")
    plugin(tmp_path / "b" / "own", "workload", "toy2", WORKLOAD)
    study = load_study(toy_study(tmp_path / "b", workloads=["toy2"], methods=["erm"]))
    part = make_plan(Context(study, tmp_path / "results"), None).workloads["toy2"]
    assert {fit.hash for fit in part.fits(study)}.isdisjoint(one["fit"].values())


# ------------------------------------------------------------------------------------- edits of the house itself

SCRIPT = """
import json, pathlib
import suite
from suite.cube import Layout
from suite.hashes import Hashes
from suite.registry import registry
from suite.study import Study
from suite.units import Contestant, FitUnit

assert pathlib.Path(suite.__file__).parent.parent == pathlib.Path.cwd()
methods = {"erm": {}, "none": {"method": "erm", "tuning": "none"}}
study = Study(name="s", scale="ci", workloads=("mnist_mlp",), methods=methods)
hashes = Hashes(study, registry(), "mnist_mlp", "mnist:official", "cpu")
layout = Layout.make(["erm"], [0], study.conditions_of(study.workloads[0]), range(2), (27, 2))
found = {}
for label, entry in study.methods.items():
    contestant = Contestant("mnist_mlp", label, entry)
    tune = hashes.tune(contestant)
    fit = FitUnit(contestant, 0, tune, hashes.fit(contestant, 0, tune))
    sweep = hashes.sweep(fit, next(layout.blocks()))
    found |= {f"tune {label}": tune, f"fit {label}": fit.hash, f"sweep {label}": sweep}
print(json.dumps(found))
"""


def house_hashes(house):
    """The hashes that this copy of the house gives."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=house, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def copied(house, folder):
    """A copy of the code."""
    for room in ("suite", "workloads"):
        shutil.copytree(house / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy that nobody edits meanwhile."""
    return copied(Path(suite.__file__).parent.parent, tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def untouched(house):
    return house_hashes(house)


ALL = {f"{kind} {label}" for kind in ("tune", "fit", "sweep") for label in ("erm", "none")}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("suite/training.py", '"""The one training loop', '"""The only training loop', set()),
        ("suite/figures/fig2a.py", "MNIST: accuracy", "Digits: accuracy", set()),
        ("suite/training.py", "momentum=0.9", "momentum=0.8", ALL),
        ("suite/sources/mnist.py", "import", "import this\nimport", ALL),
        # Without a search nothing is programmed before the sweep.
        ("suite/devices/lognormal.py", "sigma**2 / 2", "sigma**2 / 3", ALL - {"tune none", "fit none"}),
        ("suite/sweep.py", "import annotations", "import annotations, division", ALL - {"tune none", "fit none"}),
        # Without stop_at and warm_start nothing of these runs.
        ("suite/stopping.py", "math.ceil", "math.floor", set()),
        # ERM trains without noise: its running statistics are of one kind.
        ("suite/running_statistics.py", "network.eval()", "network", set()),
        ("suite/worth.py", "max(kinds", "min(kinds", ALL - {"tune none", "fit none", "sweep none"}),
        ("suite/warm_start.py", ">= _SCALES", "> _SCALES", set()),
        ("suite/tuning.py", "1e-3", "1e-4", ALL - {"tune none", "fit none", "sweep none"}),
    ],
)
def test_an_edit_of_the_house_changes_what_runs_it(tmp_path, house, untouched, file, old, new, expected):
    edited = copied(house, tmp_path) / file
    text = edited.read_text()
    assert old in text
    edited.write_text(text.replace(old, new, 1))
    after = house_hashes(tmp_path)
    assert {unit for unit in untouched if untouched[unit] != after[unit]} == expected
