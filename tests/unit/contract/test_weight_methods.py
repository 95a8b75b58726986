"""Dropout, Gaussian and log-normal weight noise: their laws, their units, and when they are drawn."""

import math
from statistics import NormalDist

import numpy as np
import pytest
import torch
from torch import nn

from suite.contract import NotApplicable, redraw
from suite.contract.registry import registry
from tests.networks import attached, space_of

dropout = registry().method("dropout")
gaussian = registry().method("gaussian_weight")
lognormal = registry().method("lognormal_weight")
WEIGHT_METHODS = [(gaussian, {"relative_std": 0.1}), (lognormal, {"sigma_max": 0.8})]
SIDE = 400


def generator(seed=1):  # not that of the weights: equal streams would be correlated
    return torch.Generator().manual_seed(seed)


def network_of(*modules):
    """Weights that are not 0, so that factors can be told from them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for module in (network := nn.Sequential(*modules)).modules():
            if isinstance(module, nn.Linear):
                nn.init.uniform_(module.weight, 0.5, 1.5)
    return network


def wide():
    return network_of(nn.Linear(SIDE, SIDE), nn.ReLU(), nn.Linear(SIDE, SIDE))


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.8])
def test_dropout_keeps_the_mean_and_has_the_variance_of_its_rate(rate):
    network, seen = network_of(nn.ReLU()), torch.ones(200, 1000)
    attached(dropout, network, {"rate_1": rate}, generator())
    factors = network(seen).double().numpy()
    np.testing.assert_allclose(np.unique(factors), [0, 1 / (1 - rate)] if rate else [1], rtol=1e-6)
    share, count = (factors == 0).mean(), factors.size
    assert share == pytest.approx(rate, abs=6 * math.sqrt(rate * (1 - rate) / count))
    # Given the share of zeros, two atoms leave no freedom: mean and variance follow.
    assert factors.mean() == pytest.approx((1 - share) / (1 - rate), rel=1e-6)
    assert not rate or factors.std() == pytest.approx(math.sqrt(rate / (1 - rate)), rel=0.02)


def test_dropout_is_drawn_anew_at_every_call_and_shares_rates_like_bayesmulti():
    network = network_of(*[nn.ReLU() for _ in range(9)])
    assert list(space_of(dropout, network)) == [f"rate_{number}" for number in range(1, 7)]
    attached(dropout, network, {f"rate_{number}": 0.5 for number in range(1, 7)}, generator())
    first = network(torch.ones(5, 500))
    assert not first.equal(network(torch.ones(5, 500)))
    assert network.eval()(torch.ones(5)).equal(torch.ones(5))


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_dropout_refuses_rates_without_a_mean(rate):
    network = network_of(nn.ReLU())
    attached(dropout, network, {"rate_1": rate}, generator())
    with pytest.raises(ValueError, match="dropout rate lies in"):
        network(torch.ones(3))


def test_gaussian_noise_is_relative_to_the_largest_weight_of_each_array():
    network = wide().train()
    network[2].weight.data *= 10
    plain = [network[place].weight.detach().clone() for place in (0, 2)]
    attached(gaussian, network, {"relative_std": 0.1}, generator())
    for place, before in zip((0, 2), plain, strict=True):
        noise = ((network[place].weight - before) / before.abs().max()).detach().double().flatten().numpy()
        assert noise.mean() == pytest.approx(0, abs=6 * 0.1 / SIDE)
        assert noise.std() == pytest.approx(0.1, rel=6 / SIDE)
        # ... and of one size for small and large weights.
        assert abs(np.corrcoef(np.abs(noise), before.flatten().numpy())[0, 1]) < 6 / SIDE


def test_gaussian_gradients_go_to_the_plain_weights_unchanged():
    network = network_of(nn.Linear(3, 2)).train()
    attached(gaussian, network, {"relative_std": 0.3}, generator())
    network[0].weight.sum().backward()
    assert network[0].parametrizations.weight.original.grad.equal(torch.ones(2, 3))


def test_lognormal_noise_has_one_sigma_per_step_uniform_up_to_the_highest():
    network = wide().train()
    plain = [network[place].weight.detach().clone() for place in (0, 2)]
    attached(lognormal, network, {"sigma_max": 0.8}, generator())
    sigmas = []
    for step in range(200):
        logs = [(network[p].weight.detach() / w).log().double() for p, w in zip((0, 2), plain, strict=True)]
        first, second = (float(log.std()) for log in logs)
        assert first == pytest.approx(second, rel=12 / SIDE)
        assert max(abs(float(log.mean())) for log in logs) <= 6 * 0.8 / SIDE
        sigmas.append(first)
        redraw(network, {}, step, 200, {}, generator())
    shares = np.sort(np.array(sigmas) / 0.8)
    # Kolmogorov-Smirnov distance to the uniform law; 1.63 / sqrt(n) is the 1 % point.
    assert np.abs(shares - (np.arange(200) + 0.5) / 200).max() <= 1.63 / math.sqrt(200)


def test_lognormal_z_is_normal():
    network = network_of(nn.Linear(SIDE, SIDE)).train()
    before = network[0].weight.detach().clone()
    attached(lognormal, network, {"sigma_max": 0.8}, generator())
    log = (network[0].weight.detach() / before).log().flatten().double()
    z = (log / log.std()).numpy()
    for level in (-1.5, 0.0, 0.7):
        assert (z <= level).mean() == pytest.approx(NormalDist().cdf(level), abs=6 * 0.5 / SIDE)


@pytest.mark.parametrize(("method", "params"), WEIGHT_METHODS)
def test_one_step_keeps_its_noise_and_the_next_draws_anew(method, params):
    network = wide().train()
    attached(method, network, params, generator())
    first, again = network[0].weight.detach().clone(), network[0].weight.detach()
    assert first.equal(again)
    method.on_step(network, {}, 0, 1, params, generator())
    assert not network[0].weight.equal(first)


@pytest.mark.parametrize(("method", "params"), WEIGHT_METHODS)
def test_every_array_is_disturbed_biases_are_not_and_evaluation_is_the_identity(method, params):
    network = wide()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    handles = attached(method, network, params, generator())
    assert all(not network.train()[place].weight.equal(before[f"{place}.weight"]) for place in (0, 2))
    assert network[0].bias.equal(before["0.bias"])
    assert all(network.eval()[place].weight.equal(before[f"{place}.weight"]) for place in (0, 2))
    for handle in handles:
        handle.remove()
    assert all(value.equal(before[name]) for name, value in network.train().state_dict().items())


@pytest.mark.parametrize("method", [gaussian, lognormal, dropout])
def test_a_network_without_places_is_refused(method):
    with pytest.raises(NotApplicable, match="the network has no"):
        space_of(method, network_of(nn.Flatten()))


def test_biases_are_disturbed_beside_their_array_by_the_same_noise():
    network = wide().train()
    before = network[0].bias.detach().clone(), float(network[0].weight.detach().abs().max())
    handles = attached(gaussian, network, {"relative_std": 0.1}, generator(), bias="same")
    moved = (network[0].bias - before[0]).detach()
    assert float(moved.std()) == pytest.approx(0.1 * before[1], rel=0.15)
    for handle in handles:
        handle.remove()
    assert network[0].bias.equal(before[0])


def test_noise_in_units_of_the_clip_asks_for_one():
    network = wide().train()
    with pytest.raises(NotApplicable, match="weight_clip"):
        attached(gaussian, network, {"relative_std": 0.1}, generator(), unit="clip")
    network.weight_clip = 0.2
    plain = network[0].weight.detach().clone()
    attached(gaussian, network, {"relative_std": 0.1}, generator(), unit="clip")
    assert float((network[0].weight - plain).std()) == pytest.approx(0.02, rel=0.02)


def test_what_bounds_weights_pays_for_the_noise_that_it_brings():
    """By hand: with noise max|W| s z, the gradient of a sum of weights reaches the largest one by the sum of s z."""
    network = network_of(nn.Linear(SIDE, 3))
    network[0].weight.data[1, 7] = 2.0
    attached(gaussian, network, {"relative_std": 0.1}, generator(), bias="same", unit="bound")
    own = network[0].parametrizations.weight.original
    noise = (network[0].weight - own).detach() / 2
    assert float(noise.std()) == pytest.approx(0.1, rel=0.05)
    assert float((network[0].bias - network[0].parametrizations.bias.original).detach().abs().max()) < 4 * 0.2
    network[0].weight.sum().backward()
    expected = torch.ones_like(own)
    expected[1, 7] += noise.sum()
    torch.testing.assert_close(own.grad, expected, rtol=1e-4, atol=1e-4)


def test_what_bounds_weights_is_their_clip_where_they_have_one():
    clipped, bound = (network_of(nn.Linear(SIDE, 3)) for _ in range(2))
    for network, unit in ((clipped, "clip"), (bound, "bound")):
        network.weight_clip = 0.3
        attached(gaussian, network, {"relative_std": 0.1}, generator(), unit=unit)
    assert bound[0].weight.equal(clipped[0].weight)
