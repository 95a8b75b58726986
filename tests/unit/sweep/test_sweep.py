"""Sweeps: names of scores, ideal conditions, non-finite outputs, lists, labels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Dataset, TensorDataset

from suite.contract import Condition, accuracy
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import count_nonfinite
from suite.sweep.sweep import NonFiniteOutput, UnknownLabel, sweep
from tests.networks import Attractor, built, images
from tests.reference import NAME, classifier, conditions, every_output, key, perturbed

TARGETS = torch.arange(30) % 10
TESTS = {"test": TensorDataset(images(30), TARGETS)}


def swept(network, *, tests=TESTS, where=None, realisations=(0, 1), block=8, crossbars=None, name=NAME, **changes):
    return sweep(
        classifier(network, **changes),
        network,
        tests,
        conditions(0.0, 0.5) if where is None else where,
        realisations,
        replace(key(block, **(crossbars or {})), workload=name),
    )


def test_scores_have_one_row_per_condition_and_one_column_per_realisation():
    found = swept(built("mlp"), realisations=(3, 1, 2))
    assert found.scores["accuracy"].shape == found.nonfinite.shape == (2, 3)
    assert found.scores["accuracy"].dtype == np.float64
    assert found.nonfinite.dtype == np.int32


def test_other_test_sets_are_named():
    tests = {**TESTS, "unseen": TensorDataset(images(7, seed=9), TARGETS[:7])}
    found = swept(built("mlp"), tests=tests).scores
    assert set(found) == {"accuracy", "accuracy@unseen"}
    assert np.array_equal(found["accuracy"], swept(built("mlp")).scores["accuracy"])


def test_ideal_conditions_are_evaluated_once_with_the_clean_weights():
    calls = []

    def scores(outputs, targets):
        calls.append(outputs)
        return {"accuracy": accuracy(outputs, targets)}

    network = built("mlp")
    found = swept(network, where=conditions(0.0, 0.0), realisations=range(5), scores=scores)
    assert len(calls) == 1
    assert (found.scores["accuracy"] == accuracy(network(images(30)), TARGETS)).all()


def test_realisations_of_a_condition_differ_and_conditions_share_their_draws():
    found = swept(built("mlp"), where=conditions(0.5, 0.5), scores=every_output).scores
    values = np.stack([found[str(i)] for i in range(20)])
    assert np.array_equal(values[:, 0], values[:, 1])
    assert not np.array_equal(values[:, 0, 0], values[:, 0, 1])


@pytest.mark.parametrize("other", ["name", "seed"])
def test_draws_are_keyed_by_workload_and_seed(other):
    one = swept(built("mlp"), scores=every_output).scores["0"]
    two = swept(built("mlp"), scores=every_output, **({"name": "another"} if other == "name" else {})).scores["0"]
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1]) == (other == "seed")


class Lazy(Dataset):
    """Samples made when asked for, as image folders do."""

    def __len__(self):
        return 30

    def __getitem__(self, index):
        return images(30)[index], int(TARGETS[index])


def test_any_map_style_dataset_will_do():
    lazy, stacked = (swept(built("lenet"), tests=tests).scores for tests in ({"test": Lazy()}, TESTS))
    assert np.array_equal(lazy["accuracy"], stacked["accuracy"])


def test_a_clean_output_that_is_not_finite_fails_and_names_the_state():
    network = built("mlp")
    with torch.no_grad():
        network[4].bias[0] = torch.nan
    with pytest.raises(NonFiniteOutput, match="'reference', seed 3: 30 of 30 clean outputs on test set 'test'"):
        swept(network)


def test_outputs_that_noise_makes_infinite_are_counted_and_wrong():
    network = built("mlp")
    with torch.no_grad():
        network[4].weight.fill_(3e38).abs_()
        network[1].weight.fill_(1e-6)
        network[1].bias.fill_(1e-6)
    tests = {**TESTS, "unseen": TensorDataset(images(7, seed=9), torch.zeros(7, dtype=torch.long))}
    found = swept(network, tests=tests, where=conditions(0.0, 40.0))
    assert (found.nonfinite[0] == 0).all()
    assert (found.nonfinite[1] == 37).all()
    assert (found.scores["accuracy"][1] == 0).all()


def test_a_condition_on_an_unknown_device_or_crossbar_says_what_there_is():
    for where in (Condition(0.5, 0.69, device="flash"), Condition(0.5, 0.69, crossbar="tiles")):
        kind, known = ("device", "lognormal") if where.device == "flash" else ("crossbar", "weights")
        with pytest.raises(UnknownLabel, match=rf"{kind} '(flash|tiles)'; known: {known}"):
            swept(built("mlp"), where=[where])


def test_each_condition_is_programmed_as_its_crossbar_says():
    where = [Condition.of(sigma_log=0.5, crossbar=label) for label in ("weights", "all")]
    crossbars = {"weights": Crossbar(), "all": Crossbar("all_parameters")}
    network = built("mlp")
    found = swept(network, where=where, crossbars=crossbars, realisations=(2,), scores=every_output).scores
    for row, names in enumerate((["1.weight", "4.weight"], dict(network.named_parameters()))):
        expected = perturbed(network, names, 0.5, 2)(images(30)).flatten()
        values = torch.tensor([found[str(i)][row, 0] for i in range(300)])
        torch.testing.assert_close(values.float(), expected, rtol=1e-5, atol=1e-5)


def boxes(network, batch, generator):
    """Lists of different lengths, as detectors give them."""
    outputs = network(batch["images"]) + torch.rand(1, generator=generator)
    return [{"boxes": row[: 1 + index % 3]} for index, row in enumerate(outputs)]


def collate(samples):
    return {"images": torch.stack([sample[0] for sample in samples]), "truth": [int(sample[1]) for sample in samples]}


def total(outputs, targets):
    return {"total": sum(float(found["boxes"].sum()) for found in outputs), "samples": len(outputs) + len(targets)}


LISTS = {"collate": collate, "outputs": boxes, "targets": lambda batch: batch["truth"], "scores": total}


def test_list_outputs_are_scored_over_the_whole_set():
    found = swept(built("mlp"), **LISTS)
    assert (found.scores["samples"] == 60).all()
    assert len(set(found.scores["total"].ravel())) == 3  # one clean value, two realisations


def test_list_outputs_that_are_not_finite_are_counted():
    def broken(network, batch, generator):
        found = boxes(network, batch, generator)
        noisy = not torch.equal(network[1].weight, own)
        return [{"boxes": f["boxes"] * float("inf" if noisy and i == 0 else 1)} for i, f in enumerate(found)]

    network = built("mlp")
    own = network[1].weight.detach().clone()
    found = swept(network, block=10, **{**LISTS, "outputs": broken})
    assert found.nonfinite.tolist() == [[0, 0], [3, 3]]


def test_an_attractor_network_has_a_buffer_on_its_crossbar():
    network = Attractor()
    found = swept(network, arrays=lambda net: {"couplings": net.couplings}, scores=every_output, realisations=(0,))
    values = torch.tensor([found.scores[str(i)][1, 0] for i in range(300)]).float()
    torch.testing.assert_close(values, perturbed(network, ["couplings"], 0.5, 0)(images(30)).flatten())


def test_dropout_is_off_and_global_random_state_untouched():
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 10)).train()
    state = torch.random.get_rng_state()
    twice = [swept(network, scores=every_output).scores["5"] for _ in range(2)]
    assert np.array_equal(*twice)
    assert torch.equal(torch.random.get_rng_state(), state)


HUGE = torch.finfo(torch.float32).max


@pytest.mark.parametrize(
    ("outputs", "bad", "right"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], 0, 1.0),
        ([[HUGE, 0.0], [0.0, HUGE]], 0, 1.0),  # their sum is infinite
        ([[1.0, 0.0], [float("nan"), 1.0]], 1, 0.5),
        ([[float("inf"), 0.0], [float("-inf"), 1.0]], 2, 0.0),  # their sum is NaN
        ([[1.0, float("-inf")], [0.0, 1.0]], 1, 0.5),
    ],
)
def test_rows_that_are_not_finite_are_counted_and_never_right(outputs, bad, right):
    assert count_nonfinite(torch.tensor(outputs)) == bad
    assert accuracy(torch.tensor(outputs), torch.tensor([0, 1])) == right
