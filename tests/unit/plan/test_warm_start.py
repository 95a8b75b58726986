"""Warm start: the best of a cheaper scale is the first candidate; the hash of the search says whose best it was."""

import json
from pathlib import Path

import pytest

from suite.contract import SuiteError
from suite.plan.plan import make_plan
from suite.plan.stages import stage_hashes
from suite.plan.units import Contestant
from suite.plan.warm_start import counterpart, warming
from suite.studies.entries import MethodEntry
from suite.studies.study import load_study
from tests.cubes import files
from tests.toys import Scripted, context_of, kinds, refused, run_toy, toy_study

TUNING = {"trials": 3, "random_trials": 1, "realisations": 1}


def cheap(folder, file="cheap", **changes):
    """A study of scale ci, in a file of its own."""
    path = toy_study(folder, **{"name": file, "tuning": TUNING, **changes})
    return path.rename(folder / f"{file}.yaml")


def dear(folder, warm="cheap.yaml", **changes):
    """A study of scale quick that starts warm."""
    tuning = {**TUNING, "warm_start": warm}
    return toy_study(folder, **{"scale": "quick", "seeds": 1, "tuning": tuning, **changes})


def tune_hashes(path):
    """{label: tune hash}"""
    context = context_of(path)
    fits = make_plan(context, None).workloads["toy"].fits(context.study)
    return {fit.contestant.label: fit.tune_hash for fit in fits}


def message(path, executor=None):
    with pytest.raises(SuiteError) as caught:
        run_toy(path, executor)
    return str(caught.value)


def search_record(path, tune_hash):
    return json.loads((path.parent / "results" / "store" / f"{tune_hash}.json").read_text())


def test_the_search_begins_with_the_best_of_the_cheaper_scale(tmp_path):
    first, second = cheap(tmp_path, methods=["bayesmulti"]), dear(tmp_path, methods=["bayesmulti"])
    run_toy(first)
    executor = Scripted()
    run_toy(second, executor)
    best = search_record(first, tune_hashes(first)["bayesmulti"])["params"]
    trials = [task for task in executor.done if task.kind == "trial"]
    assert trials[0].params == best
    assert trials[1].params["rate_1"] == 0.5
    assert kinds(executor.done)["trial"] == 3
    record = search_record(second, tune_hashes(second)["bayesmulti"])
    assert record["trials"][0]["params"] == best


def test_a_killed_warm_search_goes_on_as_if_it_had_not_been(tmp_path):
    found = []
    for name, survived in (("undisturbed", None), ("killed", 2)):
        folder = tmp_path / name
        run_toy(cheap(folder))
        path = dear(folder)
        if survived is not None:
            with pytest.raises(KeyboardInterrupt):
                run_toy(path, Scripted(stop_after=survived))
        run_toy(path)
        found.append(files(folder / "results" / "store"))
    assert found[0] == found[1]


def test_where_the_cheaper_search_is_missing_the_command_that_makes_it_is_told(tmp_path):
    first, second, executor = cheap(tmp_path), dear(tmp_path), Scripted()
    results = tmp_path / "results"
    told = message(second, executor)
    assert told == (
        f"{second}: field tuning.warm_start: {results / 'store'} has no search of erm on toy yet; "
        f"first run: suite run {first} --stage train --results {results}"
    )
    assert executor.done == []
    assert "first run: suite run" in refused("run", second, "--executor", "serial", "--results", results)
    run_toy(first, train_only=True)
    assert run_toy(second).failed == {}


def test_a_search_that_is_done_needs_no_cheaper_one_any_more(tmp_path):
    run_toy(cheap(tmp_path))
    path = dear(tmp_path)
    run_toy(path)
    store = tmp_path / "results" / "store"
    (store / f"{tune_hashes(tmp_path / 'cheap.yaml')['erm']}.json").unlink()
    executor = Scripted()
    run_toy(dear(tmp_path, seeds=2), executor)
    assert kinds(executor.done) == {"fit": 1, "sweep": 2}


# ------------------------------------------------------------------------------------------------------- hashes


def test_the_hash_chains_the_cheaper_search(tmp_path):
    cheap(tmp_path)
    warm = tune_hashes(dear(tmp_path))
    assert warm != tune_hashes(dear(tmp_path, tuning=TUNING))
    assert warm == tune_hashes(dear(tmp_path))
    cheap(tmp_path, tuning={**TUNING, "trials": 4})
    assert warm != tune_hashes(dear(tmp_path))


def test_what_the_cheaper_study_is_called_and_sweeps_does_not_matter(tmp_path):
    cheap(tmp_path)
    warm = tune_hashes(dear(tmp_path))
    cheap(tmp_path, "other", seeds=5, conditions=[{"usability": [0.1]}], methods={"plain": {"method": "erm"}})
    assert warm == tune_hashes(dear(tmp_path, "other.yaml"))


def test_methods_that_are_not_tuned_have_no_warm_start(tmp_path):
    cheap(tmp_path)
    methods = {"erm": {}, "fixed": {"method": "erm", "tuning": "none"}}
    warm = tune_hashes(dear(tmp_path, methods=methods))
    cold = tune_hashes(dear(tmp_path, methods=methods, tuning=TUNING))
    assert warm["erm"] != cold["erm"]
    assert warm["fixed"] == cold["fixed"]


def test_stages_see_the_cheaper_search(tmp_path):
    cheap(tmp_path)
    before = stage_hashes(context_of(dear(tmp_path)))
    cheap(tmp_path, tuning={**TUNING, "trials": 4})
    after = stage_hashes(context_of(dear(tmp_path)))
    assert before["train"] != after["train"]
    assert before["sweep"] == after["sweep"]


def test_warm_starts_may_be_chained(tmp_path):
    cheap(tmp_path)
    middle = {"scale": "quick", "tuning": {**TUNING, "warm_start": "cheap.yaml"}}
    cheap(tmp_path, "middle", **middle)
    last = {"warm": "middle.yaml", "scale": "reference"}
    before = tune_hashes(dear(tmp_path, **last))
    cheap(tmp_path, tuning={**TUNING, "trials": 4})
    assert tune_hashes(dear(tmp_path, **last)) != before


# ------------------------------------------------------------------------------------------------ who warms whom


@pytest.mark.parametrize("scale", ["ci", "quick"])
def test_a_warm_start_is_from_a_cheaper_scale(tmp_path, scale):
    other = cheap(tmp_path, scale="quick")
    told = message(dear(tmp_path, scale=scale))
    assert f"toy.yaml: field tuning.warm_start: {other} is of scale quick, which is not cheaper than {scale};" in told


@pytest.mark.parametrize("warm", ["quikc", "nowhere.yaml"])
def test_a_warm_start_from_no_study_is_refused(tmp_path, warm):
    told = message(dear(tmp_path, warm))
    assert "toy.yaml: field tuning.warm_start: " in told
    assert "did you mean 'quick'?" in told or "nowhere.yaml: no such study file" in told


def test_a_study_cannot_warm_itself(tmp_path):
    assert "not cheaper than quick" in message(dear(tmp_path, "toy.yaml"))


def test_a_built_in_study_goes_by_its_name(tmp_path):
    study = load_study(toy_study(tmp_path, scale="quick", tuning={"warm_start": "ci"}))
    assert warming(study).name == "ci"
    assert warming(load_study(toy_study(tmp_path))) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"methods": ["bayesmulti"]},
        {"methods": {"erm": {"tuning": "none"}}},
        {"methods": {"erm": {"params": {"weight_decay": 0.0}}}},
        {"methods": {"erm": {"objective": "clean_train"}}},
        {"workloads": ["mnist_mlp"]},
    ],
)
def test_a_search_without_counterpart_is_refused(tmp_path, changes):
    other = cheap(tmp_path, **changes)
    told = message(dear(tmp_path))
    assert f"field tuning.warm_start: {other} does not tune erm on toy; add the workload and the method there" in told


def test_the_counterpart_trains_alike_whatever_it_is_called_and_however_it_is_searched():
    def found(wanted, **entries):
        other = load_study("ci").model_copy(update={"methods": {k: MethodEntry(**v) for k, v in entries.items()}})
        contestant = Contestant("mnist_mlp", "mine", MethodEntry(**wanted))
        return getattr(counterpart(contestant, load_study("ci"), other), "label", None)

    weight = {"method": "bayesmulti", "options": {"target": "weight"}}
    assert found(weight, a={"method": "bayesmulti"}, b=weight) == "b"
    assert found({**weight, "tuning": "random"}, a={**weight, "tuning": "none"}, b=weight) == "b"
    assert found({**weight, "tuning": "random"}, a=weight, b={**weight, "tuning": "random"}) == "b"
    assert found(weight, a={"method": "erm"}) is None


def test_the_path_of_a_warm_start_is_read_from_where_the_study_lies(tmp_path, monkeypatch):
    cheap(tmp_path)
    path = dear(tmp_path)
    monkeypatch.chdir(Path(__file__).parent)
    assert warming(load_study(path)).name == "cheap"
