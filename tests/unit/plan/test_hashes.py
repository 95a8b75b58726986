"""The hash chain: what changes a result changes its hash and those of what comes after it, and nothing else does."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import suite
from suite.plan.context import Context
from suite.plan.identity.libraries import _version
from suite.plan.plan import make_plan
from suite.studies.entries import MethodEntry
from suite.studies.study import CrossbarSettings, Tuning, load_study
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


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """Those of the study as it is."""
    return hashes(tmp_path_factory.mktemp("usual"))


BOTH = {"plain", "erm"}
# That of toy studies.
BUDGET = {"trials": 2, "random_trials": 1, "realisations": 1}
DEFAULTS = {"tuning": "gp", "objective": "drift", "params": {}, "options": {}, "draws_per_step": 1}
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
def test_an_edit_of_a_plugin_changes_what_reads_it(tmp_path, usual, edit, expected):
    assert changed(usual, hashes(tmp_path, [edit])) == expected


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
        ({"crossbars": {"weights": {"cells": "weights"}}}, NOTHING),
        ({"methods": {**OWN["methods"], "plain": DEFAULTS}}, NOTHING),
        ({"tuning": {**BUDGET, "batch": 1}}, NOTHING),
        ({"crossbars": {"weights": {}, "all": {"cells": "all_parameters"}}}, NOTHING),
        ({"crossbars": {"weights": {}, "circuit": {"g_max_uS": 100}}}, NOTHING),
    ],
)
def test_a_change_of_the_study_changes_what_reads_it(tmp_path, usual, change, expected):
    assert changed(usual, hashes(tmp_path, **change)) == expected


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
def test_growth_changes_no_hash(tmp_path, usual, growth):
    """A score is identified by what it reads; where it lies in the cube is a matter of its labels."""

    def by_training(found):
        return {(*unit[:2], unit[2][0].split("(")[0], value) for unit, value in found["sweep"].items()}

    assert by_training(usual) <= by_training(hashes(tmp_path, **growth))


def test_the_name_of_a_workload_counts(tmp_path, usual):
    """Streams are keyed by the workload's name: a renamed file draws other numbers."""
    plugin(tmp_path / "own", "workload", "toy2", WORKLOAD)
    study = load_study(toy_study(tmp_path, workloads=["toy2"], methods=["erm"]))
    part = make_plan(Context(study, tmp_path / "results"), None).workloads["toy2"]
    assert {fit.hash for fit in part.fits(study)}.isdisjoint(usual["fit"].values())


def test_an_option_at_its_default_is_as_if_it_were_not_said(tmp_path):
    said = ({}, {"target": "activation"}, {"rates": "one", "placement": "all"}, {"target": "weight"})
    methods = {str(number): {"method": "bayesmulti", "options": options} for number, options in enumerate(said)}
    found = hashes(tmp_path, methods=methods)["tune"]
    assert found["0"] == found["1"] == found["2"] != found["3"]


def test_defaults_that_hashes_leave_out_stay_what_they_are():
    """Another default would give other numbers under the old hash: say what is new by a value of its own."""
    entry = {"options": {}, "tuning": "gp", "objective": "drift", "params": {}, "draws_per_step": 1, "state": None}
    tuning = {"trials": 14, "random_trials": 3, "batch": 1, "sigma_log": (0.0, 0.3, 0.6, 0.9), "realisations": 8}
    tuning |= {"stop_at": None, "warm_start": None}
    crossbar = {"cells": "weights"}
    for model, known in ((MethodEntry(), entry), (Tuning(), tuning), (CrossbarSettings(), crossbar)):
        assert known.items() <= model.model_dump().items()


def test_the_minor_version_of_torch_counts(tmp_path, monkeypatch):
    before = hashes(tmp_path / "a")
    for number, (version, expected) in enumerate((("99.1.0", EVERYTHING), ("99.1.7", NOTHING), ("99.2.0", EVERYTHING))):
        monkeypatch.setattr("importlib.metadata.version", lambda name, version=version: version)
        after = hashes(tmp_path / str(number))
        assert changed(before, after) == expected
        before = after


LIBRARY = "def network(generator, scale, settings):\n    import sklearn.base\n"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("workload", "def network(generator, scale, settings):\n", LIBRARY), EVERYTHING),
        (("workload", 'floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    needs=('sklearn',),"), EVERYTHING),
        (("method", "METHOD =", "import sklearn\n\nMETHOD ="), PLAIN),
        (("device", "def draw(", "import sklearn\n\n\ndef draw("), {**NOTHING, "sweep": BOTH}),
    ],
)
def test_versions_of_libraries_count_where_they_are_used(tmp_path, monkeypatch, edit, expected):
    found = [hashes(tmp_path / "1", [edit])]
    monkeypatch.setattr("suite.plan.identity.libraries._version", {"sklearn": "99"}.get)
    found.append(hashes(tmp_path / "2", [edit]))
    assert changed(*found) == expected


def test_a_library_is_found_whatever_its_package_is_called():
    from importlib.metadata import version

    assert _version("sklearn") == version("scikit-learn")
    assert _version("yaml") == version("PyYAML")
    assert _version("pytorchcv") == version("pytorchcv")
    assert _version("no_such_library") == ""


DATA = "def data(scale, root, seed, settings):\n"
TABLE = (DATA, f"{DATA}    from pathlib import Path\n    Path(__file__).with_suffix('.csv').read_text()\n")


def test_a_digit_of_a_data_file_changes_all_of_its_workload_and_nothing_else(tmp_path):
    def found(folder, digit):
        for name, text in (("one", digit), ("other", "0")):
            plugin(folder / "own", "workload", name, WORKLOAD, TABLE).with_suffix(".csv").write_text(f"1,2,{text}")
        study = load_study(toy_study(folder, workloads=["one", "other"], methods=["erm", "bayesmulti"]))
        plan = make_plan(Context(study, folder / "results"), None)
        fits = [fit for part in plan.workloads.values() for fit in part.fits(study)]
        swept = [unit for part in plan.workloads.values() for unit in part.sweeps(study)]
        keyed = {(unit.fit.contestant, unit.fit.seed, unit.block.grid): unit.hash for unit in swept}
        return keyed | {(fit.contestant, fit.seed): (fit.tune_hash, fit.hash) for fit in fits}

    before, same, after = found(tmp_path / "1", "3"), found(tmp_path / "2", "3"), found(tmp_path / "3", "4")
    assert before == same
    assert {unit for unit in before if before[unit] != after[unit]} == {u for u in before if u[0].workload == "one"}


# ------------------------------------------------------------------------------------- edits of the house itself

SCRIPT = """
import json, pathlib
import suite
from types import SimpleNamespace
from suite.plan.identity.hashes import Hashes
from suite.contract.registry import registry
from suite.studies.study import Study
from suite.plan.units import Contestant, FitUnit

assert pathlib.Path(suite.__file__).parent.parent == pathlib.Path.cwd()
methods = {"erm": {}, "none": {"method": "erm", "tuning": "none"}}
study = Study(name="s", scale="ci", workloads=("mnist_mlp",), methods=methods)
hashes = Hashes(study, registry(), "mnist_mlp", lambda study, seed: ("mnist:official", "of the data"), "cpu")
block = SimpleNamespace(conditions=study.conditions_of("mnist_mlp"))
found = {}
for label, entry in study.methods.items():
    contestant = Contestant("mnist_mlp", label, entry)
    tune = hashes.tune(contestant)
    fit = FitUnit(contestant, 0, tune, hashes.fit(contestant, 0, tune))
    sweep = hashes.sweep(fit, block)
    found |= {f"tune {label}": tune, f"fit {label}": fit.hash, f"sweep {label}": sweep}
print(json.dumps(found))
"""


def house_hashes(house, script=SCRIPT):
    """The hashes that this copy of the house gives."""
    done = subprocess.run([sys.executable, "-c", script], cwd=house, capture_output=True, text=True, check=True)
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


SWAPPED = "import numpy_generator, stream as torch_generator"
ALL = {f"{kind} {label}" for kind in ("tune", "fit", "sweep") for label in ("erm", "none")}
# Edits that change no hash: file, old, new.
IDLE = (
    ("suite/training/loop.py", '"""The one training loop', '"""The only training loop'),
    ("suite/figures/fig2a.py", "MNIST: accuracy", "Digits: accuracy"),
    # Messages, and what hands work on.
    ("suite/data/datasets.py", "is not in the data root", "is missing in the data root"),
    ("suite/run/work.py", "is at chance", "lies at chance"),
    ("suite/run/campaign.py", "tuning needs optuna", "a search needs optuna"),
    ("suite/contract/names.py", "did you mean", "was it"),
    # A new optional field of a method and of the tuning.
    ("suite/studies/entries.py", "    state: Path", "    fresh: int | None = None\n    state: Path"),
    ("suite/studies/study.py", "    trials: int", "    fresh: float = 0.5\n    trials: int"),
    # Without stop_at and warm_start nothing of these runs.
    ("suite/training/stopping.py", "math.ceil", "math.floor"),
    ("suite/plan/warm_start.py", ">= _SCALES", "> _SCALES"),
)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("suite/training/loop.py", "momentum=0.9", "momentum=0.8", ALL),
        ("suite/data/sources/mnist.py", "import", "import this\nimport", ALL),
        # Another import of the house, and of a library, at the end of a chain of imports.
        ("suite/training/loop.py", "import numpy_generator, torch_generator", SWAPPED, ALL),
        ("suite/data/sources/_split.py", "import numpy_generator", "import torch_generator as numpy_generator", ALL),
        (
            "suite/data/sources/mnist.py",
            "from importlib.util import find_spec",
            "from shutil import which as find_spec",
            ALL,
        ),
        ("suite/sweep/engine/kernels.py", "import Tensor", "import Storage as Tensor", ALL - {"tune none", "fit none"}),
        # Without a search nothing is programmed before the sweep.
        ("suite/devices/lognormal.py", "sigma**2 / 2", "sigma**2 / 3", ALL - {"tune none", "fit none"}),
        ("suite/sweep/sweep.py", "import annotations", "import annotations, division", ALL - {"tune none", "fit none"}),
        # What a search makes of a candidate reaches it, whatever the method.
        ("suite/run/running_statistics.py", "network.eval()", "network", ALL - {"tune none", "fit none", "sweep none"}),
        ("suite/run/worth.py", "max(kinds", "min(kinds", ALL - {"tune none", "fit none", "sweep none"}),
        ("suite/training/search.py", "1e-3", "1e-4", ALL - {"tune none", "fit none", "sweep none"}),
    ],
)
def test_an_edit_of_the_house_changes_what_runs_it(tmp_path, house, untouched, file, old, new, expected):
    edit(copied(house, tmp_path) / file, old, new)
    after = house_hashes(tmp_path)
    assert {unit for unit in untouched if untouched[unit] != after[unit]} == expected


def test_edits_of_the_house_that_change_no_result_change_no_hash(tmp_path, house, untouched):
    copied(house, tmp_path)
    for file, old, new in IDLE:
        edit(tmp_path / file, old, new)
    assert house_hashes(tmp_path) == untouched


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# Modules of several rooms, and the machinery of hashes itself.
MOVED = ("training.loop", "training.search", "training.external", "sweep.sweep", "sweep.engine.kernels")
GROUND = ("contract.seeds", "contract.conditions", "contract.opened", "plan.identity")


@pytest.mark.parametrize("moved", [["training.loop"], [*MOVED, *GROUND]], ids=["one", "many"])
def test_a_module_may_move(tmp_path, house, untouched, moved):
    copied(house, tmp_path)
    for name in moved:
        old = tmp_path / "suite" / name.replace(".", "/")
        ending = "" if old.is_dir() else ".py"
        new = Path(f"{tmp_path}/suite/rooms/{name.replace('.', '/')}{ending}")
        new.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{old}{ending}").rename(new)
    places = re.compile(rf"\bsuite\.({'|'.join(map(re.escape, moved))})\b")
    for path in [*tmp_path.rglob("*.py")]:
        path.write_text(places.sub(r"suite.rooms.\1", path.read_text()))
    assert not (tmp_path / "suite/training/loop.py").exists()
    assert house_hashes(tmp_path, places.sub(r"suite.rooms.\1", SCRIPT)) == untouched
