"""What a study will cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from suite.plan.plan import make_plan
from suite.run.costs import calibrate
from suite.run.readings import run_sweep
from tests.toys import context_of, suite, toy_study


def test_costs_are_positive_and_grow_with_the_study(tmp_path: Path) -> None:
    context = context_of(toy_study(tmp_path))
    plan = make_plan(context, None)
    cost = calibrate(context, plan.workloads["toy"])
    assert cost.training_s > 0 and cost.evaluation_s > 0
    assert cost.state_bytes == (2 * 8 + 8 + 8 * 2 + 2) * 4


@pytest.mark.parametrize(
    "change",
    [
        {"methods": ["bayesmulti", "erm"]},
        {"methods": {"mine": {"method": "external", "state": "{workload}-{seed}.pt"}}},
    ],
    ids=["a method with rates", "states from elsewhere"],
)
def test_any_study_is_calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1):
        Path(f"toy-{seed}.pt").touch()  # only the plan looks at them
    context = context_of(toy_study(tmp_path, **change))
    cost = calibrate(context, make_plan(context, None).workloads["toy"])
    assert cost.training_s > 0 and cost.evaluation_s > 0


def test_the_studys_own_crossbar_is_calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[str] = []

    def spy(*arguments: Any) -> object:
        swept.extend(condition.crossbar for condition in arguments[5])
        return run_sweep(*arguments)

    monkeypatch.setattr("suite.run.costs.run_sweep", spy)
    whole = {"crossbars": {"whole": {"cells": "all_parameters"}}}
    study = toy_study(tmp_path, **whole, conditions=[{"usability": [1.0], "crossbar": "whole"}])
    context = context_of(study)
    assert calibrate(context, make_plan(context, None).workloads["toy"]).evaluation_s > 0
    assert swept == ["whole", "whole"]


def test_an_evaluation_of_very_many_cells_is_not_timed_and_the_plan_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.run.costs.MOST_TIMED", 1000)
    study = toy_study(tmp_path, workloads=["vsa_fsm"], methods=["erm"])
    told = suite("plan", study, "--results", tmp_path / "results").output
    assert "vsa_fsm on automaton:walks: 0.0 s a training, too many cells to time an evaluation" in told
    assert "about 0.00 core-hours" in told and "beside 8 evaluations that are not timed" in told


def test_plan_says_what_is_to_do_and_nothing_when_all_is_done(tmp_path: Path) -> None:
    study, results = toy_study(tmp_path), tmp_path / "results"
    before = suite("plan", study, "--results", results).output
    assert "2 trials, 2 trainings, 4 sweeps (8 evaluations)" in before
    assert "core-hours" in before and not results.exists()
    suite("run", study, "--executor", "serial", "--results", results)
    assert "0 trials, 0 trainings, 0 sweeps (0 evaluations)" in suite("plan", study, "--results", results).output
