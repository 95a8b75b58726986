"""What holds for every plug-in file, whatever its kind: a run of a study fills a cube with it, and needs no edit."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from suite.checks.check import DoesNotApply, Lacking, expect
from suite.checks.kit import Kit
from suite.contract import Device, Method
from suite.contract.registry import Entry, Kind, registry
from suite.data.facts import perovskite_devices
from suite.plan.context import Context
from suite.plan.plan import Plan
from suite.results import store
from suite.results.cube import Cube, Status, open_tree
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from suite.studies.study import load_study

Names = dict[Kind, str]


def it_fills_a_cube(kit: Kit, entry: Entry) -> None:
    """A whole run of the scale `ci`: every score is there, finite, and the same for all realisations if ideal."""
    names = _names(kit, entry)
    workload, device = names["workload"], kit.plugins.device(names["device"])
    with tempfile.TemporaryDirectory() as folder:
        if names["method"] == "external":
            store.save(Path(folder), f"{workload}-0", kit.trained(workload).state_dict(), {})
        study = write_study(Path(folder), kit.folders, [workload], names["method"], names["device"])
        context = Context(load_study(study), Path(folder) / "results", kit.root)
        done, _ = carry_out(context)
        expect(done >= 2, "two units done at least", done, "see `suite run`")
        finished = (Cube.open(context.cube).status(workload) == Status.DONE).all()
        expect(bool(finished), "a full cube", "cells that are not done", "see `suite run`")
        dataset = open_tree(context.cube)[workload].to_dataset()
        alike = kit.plugins.method(names["method"]).adapt is None and _first_is_ideal(device, names["device"])
        for score in dataset.attrs["measures"]:
            _hold_scores(score, dataset[score].values, alike)
        again, _ = carry_out(context)
        expect(again == 0, "nothing left for a second run", f"{again} units", "see `suite plan`")


def _first_is_ideal(device: Device, name: str) -> bool:
    """Whether the first condition of `write_study` is ideal."""
    if "sigma_log" not in device.levels:
        return True
    return device.ideal(replace(device.example(name), usability=1.0, sigma_log=0.0))


def _names(kit: Kit, entry: Entry) -> Names:
    """What the study names: the file, and what stands in for the other two kinds. Raises DoesNotApply or Lacking."""
    names: Names = {"workload": kit.usual, "method": "erm", "device": "lognormal", entry.kind: entry.name}
    if entry.kind == "method":
        names["workload"] = _meaningful(kit, entry)
    elif takes := kit.workload(names["workload"]).methods:
        names["method"] = takes[0]
    kit.splits(names["workload"])
    return names


def _meaningful(kit: Kit, method: Entry) -> str:
    """A workload on which the method, as it comes, has a meaning."""
    options = {option: values[0] for option, values in method.value.options.items()}
    refused: Exception = DoesNotApply(f"none of {', '.join(kit.on)} takes it")
    for on in dict.fromkeys((kit.usual, *kit.on)):
        workload = kit.plugins.workload(on)
        if not workload.trainable or (workload.methods is not None and method.name not in workload.methods):
            continue
        try:
            kit.space(method.name, options, on)
            return on
        except (DoesNotApply, Lacking) as reason:
            refused = reason
    raise refused


def write_study(folder: Path, plugins: tuple[Path, ...], workloads: list[str], method: str, device: str) -> Path:
    """A study of the `ci` scale: one seed, one ideal and one noisy level; methods are tuned, plain training is not.

    Measured devices have no levels but their own, and others know no usability: one of these stands beside an ideal
    crossbar.
    """
    known = registry(plugins)
    told = known.device(device)
    own: dict[str, Any] = {name: [value] for name, value in told.example(device).levels}
    own |= {"crossbar": "chip"} if told.conductances else {}
    levels: list[dict[str, Any]] = [{"device": device, "usability": [1.0, 0.3], **own}]
    if device == "measured":
        levels = [{"usability": [1.0]}, {"device": device, "devices": [perovskite_devices()[0].name]}]
    elif "sigma_log" not in told.levels:
        levels = [{"usability": [1.0]}, {"device": device, **own}]
    study = {
        "name": "dropped",
        "scale": "ci",
        "workloads": workloads,
        "methods": {method: _entry(known.method(method), method, str(folder))},
        "seeds": [0],
        "realisations": 2,
        "crossbars": {"weights": {}, "chip": {"g_max_uS": min(100.0, told.most_uS)}},
        "conditions": levels,
        "tuning": {"trials": 2, "random_trials": 1, "sigma_log": [0.0, 0.3], "realisations": 1},
        "standins": "allow",
        "plugins": [str(plugin.resolve()) for plugin in plugins],
    }
    path = folder / "dropped.yaml"
    path.write_text(yaml.safe_dump(study))
    return path


def _entry(method: Method, name: str, folder: str) -> dict[str, Any]:
    if method.adapt is not None:
        return {"method": "erm", "tuning": "none", "adapt": {"method": name}}
    return {"erm": {"tuning": "none"}, "external": {"state": f"{folder}/{{workload}}-{{seed}}.safetensors"}}.get(
        name, {}
    )


def carry_out(context: Context) -> tuple[int, Plan]:
    """Units done by a run in which nothing may fail, and its plan."""
    summary, plan = run(context, SerialExecutor(), show=lambda progress: None)
    failed = "; ".join(f"{unit}: {reason}" for unit, reason in summary.failed.items())
    expect(not failed, "a run without failed units", failed, "mend what fails")
    return summary.done, plan


def _hold_scores(score: str, values: np.ndarray, ideal: bool) -> None:
    """values: (methods, seeds, conditions, realisations), the first condition without spread."""
    expect(values.shape == (1, 1, 2, 2), f"{score} of 2 levels and 2 realisations", values.shape, "see `suite run`")
    expect(bool(np.isfinite(values).all()), f"finite {score}", values.tolist(), "mend `scores`")
    same = not ideal or bool((values[:, :, 0] == values[:, :, 0, :1]).all())
    expect(same, f"one {score} for all realisations of the ideal crossbar", values[0, 0, 0].tolist(), "mend `program`")
