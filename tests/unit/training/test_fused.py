"""The fused training step: the gradients and states of the network's own layers, whatever sits on them."""

from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from suite.contract import Recipe, seeded
from suite.contract.registry import registry
from suite.training import loop
from suite.training.fused import fused
from tests.bench.networks import lenet, made

# Of the largest number of a tensor: sums of float32 in another order.
TOLERANCE = 1e-5


def maps(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def layers(*modules):
    """With weights of their own, the same every time."""
    network = nn.Sequential(*modules)
    for seed, parameter in enumerate(network.parameters()):
        parameter.data = 0.3 * maps(*parameter.shape, seed=seed)
    return network.train()


def run(network, inputs):
    """Outputs and all gradients of one step, as the layers stand."""
    network.zero_grad()
    inputs = inputs.clone().requires_grad_()
    outputs = network(inputs)
    (outputs * maps(*outputs.shape, seed=9)).sum().backward()
    return [outputs.detach(), inputs.grad, *(parameter.grad for parameter in network.parameters())]


def close(found, expected):
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=TOLERANCE * float(other.abs().max()))


def nodes(outputs):
    """Names of the nodes from the outputs back to the first layer."""
    names, node = [], outputs.grad_fn
    while node is not None:
        names.append(node.name())
        node = node.next_functions[0][0] if node.next_functions else None
    return names


RUNS = {
    "few maps": (nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
    "few maps, odd sides": (nn.Conv2d(3, 7, (4, 3), padding=(0, 1)), nn.ReLU(), nn.MaxPool2d(2)),
    "few maps, large windows": (nn.Conv2d(2, 5, 3), nn.ReLU(), nn.MaxPool2d(3)),
    "many maps": (nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
    "many maps, odd sides": (nn.Conv2d(6, 20, 4, bias=False), nn.ReLU(), nn.MaxPool2d((3, 3))),
    "pooled before relu": (nn.Conv2d(2, 8, 3, bias=False), nn.MaxPool2d(2), nn.ReLU()),
    "no relu": (nn.Conv2d(2, 8, 3), nn.MaxPool2d(2), nn.Tanh()),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_fused_run_gives_the_outputs_and_gradients_of_its_layers(name):
    network = layers(*deepcopy(RUNS[name]))
    inputs = maps(9, network[0].in_channels, 13, 12)
    expected = run(network, inputs)
    with fused(network):
        assert {"_NarrowBackward", "_WideBackward"} & {*nodes(network(inputs))}
        close(run(network, inputs), expected)


def test_of_equal_maxima_the_first_one_gets_the_gradient():
    """A flat image has the same number everywhere, and torch's rule for who gets the gradient."""
    network = layers(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2))
    expected = run(network, torch.ones(2, 1, 10, 10))
    with fused(network):
        found = run(network, torch.ones(2, 1, 10, 10))
    close(found, expected)
    assert (found[1] == 0).equal(expected[1] == 0)


UNFUSED = {
    "grouped": (nn.Conv2d(2, 4, 3, groups=2), nn.ReLU(), nn.MaxPool2d(2)),
    "strided": (nn.Conv2d(2, 4, 3, stride=2), nn.ReLU(), nn.MaxPool2d(2)),
    "mirrored border": (nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"), nn.ReLU(), nn.MaxPool2d(2)),
    "overlapping windows": (nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
    "another activation": (nn.Conv2d(2, 4, 3), nn.Tanh(), nn.MaxPool2d(2)),
    "no pooling": (nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten()),
}


@pytest.mark.parametrize("name", UNFUSED)
def test_other_layers_run_as_they_are(name):
    network = layers(*deepcopy(UNFUSED[name]))
    inputs = maps(3, 2, 12, 12)
    expected = run(network, inputs)
    with fused(network):
        assert all(one.equal(other) for one, other in zip(run(network, inputs), expected, strict=True))


def test_evaluation_and_other_numbers_take_the_networks_own_code():
    network, inputs = layers(*deepcopy(RUNS["few maps"])), maps(3, 1, 12, 12)
    with fused(network):
        assert "_NarrowBackward" not in nodes(network.eval()(inputs))
        assert "_NarrowBackward" not in nodes(network.train().double()(inputs.double()))
        network.float().to(memory_format=torch.channels_last)
        assert "_NarrowBackward" in nodes(network(inputs))  # one channel lies the same either way


def test_noise_on_an_output_or_on_a_weight_is_seen():
    class Doubled(nn.Module):
        def forward(self, weight):
            return 2 * weight

    for place in (1, 2):
        network, inputs = layers(*deepcopy(RUNS["few maps"])), maps(3, 1, 12, 12)
        network[place].register_forward_hook(lambda module, inputs, output: output * torch.arange(output.shape[-1]))
        parametrize.register_parametrization(network[0], "weight", Doubled())
        expected = run(network, inputs)
        with fused(network):
            close(run(network, inputs), expected)
            assert ("_NarrowBackward" in nodes(network(inputs))) == (place == 2)


def test_a_copy_in_training_is_a_network_of_its_own_and_nothing_stays():
    network, inputs = layers(*deepcopy(RUNS["few maps"])), maps(3, 1, 12, 12)
    with fused(network):
        copy = deepcopy(network)
        copy[0].weight.data.zero_()
        assert not network(inputs).equal(copy(inputs))
    assert "forward" not in vars(network)
    assert not any("forward" in vars(module) for module in network.modules())


@pytest.mark.parametrize("method", ["erm", "bayesmulti"])
def test_a_training_gives_the_state_that_plain_layers_give(method, monkeypatch):
    """Up to rounding that a few steps make larger."""
    recipe = Recipe(epochs=2, batch=16, learning_rate=1e-3)
    workload, splits = made("LeNet-5", 96, recipe)
    workload = replace(workload, network=partial(noisy_lenet))
    keys = {"name": "fused", "entropy": 1, "seed": 0, "params": {"rate_1": 0.3}, "options": {}}

    def trained():
        return loop.train(workload, registry().method(method), splits, recipe, **keys).state_dict()

    found = trained()
    monkeypatch.setattr(loop, "fused", nullcontext)
    for name, tensor in trained().items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=1e-4 * float(tensor.abs().max()))


def noisy_lenet(generator):
    """With one noise point, behind the first pooling."""
    with seeded(generator):
        network = lenet()
    network.noise_points = ("2",)
    return network
