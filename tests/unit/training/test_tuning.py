"""The search: a pure function of what it was told, within its bounds, blind to test data."""

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from suite.contract import Range, Recipe, Score, Splits, Workload, accuracy, default_arrays
from suite.contract.registry import registry
from suite.contract.seeds import TUNING_SEED
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.training.loop import COMMON_SPACE
from suite.training.search import Search, TuningFailed, UnknownParameter, objective, search_space

SPACE = {"rate": Range(0.0, 0.9, probe=0.5), "decay": Range(1e-6, 1e-2, probe=1e-4, log=True)}


def search(space=SPACE, **changes):
    options = {"entropy": 1, "name": "toy/erm", "trials": 7, "random_trials": 2, "batch": 2, "mode": "gp", **changes}
    return Search(space, **options)


def value(params):
    return -((params["rate"] - 0.2) ** 2)


def searched(found, worth=value):
    """All batches of a search."""
    batches = []
    while batch := found.ask():
        batches.append(batch)
        found.tell([worth(trial.params) for trial in batch])
    return batches


def test_the_probe_comes_first_then_random_then_guided_in_batches():
    batches = searched(search())
    assert [[trial.number for trial in batch] for batch in batches] == [[0, 1, 2], [3, 4], [5, 6]]
    assert batches[0][0].params == {"rate": 0.5, "decay": 1e-4}


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({"trials": 1}, [1]),
        ({"trials": 2, "random_trials": 5}, [2]),
        ({"random_trials": 0, "trials": 3}, [1, 2]),
        ({"batch": 9}, [3, 4]),
        ({"mode": "random"}, [7]),
        ({"warm": {"rate": 0.2, "decay": 1e-3}}, [4, 2, 1]),
        ({"warm": {"rate": 0.2, "decay": 1e-3}, "trials": 1}, [1]),
        ({"warm": {"rate": 0.5, "decay": 1e-4}}, [3, 2, 2]),
    ],
)
def test_the_budget_is_spent_and_no_more(options, sizes):
    assert [len(batch) for batch in searched(search(**options))] == sizes


def test_equal_answers_get_equal_questions_and_others_do_not():
    assert searched(search()) == searched(search())
    other = searched(search(), lambda params: params["rate"])
    assert other[0] == searched(search())[0]
    assert other[1] != searched(search())[1]


@pytest.mark.parametrize("change", [{"entropy": 2}, {"name": "toy/other"}])
def test_each_search_draws_its_own_numbers(change):
    assert searched(search(**change))[0][1:] != searched(search())[0][1:]


def test_no_two_trials_are_the_same():
    trials = [tuple(trial.params.values()) for batch in searched(search(batch=4)) for trial in batch]
    assert len(set(trials)) == len(trials)


def test_random_search_does_not_look_at_the_answers():
    assert searched(search(mode="random")) == searched(search(mode="random"), lambda params: 0.0)


def test_the_guided_search_beats_its_random_start():
    found = search(trials=8)
    batches = searched(found)
    best_at_random = max(value(trial.params) for trial in batches[0])
    assert found.chosen().objective > best_at_random
    assert found.chosen().params["rate"] == pytest.approx(0.2, abs=0.1)


def test_the_best_is_chosen_and_every_trial_reported():
    found = search()
    trials = [trial for batch in searched(found) for trial in batch]
    chosen = found.chosen()
    assert chosen.params == max(trials, key=lambda trial: value(trial.params)).params
    assert [row["number"] for row in chosen.trials] == list(range(7))
    assert [row["objective"] for row in chosen.trials] == [value(trial.params) for trial in trials]
    assert chosen.to_json()["params"] == chosen.params


def test_the_earliest_of_equals_is_chosen():
    found = search(mode="random")
    searched(found, lambda params: 1.0)
    assert found.chosen().params == {"rate": 0.5, "decay": 1e-4}


def test_a_warm_search_begins_with_what_is_known_then_the_probe_then_at_random():
    known = {"rate": 0.2, "decay": 1e-3}
    first = searched(search(warm=known))[0]
    assert [trial.params for trial in first[:2]] == [known, {"rate": 0.5, "decay": 1e-4}]
    assert len({tuple(trial.params.values()) for trial in first}) == 4
    # Where the best of the cheaper scale is the probe, it is trained once and the search is the cold one.
    assert searched(search(warm={"rate": 0.5, "decay": 1e-4})) == searched(search())


def test_a_trial_that_was_ended_early_is_told_and_never_chosen():
    found = search()
    found.ask()
    found.tell([0.1, 0.9, 0.3], ended=[1])
    rows = found.chosen().trials
    assert found.chosen().objective == 0.3
    assert [row.get("ended_early", False) for row in rows] == [False, True, False]
    assert [row["objective"] for row in rows] == [0.1, 0.9, 0.3]


def test_what_an_early_end_is_told_with_guides_the_search():
    def third_batch(told, ended):
        found = search()
        found.ask()
        found.tell(told, ended)
        return found.ask()

    assert third_batch([0.1, 0.2, 0.3], [0]) == third_batch([0.1, 0.2, 0.3], [])
    assert third_batch([0.1, 0.2, 0.3], [0]) != third_batch([None, 0.2, 0.3], [])


@pytest.mark.parametrize("failing", [{0}, {0, 1, 2}, {1, 4, 6}, {0, 1, 2, 3, 4, 5}])
def test_candidates_that_fail_do_not_stop_the_search(failing):
    found, asked = search(), 0
    while batch := found.ask():
        found.tell([None if trial.number in failing else value(trial.params) for trial in batch])
        asked += len(batch)
    assert asked == 7
    objectives = [row["objective"] for row in found.chosen().trials]
    assert {number for number, objective in enumerate(objectives) if objective is None} == failing


def test_where_all_fail_there_is_nothing_to_choose():
    found = search()
    searched(found, lambda params: None)
    with pytest.raises(TuningFailed, match="toy/erm: all 7 candidates failed; see the events of the run"):
        found.chosen()


@pytest.mark.parametrize(
    ("params", "flagged"),
    [
        ({"rate": 0.45, "decay": 1e-4}, ()),
        ({"rate": 0.8999, "decay": 1e-4}, ("rate",)),
        ({"rate": 0.0, "decay": 1e-6}, ("rate", "decay")),
        ({"rate": 0.5, "decay": 9.99e-3}, ("decay",)),
        ({"rate": 0.5, "decay": 5e-6}, ()),  # far from the bound on the scale that is searched
    ],
)
def test_values_on_a_bound_are_flagged(params, flagged):
    space = {name: Range(dim.low, dim.high, params[name], dim.log) for name, dim in SPACE.items()}
    found = search(space, trials=1)
    searched(found)
    assert found.chosen().on_bound == flagged


def test_an_open_batch_is_told_before_the_next_and_completely():
    found = search()
    found.ask()
    with pytest.raises(RuntimeError, match="told first"):
        found.ask()
    with pytest.raises(ValueError, match="3 trials are open, 1 objectives were told"):
        found.tell([1.0])


# ------------------------------------------------------------------------------------------------- search space


def network():
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))


def space_of(name, options=(), fixed=()):
    found = network()
    return search_space(registry().method(name), found, default_arrays(found), dict(options), dict(fixed))


def test_every_method_searches_learning_rate_and_weight_decay():
    assert space_of("erm") == COMMON_SPACE
    assert set(space_of("bayesmulti")) == {*COMMON_SPACE, "rate_1", "rate_2"}
    fixed = {"rate_1": 0.2, "weight_decay": 0.0}
    assert set(space_of("bayesmulti", {"target": "activation"}, fixed)) == {
        "learning_rate_factor",
        "rate_2",
    }


def test_a_fixed_parameter_must_exist():
    with pytest.raises(UnknownParameter, match=r"ERM has no parameter 'weight_decai', did you mean 'weight_decay'\?"):
        space_of("erm", fixed={"weight_decai": 0.0})


# ---------------------------------------------------------------------------------------------------- objective


class Forbidden:
    """Data that nobody may look at."""

    def __getattribute__(self, name):
        raise AssertionError(f"test data was touched: {name}")

    def __len__(self):
        raise AssertionError("test data was measured")

    def __getitem__(self, index):
        raise AssertionError("test data was read")


def dataset(flipped=0):
    inputs = torch.tensor([[1.0], [2.0], [-1.0], [-2.0]])
    targets = (inputs[:, 0] > 0).long()
    targets[:flipped] = 1 - targets[:flipped]
    return TensorDataset(inputs, targets)


class Sign(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 2, bias=False)
        self.fc.weight.data = torch.tensor([[-1.0], [1.0]])

    def forward(self, x):
        return self.fc(x)


def workload(better, scores):
    return Workload(
        title="Signs",
        data=lambda scale, root, seed, settings: None,
        network=lambda generator, scale, settings: Sign(),
        recipe=lambda scale: Recipe(1, 4, 0.1),
        measures={"accuracy": Score("Accuracy", 0.5, higher_is_better=better)},
        scores=scores,
        floor=("accuracy", 0.8),
    )


def right(outputs, targets):
    return {"accuracy": accuracy(outputs, targets)}


def worth(kind="drift", better=True, splits=None, scores=right, entropy=0):
    key = Key("signs", entropy, TUNING_SEED, {"lognormal": registry().device("lognormal")}, {"weights": Crossbar()}, 4)
    splits = splits or Splits(dataset(1), dataset(2), Forbidden(), "toy:signs")
    measured = workload(better, scores), Sign(), splits
    return objective(*measured, kind=kind, sigma_log=(0.0, 0.5), realisations=2, key=key)


def test_drift_is_the_mean_over_levels_of_the_validation_score():
    # The sign of a weight never changes, so every realisation gives the clean score: half the labels are flipped.
    assert worth() == {"value": 0.5, "by_sigma_log": {"0": 0.5, "0.5": 0.5}}


def test_clean_train_is_the_noise_free_training_score():
    assert worth("clean_train") == {"value": 0.75, "by_sigma_log": {"0": 0.75}}


def test_a_loss_is_turned_round():
    assert worth(better=False)["value"] == -0.5


def test_test_data_never_enters():
    poisoned = Splits(dataset(), dataset(), {"test": Forbidden(), "unseen": Forbidden()}, "toy:signs")
    assert worth(splits=poisoned)["value"] == worth("clean_train", splits=poisoned)["value"] == 1.0


def test_candidates_meet_the_same_crossbars():
    def size(outputs, targets):
        return {"accuracy": float(outputs.abs().mean())}

    def found(**changes):
        return worth(scores=size, **changes)["by_sigma_log"]

    assert found() == found()
    assert found()["0"] == found(entropy=1)["0"]
    assert found()["0.5"] != found(entropy=1)["0.5"]
