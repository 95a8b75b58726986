"""One unit of work: same unit, same bytes; whatever goes wrong becomes an outcome."""

from dataclasses import replace

import pytest
import torch

from suite.plan.plan import make_plan
from suite.plan.units import TrialUnit
from suite.results import store
from suite.results.cube import Cube, Status
from suite.run import work
from suite.run.run import prepare
from suite.run.work import execute
from tests.cubes import files
from tests.toys import (
    AT_CHANCE,
    NAN_OUTPUT,
    WORKLOAD,
    Scripted,
    context_of,
    events,
    kinds,
    plugin,
    run_toy,
    suite,
    toy_study,
)

PROBE = {"learning_rate_factor": 1.0, "weight_decay": 1e-4}


def first_tasks(folder, *edits, **changes):
    """The context of a toy study, and a trial, a fit and a sweep of its first training."""
    path = toy_study(folder, **changes)
    plugin(folder / "own", "workload", "toy", WORKLOAD, *edits)
    context = context_of(path)
    plan, _ = prepare(context)
    unit = next(plan.workloads["toy"].sweeps(context.study))
    fit = unit.fit
    return context, TrialUnit(fit.contestant, 0, PROBE, fit.tune_hash), replace(fit, params=PROBE), unit


def test_a_unit_done_twice_writes_the_same_bytes(tmp_path):
    context, *tasks = first_tasks(tmp_path)
    first = [execute(context, task) for task in tasks]
    before = files(context.results)
    again = [execute(context, task) for task in reversed(tasks)]
    assert [outcome.error for outcome in first + again] == [""] * 6
    assert [outcome.values for outcome in first] == [outcome.values for outcome in reversed(again)]
    assert files(context.results) == before


def test_what_each_unit_says(tmp_path):
    context, *tasks = first_tasks(tmp_path)
    trial, fit, sweep = (execute(context, task).values for task in tasks)
    assert set(trial["by_sigma_log"]) == {"0", "0.3", "0.6", "0.9"}
    assert trial["value"] == pytest.approx(sum(trial["by_sigma_log"].values()) / 4)
    assert fit["clean_validation"] > 0.8
    assert sweep == {"n_nonfinite": 0}
    metadata = store.metadata(context.store, tasks[1].hash)
    assert {name: metadata[name] for name in ("workload", "method", "seed")} == {
        "workload": "toy",
        "method": "erm",
        "seed": 0,
    }


def test_a_sweep_without_its_state_fails_and_goes_on(tmp_path):
    context, _, _, sweep = first_tasks(tmp_path)
    outcome = execute(context, sweep)
    assert outcome.error_type == "FileNotFoundError"
    assert not outcome.fatal


def test_a_network_at_chance_is_an_error(tmp_path):
    edits = AT_CHANCE, ("return nn.Seq", "return Blind() or nn.Seq"), BLIND
    context, _, fit, _ = first_tasks(tmp_path, *edits, scale="quick")
    outcome = execute(context, fit)
    assert outcome.error_type == "AtChance"
    assert outcome.error.startswith("toy, seed 0: clean validation accuracy 0.5000 is at chance (0.5); check recipe")
    assert not store.has(context.store, fit.hash)


def test_at_the_scale_ci_a_network_at_chance_is_a_warning(tmp_path):
    study = toy_study(tmp_path, seeds=1)
    edits = AT_CHANCE, ("return nn.Seq", "return Blind() or nn.Seq"), BLIND
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, *edits)
    summary = run_toy(study)
    said = "toy, seed 0: clean validation accuracy 0.5000 is at chance (0.5); check recipe"
    assert not summary.failed
    assert [warning.startswith(said) for warning in summary.warnings] == [True]
    assert [event["warning"] for event in events(study) if "warning" in event] == summary.warnings
    assert f"WARNING {said}" in suite("run", study, "--executor", "serial", "--results", tmp_path / "elsewhere").output


@pytest.mark.parametrize(("loss", "at_chance"), [(0.95, True), (1.2, True), (0.9, False)])
def test_chance_is_told_by_the_measure_that_the_floor_names(tmp_path, loss, at_chance):
    edits = [
        (
            '"accuracy": Score("Accuracy", chance=0.5)',
            '"accuracy": Score("Accuracy", 0.5), "loss": Score("Loss", 1.0, False)',
        ),
        ('return {"accuracy"', f'return {{"loss": {loss}, "accuracy"'),
        ('("accuracy", 0.8)', '("loss", 0.1)'),
    ]
    context, _, fit, _ = first_tasks(tmp_path, *edits, scale="quick")
    outcome = execute(context, fit)
    assert outcome.error_type == ("AtChance" if at_chance else "")
    assert not at_chance or f"clean validation loss {loss:.4f} is at chance (1)" in outcome.error
    assert at_chance or outcome.values["clean_validation"] > 0.8


# Whatever it sees, it says class 0; the classes are equally frequent.
BLIND = (
    "def network(generator, scale, settings):",
    """def Blind():
    from torch import nn

    layer = nn.Linear(2, 2)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def network(generator, scale, settings):""",
)
NAN = "workload 'toy', seed 0: 30 of 30 clean outputs on test set 'test' are not finite"


def test_a_network_that_says_nan_is_an_error(tmp_path):
    context, _, fit, _ = first_tasks(tmp_path, NAN_OUTPUT)
    outcome = execute(context, fit)
    assert outcome.error_type == "NonFiniteOutput"
    assert outcome.error.startswith(NAN)


@pytest.mark.parametrize("tuning", ["gp", "none"])
def test_a_study_goes_on_beside_a_network_that_says_nan(tmp_path, tuning):
    path = toy_study(tmp_path, workloads=["sick", "toy"], methods={"erm": {"tuning": tuning}})
    plugin(tmp_path / "own", "workload", "sick", WORKLOAD, NAN_OUTPUT)
    summary = run_toy(path)
    assert set(summary.failed) == {"sick erm, seed 0", "sick erm, seed 1"}
    cube = Cube.open(context_of(path).cube)
    assert (cube.status("sick") == Status.FAILED).all()
    assert (cube.status("toy") == Status.DONE).all()
    failed = [event for event in events(path) if event["status"] == "failed"]
    assert {event["workload"] for event in failed} == {"sick"}
    assert all("clean outputs on test set 'test' are not finite" in event["error"] for event in failed)

    again = Scripted()
    assert set(run_toy(path, again).failed) == set(summary.failed)
    # What a candidate came to is stored, also that it cannot be trained; a training is tried again.
    assert kinds(again.done) == ({} if tuning == "gp" else {"fit": 2})


# The digest is stated: to hash samples they would have to be read.
TESTS_POISONED = (
    '{"test": split(3)}, "toy:half-planes")',
    """{"test": Poison()}, "toy:half-planes", digest="poisoned")""",
)
POISON = (
    "def data(scale",
    """class Poison:
    def __len__(self):
        raise RuntimeError("test data was measured")

    def __getitem__(self, index):
        raise RuntimeError("test data was read")


def data(scale""",
)


def test_tuning_and_training_never_see_test_data(tmp_path):
    context, trial, fit, sweep = first_tasks(tmp_path, TESTS_POISONED, POISON)
    assert execute(context, trial).error == ""
    assert execute(context, fit).error == ""
    assert "test data was" in execute(context, sweep).error


def test_an_error_without_words_is_still_told(tmp_path):
    silent = ("def scores(outputs, targets):\n", "def scores(outputs, targets):\n    raise KeyError\n")
    context, _, fit, _ = first_tasks(tmp_path, silent)
    outcome = execute(context, fit)
    assert (outcome.error, outcome.error_type, outcome.fatal) == ("KeyError()", "KeyError", False)


def test_every_seed_and_method_is_another_network(tmp_path):
    path = toy_study(tmp_path, methods={"erm": {"tuning": "none"}, "bayesmulti": {"tuning": "none"}})
    run_toy(path)
    context = context_of(path)
    plan = make_plan(context, None)
    states = [store.load(context.store, fit.hash) for fit in plan.workloads["toy"].fits(context.study)]
    assert len({state["0.weight"].numpy().tobytes() for state in states}) == 4


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_numbers_too_small_to_be_normal_are_zero_while_a_unit_runs(tmp_path, monkeypatch, before, fails):
    def flushed():
        return bool(torch.tensor(1e-40) == 0)

    def carry_out(context, task, made):
        seen.append(flushed())
        if fails:
            raise RuntimeError
        return {}

    if not torch.set_flush_denormal(before):
        pytest.skip("this processor cannot")
    seen = []
    try:
        monkeypatch.setattr(work, "_carry_out", carry_out)
        context, _, fit, _ = first_tasks(tmp_path)
        assert bool(execute(context, fit).error) == fails
        assert seen == [True]
        assert flushed() == before
    finally:
        torch.set_flush_denormal(False)
