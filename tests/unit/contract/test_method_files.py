"""ERM and BayesMulti: where the noise sits, how it is parametrised, and that it leaves no trace."""

from collections import OrderedDict
from itertools import pairwise

import pytest
import torch
from torch import nn

from suite.contract import NotApplicable, noise_points, seeded
from suite.contract.registry import registry
from tests.networks import attached, space_of

erm = registry().method("erm")
bayesmulti = registry().method("bayesmulti")
HALF = {f"rate_{number}": 0.5 for number in range(1, 7)}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def dense(*widths):
    layers = OrderedDict()
    with seeded(generator()):
        for number, (before, after) in enumerate(pairwise(widths), 1):
            layers[f"fc{number}"] = nn.Linear(before, after)
            layers[f"relu{number}"] = nn.ReLU()
    layers.popitem()
    return nn.Sequential(layers)


def are_atoms(factors):
    """Whether every factor is one of the three at rate 1/2: 0, 4/3 and 8/3."""
    distances = (factors.flatten()[:, None] - torch.tensor([0.0, 4 / 3, 8 / 3])).abs()
    return bool((distances.min(1).values < 1e-5).all()) and len(set(distances.argmin(1).tolist())) == 3


def network_of(name):
    return registry().workload(name).at("ci", {}).network(generator())


def test_erm_has_no_parameters_and_no_noise():
    network = dense(4, 8, 2)
    assert space_of(erm, network) == {}
    assert list(attached(erm, network, {}, generator())) == []


def test_noise_points_are_the_networks_own_or_its_activations():
    assert noise_points(network_of("mnist_mlp")) == ("relu1", "relu2")
    assert noise_points(network_of("mnist_lenet")) == ("pool1", "pool2", "relu3", "relu4")
    assert noise_points(nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Dropout(), nn.GELU())) == ("1", "3")


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("mnist_mlp", {}, 2),
        ("mnist_mlp", {"target": "weight"}, 2),
        ("mnist_lenet", {}, 4),
        ("mnist_lenet", {"placement": "authors"}, 2),
        ("mnist_lenet", {"target": "weight"}, 4),
        ("mnist_mlp", {"target": "weight", "placement": "with_output"}, 3),
    ],
)
def test_one_rate_per_place(name, options, count):
    space = space_of(bayesmulti, network_of(name), **options)
    assert list(space) == [f"rate_{number}" for number in range(1, count + 1)]
    assert {(dim.low, dim.high, dim.probe, dim.log) for dim in space.values()} == {(0.0, 0.9, 0.5, False)}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mnist_mlp", {"placement": "authors"}, "names no place for target='activation', placement='authors'"),
        ("mnist_lenet", {"target": "weight", "placement": "authors"}, "'authors' is about activations"),
        ("mnist_lenet", {"placement": "with_output"}, "'with_output' is about arrays"),
    ],
)
def test_options_without_meaning_are_refused(name, options, message):
    with pytest.raises(NotApplicable, match=message):
        space_of(bayesmulti, network_of(name), **options)
    with pytest.raises(NotApplicable, match=message):
        attached(bayesmulti, network_of(name), HALF, generator(), **options)


@pytest.mark.parametrize("target", ["activation", "weight"])
def test_a_network_without_hidden_layers_has_no_place(target):
    with pytest.raises(NotApplicable, match="names no place"):
        space_of(bayesmulti, nn.Sequential(nn.Linear(2, 2)), target=target)


@pytest.mark.parametrize("options", [{}, {"target": "weight"}])
def test_noise_acts_in_training_alone_and_leaves_no_trace(options):
    network, inputs = dense(4, 64, 32, 2), torch.randn(5, 4, generator=generator(1))
    plain, before = network(inputs), {name: value.clone() for name, value in network.state_dict().items()}
    parameters = [id(parameter) for parameter in network.parameters()]
    handles = attached(bayesmulti, network, HALF, generator(), **options)
    assert not network.train()(inputs).allclose(plain)
    assert network.eval()(inputs).equal(plain)
    for handle in handles:
        handle.remove()
    assert network.train()(inputs).equal(plain)
    assert list(network.state_dict()) == list(before)
    assert [id(parameter) for parameter in network.parameters()] == parameters
    assert type(network.fc1) is nn.Linear


def test_activation_noise_is_drawn_anew_for_every_sample_and_element():
    network = dense(1, 1000, 2)
    seen = []
    attached(bayesmulti, network, {"rate_1": 0.5}, generator())
    network.fc2.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()))
    with torch.no_grad():
        network.fc1.weight.zero_()
        network.fc1.bias.fill_(1.0)
    network.train()(torch.ones(2, 1))
    network(torch.ones(2, 1))
    assert are_atoms(seen[0])
    assert not seen[0][0].equal(seen[0][1])
    assert not seen[0].equal(seen[1])


def test_weight_noise_lasts_one_step_and_spares_the_output_layer():
    network = dense(3, 50, 20, 4).train()
    noise = generator()
    plain = {name: value.clone() for name, value in network.state_dict().items()}
    attached(bayesmulti, network, HALF, noise, target="weight")
    first, again = network.fc1.weight.detach().clone(), network.fc1.weight.detach().clone()
    assert first.equal(again)
    assert are_atoms(first / plain["fc1.weight"])
    bayesmulti.on_step(network, {}, 0, 1, HALF, noise)
    assert not network.fc1.weight.equal(first)
    assert not network.fc2.weight.equal(plain["fc2.weight"])
    assert network.fc3.weight.equal(plain["fc3.weight"])
    assert network.fc1.bias.equal(plain["fc1.bias"])


def test_weight_noise_reaches_the_gradient():
    network = dense(3, 50, 4).train()
    attached(bayesmulti, network, {"rate_1": 0.5}, generator(), target="weight")
    factors = network.fc1.parametrizations.weight[0].noise
    network(torch.ones(1, 3)).sum().backward()
    gradient = network.fc1.parametrizations.weight.original.grad
    assert gradient[factors == 0].abs().max() == 0
    assert gradient.abs().max() > 0


def test_more_than_six_places_share_rates_with_their_neighbours():
    network = dense(*[16] * 10, 2)
    assert len(space_of(bayesmulti, network)) == 6
    rates = {f"rate_{number}": 0.15 * (number - 1) for number in range(1, 7)}
    attached(bayesmulti, network, rates, generator(), target="weight")
    # Each array's largest factor is 1 / (0.75 (1 - p)), so it tells the rate.
    largest = [network.get_submodule(f"fc{i}").parametrizations.weight[0].noise.max() for i in range(1, 10)]
    used = [round((1 - 1 / (0.75 * factor.item())) / 0.15) + 1 for factor in largest]
    assert used == [1, 1, 2, 3, 3, 4, 5, 5, 6]


def test_a_module_called_twice_is_disturbed_twice():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(x), self.relu(x)

    network = Twice()
    attached(bayesmulti, network, {"rate_1": 0.5}, generator())
    one, other = network(torch.ones(1000))
    assert not one.equal(other)


def test_two_rates_per_place_search_the_simplex_in_six_dimensions_at_most():
    deep, shallow = dense(*[16] * 10, 2), dense(4, 8, 2)
    assert list(space_of(bayesmulti, shallow, rates="two")) == ["rate_1", "half_share_1"]
    assert len(space_of(bayesmulti, deep, rates="two")) == 6
    params = {"rate_1": 0.5, "half_share_1": 1.0}
    attached(bayesmulti, shallow, params, generator(), target="weight", rates="two")
    assert sorted(set(shallow.fc1.parametrizations.weight[0].noise.flatten().tolist())) == [0.0, 2.0]


def test_with_output_leaves_no_array_out():
    network = dense(4, 300, 50).train()
    plain = network.fc2.weight.clone()
    attached(bayesmulti, network, HALF, generator(), target="weight", placement="with_output")
    assert are_atoms(network.fc2.weight / plain)
