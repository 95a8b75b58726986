"""Batch norm after noisy training: both kinds of running statistics, which of them is taken, and who says so."""

import csv
import json
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from suite.cli.reports import plan_lines, publish_tables, status_lines
from suite.contract import Method, no_noise, seeded
from suite.contract.registry import registry
from suite.contract.seeds import numpy_generator
from suite.plan.identity.hashes import STATISTICS_CODE
from suite.plan.plan import make_plan
from suite.plan.units import FitUnit, TrialUnit
from suite.results import store
from suite.run import worth
from suite.run.run import prepare
from suite.run.running_statistics import estimated
from suite.run.work import execute
from suite.training.loop import train
from tests.cubes import files
from tests.toys import WORKLOAD, Scripted, context_of, cube_files, kinds, plugin, run_toy, toy_study
from tests.unit.training.test_training import RECIPE, SPLITS, state
from tests.unit.training.test_training import WORKLOAD as PLAIN

bayesmulti, erm = registry().method("bayesmulti"), registry().method("erm")
KEYS = {"name": "half_spaces", "entropy": 1, "seed": 3}


def normed(generator, scale=None, settings=None):
    """Noise acts before the second batch normalisation."""
    with seeded(generator):
        layers = OrderedDict(fc1=nn.Linear(6, 20), norm1=nn.BatchNorm1d(20), relu1=nn.ReLU())
        layers.update(fc2=nn.Linear(20, 8), norm2=nn.BatchNorm1d(8), drop=nn.Dropout(0.5), fc3=nn.Linear(8, 2))
        return nn.Sequential(layers)


NORMED = replace(PLAIN, network=normed)


def trained(method=bayesmulti, **rest):
    return train(NORMED, method, SPLITS, RECIPE, **KEYS, params={"rate_1": 0.5}, options={}, **rest)


# --------------------------------------------------------------------------------------------- what is estimated


def clean_by_hand(network):
    """The mean over batches of the means and (unbiased) variances of what each normalisation is given."""
    seen = {"norm1": [], "norm2": []}
    inputs = SPLITS.train.tensors[0]
    order = numpy_generator(KEYS["entropy"], "running-statistics", KEYS["name"], KEYS["seed"]).permutation(len(inputs))
    with torch.no_grad():
        for index in np.array_split(order, -(-len(inputs) // RECIPE.batch)):
            maps = inputs[torch.from_numpy(index)]
            for name in ("norm1", "norm2"):
                maps = network.get_submodule(f"fc{name[-1]}")(maps)
                mean, variance = maps.mean(0), maps.var(0, unbiased=False)
                seen[name].append((mean, maps.var(0, unbiased=True)))
                norm = network.get_submodule(name)
                maps = (maps - mean) / (variance + norm.eps).sqrt() * norm.weight + norm.bias
                maps = maps.relu() if name == "norm1" else maps
    found = {}
    for name, batches in seen.items():
        means, variances = (torch.stack(part).mean(0) for part in zip(*batches, strict=True))
        found |= {f"{name}.running_mean": means, f"{name}.running_var": variances}
    return found


def test_clean_statistics_are_those_of_one_pass_over_the_training_set():
    network = trained()
    found, expected = estimated(NORMED, network, SPLITS, RECIPE, **KEYS), clean_by_hand(network)
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)
    apart = {name: (found[name] - network.state_dict()[name]).abs().max() for name in found}
    assert apart["norm2.running_var"] > 0.1


def test_they_read_no_augmentation_and_leave_the_network_as_it_is():
    network = trained()
    before = state(network)
    found = estimated(NORMED, network, replace(SPLITS, augment=lambda inputs, generator: inputs + 9), RECIPE, **KEYS)
    torch.manual_seed(99)
    again = estimated(NORMED, network.train(), SPLITS, RECIPE, **KEYS)
    assert all(found[name].equal(again[name]) for name in found)
    assert state(network) == before
    assert not any(module.training for module in network.modules())
    other = estimated(NORMED, network, SPLITS, RECIPE, **{**KEYS, "seed": 4})
    assert not any(found[name].equal(other[name]) for name in found)


def test_outputs_of_a_workloads_own_and_random_forwards_are_keyed():
    def shaken(network, batch, generator):
        return list(network(batch[0] + torch.rand(1, generator=generator) + torch.rand(1)))

    network, workload = trained(), replace(NORMED, outputs=shaken)
    found = estimated(workload, network, SPLITS, RECIPE, **KEYS)
    torch.manual_seed(7)
    again = estimated(workload, network, SPLITS, RECIPE, **KEYS)
    assert all(found[name].equal(again[name]) for name in found)
    assert not found["norm1.running_mean"].equal(
        estimated(NORMED, network, SPLITS, RECIPE, **KEYS)["norm1.running_mean"]
    )


def test_a_network_without_running_statistics_has_nothing_to_estimate():
    class Poison:
        def __len__(self):
            raise AssertionError("training data were read")

    assert estimated(PLAIN, PLAIN.network(torch.Generator()), replace(SPLITS, train=Poison()), RECIPE, **KEYS) == {}


def test_a_method_disturbs_unless_it_does_nothing_to_a_training():
    assert {name: registry().method(name).disturbs for name in ("erm", "external", "bayesmulti", "dropout")} == {
        "erm": False,
        "external": False,
        "bayesmulti": True,
        "dropout": True,
    }
    assert Method("", "", on_step=lambda network, arrays, *rest: None).disturbs
    assert Method("", "", fit=lambda loop, network: loop()).disturbs
    assert not Method("", "", attach=no_noise).disturbs


# ------------------------------------------------------------------------------------------------ a toy's course

NET = "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))"
BATCH_NORM = (
    NET,
    "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))",
)
NO_STATISTICS = (BATCH_NORM[0], BATCH_NORM[1].replace("d(8)", "d(8, track_running_stats=False)"))
SEARCH = {"trials": 3, "random_trials": 1, "realisations": 2}


def toy(folder, *edits, **changes):
    path = toy_study(folder, **{"methods": {"bayesmulti": {}}, "tuning": SEARCH, "seeds": 2, **changes})
    plugin(folder / "own", "workload", "toy", WORKLOAD, *(edits or (BATCH_NORM,)))
    return path


def records(path):
    """The records of trials by number, and those of searches by label."""
    found = [json.loads(value) for name, value in files(path.parent / "results" / "store").items() if ".json" in name]
    trials = {record["number"]: record for record in found if "number" in record}
    context = context_of(path)
    searches = make_plan(context, None).searches(context.store)
    return trials, {contestant.label: record for contestant, record in searches}


def states(path):
    """{(method, seed): (state, metadata)}."""
    context = context_of(path)
    fits = make_plan(context, None).workloads["toy"].fits(context.study)
    return {
        (fit.contestant.label, fit.seed): (store.load(context.store, fit.hash), store.metadata(context.store, fit.hash))
        for fit in fits
    }


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Five methods that each come to their running statistics in their own way."""
    methods = {
        "erm": {},
        "bayesmulti": {},
        "theirs": {"method": "bayesmulti", "statistics": "trained"},
        "anew": {"method": "bayesmulti", "statistics": "clean"},
        "fixed": {"method": "bayesmulti", "tuning": "none"},
        "fixed/anew": {"method": "bayesmulti", "tuning": "none", "statistics": "clean"},
    }
    path = toy(tmp_path_factory.mktemp("searched"), methods=methods)
    executor = Scripted()
    assert run_toy(path, executor).failed == {}
    return path, executor.done


def test_a_trial_is_worth_what_it_is_with_the_better_kind(searched):
    path, done = searched
    seen = set()
    for task in done:
        if not isinstance(task, TrialUnit):
            continue
        record = json.loads((path.parent / "results" / "store" / f"{task.hash}.json").read_text())
        if task.contestant.label == "erm":
            assert set(record) == {"params", "number", "value", "by_sigma_log"}
            continue
        told, fixed = record["by_statistics"], task.contestant.entry.statistics
        assert set(told) == ({fixed} if fixed else {"trained", "clean"})
        assert record["value"] == told[record["statistics"]] == max(told.values())
        seen.add(record["statistics"])
    assert seen == {"trained", "clean"}


def test_a_contestant_takes_the_kind_of_the_trial_that_was_chosen(searched):
    path, _ = searched
    _, chosen = records(path)
    assert "statistics" not in chosen["erm"]
    assert (chosen["theirs"]["statistics"], chosen["anew"]["statistics"]) == ("trained", "clean")
    for label in ("bayesmulti", "fixed"):
        rows = [row for row in chosen[label]["trials"] if row["objective"] == chosen[label]["objective"]]
        assert rows[0]["statistics"] == chosen[label]["statistics"]
    metadata = {place: told.get("statistics") for place, (_, told) in states(path).items()}
    kind = {label: record.get("statistics") for label, record in chosen.items()} | {"fixed/anew": "clean"}
    assert metadata == {(label, seed): kind[label] for label in kind for seed in (0, 1)}


def test_where_nothing_is_searched_one_trial_of_the_tuning_seed_tells(searched):
    path, done = searched
    trials = [task for task in done if isinstance(task, TrialUnit)]
    assert {label: sum(task.contestant.label == label for task in trials) for label in ("fixed", "fixed/anew")} == {
        "fixed": 1,
        "fixed/anew": 0,
    }
    _, chosen = records(path)
    assert chosen["fixed"]["params"] == {"learning_rate_factor": 1.0, "rate_1": 0.5, "weight_decay": 1e-4}
    fits = {(task.contestant.label, tuple(task.params.items())) for task in done if isinstance(task, FitUnit)}
    assert ("fixed", tuple(chosen["fixed"]["params"].items())) in {(label, tuple(sorted(p))) for label, p in fits}


def both_kinds(folder):
    """States of one training with either kind fixed."""
    entry = {"method": "bayesmulti", "tuning": "none"}
    methods = {kind: {**entry, "statistics": kind} for kind in ("trained", "clean")}
    path = toy(folder, methods=methods, seeds=1)
    run_toy(path)
    found = states(path)
    return path, found["trained", 0][0], found["clean", 0][0]


def test_the_kinds_differ_in_running_statistics_and_in_nothing_else(tmp_path):
    path, as_trained, clean = both_kinds(tmp_path)
    assert {name for name in clean if not clean[name].equal(as_trained[name])} == {"3.running_mean", "3.running_var"}
    context = context_of(path)
    workload, recipe, splits = context.workload("toy"), context.workload("toy").recipe("ci"), context.splits("toy", 0)
    keys = {"name": "toy", "entropy": context.study.entropy, "seed": 0}
    params = {"learning_rate_factor": 1.0, "weight_decay": 1e-4, "rate_1": 0.5}
    network = train(workload, bayesmulti, splits, recipe, **keys, params=params, options={})
    assert state(network) == {name: tensor.numpy().tobytes() for name, tensor in as_trained.items()}
    network.load_state_dict(estimated(workload, network, splits, recipe, **keys), strict=False)
    assert state(network) == {name: tensor.numpy().tobytes() for name, tensor in clean.items()}


@pytest.mark.parametrize("better", ["trained", "clean", "neither"])
def test_the_objective_picks_the_better_and_of_equals_what_training_left(tmp_path, monkeypatch, better):
    context = context_of(toy(tmp_path))
    (_, trial, _) = first_tasks(context)
    seen = []

    def scored(context, contestant, network):
        seen.append(network[3].running_var.clone())
        kind = "trained" if len(seen) == 1 else "clean"
        return {"value": 0.9 if kind == better else 0.8, "by_sigma_log": {"0": len(seen)}}

    monkeypatch.setattr(worth, "_objective", scored)
    values = execute(context, trial).values
    assert len(seen) == 2 and not seen[0].equal(seen[1])
    assert values["statistics"] == ("clean" if better == "clean" else "trained")
    assert values["by_sigma_log"] == {"0": 2 if better == "clean" else 1}
    assert values["by_statistics"] == {kind: 0.9 if kind == better else 0.8 for kind in ("trained", "clean")}


def first_tasks(context):
    plan, _ = prepare(context)
    fit = next(plan.workloads["toy"].fits(context.study))
    params = {"learning_rate_factor": 1.0, "weight_decay": 1e-4, "rate_1": 0.5}
    return plan, TrialUnit(fit.contestant, 0, params, fit.tune_hash), replace(fit, params=params)


@pytest.mark.parametrize("edit", [NO_STATISTICS, (NET, NET)])
@pytest.mark.parametrize("fixed", [None, "clean"])
def test_networks_without_running_statistics_have_no_kind(tmp_path, edit, fixed):
    path = toy(tmp_path, edit, methods={"bayesmulti": {"tuning": "none", "statistics": fixed}}, seeds=1)
    executor = Scripted()
    run_toy(path, executor)
    assert kinds(executor.done) == {"fit": 1, "sweep": 2}
    assert records(path) == ({}, {})
    assert "statistics" not in states(path)["bayesmulti", 0][1]


def test_states_from_elsewhere_stay_as_given_unless_the_study_says_otherwise(tmp_path):
    _, as_trained, clean = both_kinds(tmp_path / "first")
    given = tmp_path / "given-0.pt"
    torch.save(as_trained, given)
    entry = {"method": "external", "state": str(tmp_path / "given-{seed}.pt")}
    path = toy(tmp_path / "second", methods={"given": entry, "anew": {**entry, "statistics": "clean"}}, seeds=1)
    assert run_toy(path).failed == {}
    found = states(path)
    for label, expected in (("given", as_trained), ("anew", clean)):
        assert all(found[label, 0][0][name].equal(expected[name]) for name in expected)
    assert [line for line in status_lines(context_of(path)) if "batch norm" in line] == [
        "toy: statistics of batch norm: anew clean"
    ]


# ------------------------------------------------------------------------------------------ kills, bars, warmth


@pytest.mark.parametrize("tuning", ["gp", "none"])
@pytest.mark.parametrize("survived", [0, 1, 2, 4])
def test_a_killed_and_resumed_search_comes_to_the_same(tmp_path, tuning, survived):
    paths = [toy(tmp_path / name, methods={"bayesmulti": {"tuning": tuning}}) for name in ("whole", "killed")]
    run_toy(paths[0])
    with pytest.raises(KeyboardInterrupt):
        run_toy(paths[1], Scripted(slots=2, seed=1, stop_after=survived))
    run_toy(paths[1], Scripted(slots=3, seed=2))
    assert files(paths[0].parent / "results" / "store") == files(paths[1].parent / "results" / "store")
    assert cube_files(paths[0]) == cube_files(paths[1])


def test_a_single_trial_that_cannot_be_trained_names_the_way_round(tmp_path):
    path = toy(tmp_path, methods={"bayesmulti": {"tuning": "none"}}, seeds=1)
    summary = run_toy(path, Scripted(fail=lambda task: "TrainingDiverged" if task.kind == "trial" else None))
    (reason,) = summary.failed.values()
    assert reason.endswith("; or fix `statistics` in the study, which is all that this decides")


def test_candidates_are_judged_half_way_by_their_better_kind(tmp_path, monkeypatch):
    path = toy(tmp_path, tuning={**SEARCH, "stop_at": 0.5}, seeds=1)
    run_toy(path)
    judged, _ = records(path)
    assert all("at_rung" in record for record in judged.values())
    whole = [record for record in judged.values() if "ended_after" not in record]
    assert whole and all(record["value"] == max(record["by_statistics"].values()) for record in whole)

    plain = toy(tmp_path / "plain", seeds=1)
    run_toy(plain)
    for number, record in records(plain)[0].items():
        if number < 2:  # Nobody is ended in the first batch.
            assert record == {key: value for key, value in judged[number].items() if key != "at_rung"}

    half = toy(
        tmp_path / "half", (BATCH_NORM), ("epochs=20", "epochs=10"), ("batch=30", 'batch=30, schedule="constant"')
    )
    full = toy(
        tmp_path / "full",
        (BATCH_NORM),
        ("batch=30", 'batch=30, schedule="constant"'),
        tuning={**SEARCH, "stop_at": 0.5},
    )
    run_toy(half)
    run_toy(full)
    # What a candidate is worth at the rung is what a training of so many epochs is worth.
    assert records(full)[0][0]["at_rung"] == records(half)[0][0]["value"]


def test_the_authors_objective_decides_on_clean_training_scores(tmp_path):
    path = toy(tmp_path, methods={"bayesmulti": {"objective": "clean_train"}}, seeds=1)
    run_toy(path)
    for record in records(path)[0].values():
        assert set(record["by_sigma_log"]) == {"0"}
        assert record["value"] == max(record["by_statistics"].values())


def test_a_warm_start_takes_values_over_and_decides_the_kind_anew(tmp_path):
    cheap = toy(tmp_path, name="cheap", seeds=1).rename(tmp_path / "cheap.yaml")
    run_toy(cheap)
    path = toy(tmp_path, scale="quick", seeds=1, tuning={**SEARCH, "warm_start": "cheap.yaml"})
    executor = Scripted()
    run_toy(path, executor)
    first = json.loads((tmp_path / "results" / "store" / f"{executor.done[0].hash}.json").read_text())
    assert set(first["by_statistics"]) == {"trained", "clean"}


# --------------------------------------------------------------------------------------------------- who says so


def test_receipts_tables_and_status_name_the_kind(tmp_path, searched):
    path, _ = searched
    context, (_, chosen) = context_of(path), records(path)
    kind = {label: record["statistics"] for label, record in chosen.items() if label != "erm"}
    receipt = json.loads((context.folder / "receipts" / "run.json").read_text())["tuning"]
    assert {label: told.get("statistics") for label, told in receipt.items()} == {
        **{f"toy/{label}": told for label, told in kind.items()},
        "toy/erm": None,
    }
    kind["fixed/anew"] = "clean"
    said = "toy: statistics of batch norm: " + ", ".join(f"{label} {kind[label]}" for label in sorted(kind))
    assert said in list(status_lines(context))

    publish_tables(context, tmp_path)
    assert json.loads((tmp_path / "receipt.json").read_text())["statistics"] == {"toy": kind}
    with (tmp_path / "chosen.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["contestant"], row["statistics"]) for row in rows} == {
        *((label, told) for label, told in kind.items() if label != "fixed/anew"),
        ("erm", ""),
    }
    with (tmp_path / "tuning.csv").open(newline="") as file:
        told = {row["statistics"] for row in csv.DictReader(file) if row["contestant"] == "bayesmulti"}
    assert told <= {"trained", "clean"} and told


def test_tables_of_networks_without_batch_norm_are_as_before(tmp_path):
    path = toy(tmp_path, (NET, NET), seeds=1)
    run_toy(path)
    publish_tables(context_of(path), tmp_path / "tables")
    for name in ("chosen.csv", "tuning.csv"):
        assert "statistics" not in (tmp_path / "tables" / name).read_text()
    assert not (context_of(path).folder / "receipts" / "statistics").exists()


def test_a_plan_counts_the_trial_that_tells_and_what_both_kinds_take(tmp_path):
    methods = {"erm": {"tuning": "none"}, "bayesmulti": {"tuning": "none"}}
    lines = list(plan_lines(context_of(toy(tmp_path, methods=methods))))
    counted = {line.split()[0]: line.split()[1] for line in lines if "trials" in line}
    assert counted == {"erm": "0", "bayesmulti": "1"}


# -------------------------------------------------------------------------------------------------------- hashes


def tune_hashes(folder, **tuning):
    methods = {
        "erm": {"tuning": "none"},
        "open": {"method": "bayesmulti", "tuning": "none"},
        "searched": {"method": "bayesmulti"},
        "trained": {"method": "bayesmulti", "tuning": "none", "statistics": "trained"},
        "clean": {"method": "bayesmulti", "tuning": "none", "statistics": "clean"},
    }
    context = context_of(toy(folder, methods=methods, tuning={**SEARCH, **tuning}))
    fits = make_plan(context, None).workloads["toy"].fits(context.study)
    return {fit.contestant.label: fit.tune_hash for fit in fits}


@pytest.mark.parametrize(
    ("tuning", "changed"),
    [({}, set()), ({"trials": 4}, {"searched"}), ({"realisations": 3}, {"searched", "open"})],
)
def test_who_is_decided_by_a_score_is_hashed_with_it(tmp_path, tuning, changed):
    before, after = tune_hashes(tmp_path / "a"), tune_hashes(tmp_path / "b", **tuning)
    assert {label for label in before if before[label] != after[label]} == changed
    assert len(set(before.values())) == 5


def test_the_code_of_the_estimate_counts_for_those_who_may_take_it(tmp_path, monkeypatch):
    before = tune_hashes(tmp_path / "a")
    monkeypatch.setattr("suite.plan.identity.hashes.STATISTICS_CODE", STATISTICS_CODE[:1])
    after = tune_hashes(tmp_path / "b")
    assert {label for label in before if before[label] != after[label]} == {"open", "searched", "clean"}
