"""Every plug-in file, drop-ins included, fills a cube through `suite run` with no edit elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.torch import save_file

from suite.cube import Cube, Status, open_tree
from suite.executors.serial import SerialExecutor
from suite.facts import perovskite_devices
from suite.plan import Plan
from suite.registry import Entry
from suite.run import run
from suite.study import load_study
from suite.tasks import Context
from tests.contract.plugins import DROPINS, KINDS, files, splits, trained

# What stands in for the other two kinds while a file of one kind is tried.
USUAL = {"workload": "elman", "method": "erm", "device": "lognormal"}

ABSENT = '''"""A workload that needs a package which nobody has."""

import no_such_package_of_ours
'''
NEEDY = '''"""A workload that needs a package which nobody has, and says so."""

from suite.contract import Recipe, Score, Workload


def data(scale, root, seed):
    import no_such_package_of_ours

    return no_such_package_of_ours.splits(scale)


WORKLOAD = Workload(
    title="Needy",
    data=data,
    network=lambda generator: None,
    recipe=lambda scale: Recipe(1, 1, 1.0),
    measures={"accuracy": Score("Accuracy", 0.5)},
    scores=lambda outputs, targets: {"accuracy": 0.0},
    floor=0.9,
    needs=("no_such_package_of_ours",),
)
'''


def write_study(folder: Path, plugins: list[Path], workloads: list[str], method: str, device: str) -> Context:
    """A study of the `ci` scale: one seed, one ideal and one noisy level; methods are tuned, plain training is not.

    Measured devices have no levels but their own: one of them stands beside an ideal crossbar.
    """
    levels = [{"device": device, "usability": [1.0, 0.3]}]
    if device == "measured":
        levels = [{"usability": [1.0]}, {"device": device, "devices": [perovskite_devices()[0].name]}]
    state = str(folder / "{workload}-{seed}.safetensors")
    study = {
        "name": "dropped",
        "scale": "ci",
        "workloads": workloads,
        "methods": {method: {"erm": {"tuning": "none"}, "external": {"state": state}}.get(method, {})},
        "seeds": [0],
        "realisations": 2,
        "conditions": levels,
        "tuning": {"trials": 2, "random_trials": 1, "sigma_log": [0.0, 0.3], "realisations": 1},
        "standins": "allow",
        "plugins": [str(plugin) for plugin in plugins],
    }
    path = folder / "dropped.yaml"
    path.write_text(yaml.safe_dump(study))
    return Context(load_study(path), folder / "results")


def carry_out(context: Context) -> tuple[int, Plan]:
    """Units done by a run in which nothing may fail, and its plan."""
    summary, plan = run(context, SerialExecutor(), show=lambda progress: None)
    assert summary.failed == {}
    return summary.done, plan


@pytest.mark.parametrize("entry", files(*KINDS))
def test_it_fills_a_cube(entry: Entry, tmp_path: Path) -> None:
    names = {**USUAL, entry.kind: entry.name}
    if entry.kind == "workload" and entry.value.methods:
        names["method"] = entry.value.methods[0]
    splits(names["workload"])
    if names["method"] == "external":
        save_file(trained(names["workload"]).state_dict(), tmp_path / f"{names['workload']}-0.safetensors")
    context = write_study(tmp_path, [DROPINS], [names["workload"]], names["method"], names["device"])
    done, _ = carry_out(context)
    assert done >= 2
    assert (Cube.open(context.cube).status(names["workload"]) == Status.DONE).all()
    dataset = open_tree(context.cube)[names["workload"]].to_dataset()
    for score in dataset.attrs["measures"]:
        values = dataset[score].values
        assert values.shape == (1, 1, 2, 2)
        assert np.isfinite(values).all()
        assert (values[:, :, 0] == values[:, :, 0, :1]).all()
    assert carry_out(context)[0] == 0


def test_a_workload_whose_package_is_missing_is_skipped_and_breaks_no_other(tmp_path):
    (tmp_path / "own" / "workloads").mkdir(parents=True)
    (tmp_path / "own" / "workloads" / "needy.py").write_text(NEEDY)
    (tmp_path / "own" / "workloads" / "absent.py").write_text(ABSENT)
    context = write_study(tmp_path, [DROPINS, tmp_path / "own"], ["needy", "hopfield"], "erm", "lognormal")
    done, plan = carry_out(context)
    assert done >= 2
    assert plan.skipped == {"needy": "needs no_such_package_of_ours: pip install no_such_package_of_ours"}
    assert list(Cube.open(context.cube).workloads) == ["hopfield"]
