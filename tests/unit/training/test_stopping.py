"""Early ends: the bar comes from what was told, and looking at a network in training changes nothing of it."""

from dataclasses import replace

import pytest
import torch

from suite.contract.registry import registry
from suite.training.stopping import BelowBar, Judge, bar_of, rung
from tests.unit.training.test_training import RECIPE, WORKLOAD, points, state, trained

METHODS = [
    (registry().method("erm"), {}, {}),
    (registry().method("bayesmulti"), {"rate_1": 0.5}, {"target": "activation"}),
    (registry().method("bayesmulti"), {"rate_1": 0.5}, {"target": "weight"}),
    (registry().method("lognormal_weight"), {"sigma_max": 0.5}, {}),
]


def plain():
    return WORKLOAD.network(torch.Generator())


def judge(epoch=2, bar=None, worth=lambda network: 0.7):
    return Judge(epoch, bar, worth, plain)


def full(at_rung):
    return {"value": 0.9, "at_rung": at_rung}


@pytest.mark.parametrize(
    ("told", "bar"),
    [
        ([], None),
        ([{"value": None, "error": "diverged"}], None),
        ([full(0.5)], 0.5),
        ([full(0.5), full(0.7), full(0.2)], 0.5),
        ([full(0.5), full(0.7)], 0.6),
        # One that was ended makes the bar no lower, one that failed says nothing.
        ([full(0.5), {"value": 0.1, "at_rung": 0.1, "ended_after": 3}, {"value": None}], 0.5),
    ],
)
def test_the_bar_is_the_median_of_those_that_were_trained_to_the_end(told, bar):
    assert bar_of(told) == pytest.approx(bar)


@pytest.mark.parametrize(("stop_at", "epochs", "epoch"), [(0.5, 20, 10), (0.5, 3, 2), (0.01, 20, 1), (0.99, 4, 4)])
def test_the_rung_is_a_share_of_the_epochs(stop_at, epochs, epoch):
    assert rung(stop_at, epochs) == epoch


@pytest.mark.parametrize(("method", "params", "options"), METHODS)
def test_a_training_that_is_looked_at_gives_the_same_bytes(method, params, options):
    watched = judge(worth=lambda network: network(points().tensors[0]).sum().item())
    seen = state(trained(method=method, params=params, options=options, progress=watched))
    assert seen == state(trained(method=method, params=params, options=options))
    assert set(watched.record) == {"at_rung"}


@pytest.mark.parametrize(("method", "params", "options"), METHODS)
def test_what_is_judged_is_the_network_of_a_training_of_so_many_epochs(method, params, options):
    seen = []
    setting = {"method": method, "params": params, "options": options}
    watched = judge(worth=lambda network: seen.append(network) or 0.0)
    trained(**setting, recipe=replace(RECIPE, schedule="constant"), progress=watched)
    (network,) = seen
    assert state(network) == state(trained(**setting, recipe=replace(RECIPE, schedule="constant", epochs=2)))
    assert [type(module) for module in network.modules()] == [type(module) for module in plain().modules()]


@pytest.mark.parametrize(("bar", "ends"), [(None, False), (0.7, False), (0.70001, True)])
def test_a_candidate_below_the_bar_ends(bar, ends):
    epochs, watched = [], judge(bar=bar)

    def progress(*news):
        epochs.append(news[0])
        watched(*news)

    if ends:
        with pytest.raises(BelowBar):
            trained(progress=progress)
        assert watched.record == {"at_rung": 0.7, "value": 0.7, "ended_after": 2}
        assert epochs == [1, 2]
    else:
        trained(progress=progress)
        assert watched.record == {"at_rung": 0.7}
        assert epochs == [1, 2, 3]


def test_after_the_last_epoch_nobody_is_judged():
    watched = judge(epoch=RECIPE.epochs, bar=1.0)
    trained(progress=watched)
    assert watched.record == {}
