"""Noise on arrays of layers that hold several, or share them: all is put on, and nothing is left of it."""

from itertools import permutations

import pytest
import torch
from torch import nn

from suite.contract import default_arrays, disturb_arrays, redraw
from suite.contract.registry import registry
from tests.networks import Tied, attached

LAYERS = {
    "gru": lambda: nn.GRU(4, 3, batch_first=True),
    "lstm": lambda: nn.LSTM(4, 3, num_layers=2, batch_first=True),
    "bidirectional": lambda: nn.GRU(4, 3, bidirectional=True, batch_first=True),
    "cell": lambda: nn.LSTMCell(4, 3),
    "attention": lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True),
    "transposed": lambda: nn.ConvTranspose1d(5, 3, 2),
    "tied": Tied,
}
EVERY_LAYER = pytest.mark.parametrize("layer", LAYERS)


def built(layer):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return LAYERS[layer]()


def outputs(network):
    if isinstance(network, nn.LSTMCell):
        return network(ramp(2, 4), (ramp(2, 3), ramp(2, 3)))[0]
    found = network(ramp(2, 12) if isinstance(network, Tied) else ramp(2, 5, 4))
    return found[0] if isinstance(found, tuple) else found


def ramp(*shape):
    return torch.linspace(-1, 1, torch.Size(shape).numel()).view(shape)


def array_names(network):
    """Tied weights once."""
    return list({id(tensor): name for name, tensor in default_arrays(network).items()}.values())


def doubled(network, names):
    """Handles of noise that doubles arrays."""
    return disturb_arrays(network, names, lambda: [torch.tensor(2.0)] * len(names), lambda array, noise: array * noise)


def looks(network):
    """All that a network shows of its tensors: names, order, identity, bytes, and what layers refer to beside them."""
    return (
        [(name, id(tensor), tensor.tolist()) for name, tensor in network.named_parameters(remove_duplicate=False)],
        list(network.state_dict()),
        [(type(module), list(module._parameters), list(module._modules)) for module in network.modules()],
        [list(map(id, module._flat_weights)) for module in network.modules() if isinstance(module, nn.RNNBase)],
    )


@EVERY_LAYER
def test_noise_on_every_array_acts_in_training_and_leaves_no_trace(layer):
    network = built(layer)
    before, plain = looks(network), outputs(network.eval()).detach()
    handles = doubled(network, array_names(network))
    assert outputs(network).equal(plain)
    with torch.no_grad():
        noisy = outputs(network.train())
    assert not noisy.allclose(plain)
    for handle in handles:
        handle.remove()
    assert looks(network) == before
    assert outputs(network.eval()).equal(plain)


@EVERY_LAYER
def test_noise_is_that_of_a_network_with_such_weights(layer):
    network, reference = built(layer).train(), built(layer).train()
    for name in array_names(reference):
        reference.get_parameter(name).detach().mul_(2)
    doubled(network, array_names(network))
    torch.testing.assert_close(outputs(network), outputs(reference))


@EVERY_LAYER
def test_gradients_reach_every_array(layer):
    network = built(layer).train()
    doubled(network, array_names(network))
    outputs(network).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_handles_come_off_in_any_order(order):
    network = built("bidirectional").train()
    before = looks(network)
    names = ["weight_hh_l0", "weight_ih_l0", "weight_ih_l0_reverse", "bias_ih_l0"]
    handles = doubled(network, names)
    for place in order:
        outputs(network).sum().backward()
        handles[place].remove()
        assert names[place] in network._parameters
    network.zero_grad()
    assert looks(network) == before


@pytest.mark.parametrize("first", [0, 1])
def test_two_noises_on_one_array_multiply_and_one_stays(first):
    network, reference = nn.LSTM(4, 3, batch_first=True), nn.LSTM(4, 3, batch_first=True)
    reference.load_state_dict(network.state_dict())
    before = looks(network)
    both = [doubled(network, list(default_arrays(network))), doubled(network, ["weight_hh_l0"])]
    for handle in both[first]:
        handle.remove()
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0") if first == 1 else ("weight_hh_l0",):
            reference.get_parameter(name).mul_(2)
    assert outputs(network).equal(outputs(reference))
    for handle in both[1 - first]:
        handle.remove()
    assert looks(network) == before


def test_a_recurrent_array_keeps_its_noise_for_one_step():
    network = built("gru").train()
    method = registry().method("lognormal_weight")
    attached(method, network, {"sigma_max": 1.0}, torch.Generator().manual_seed(0))
    first, again = outputs(network), outputs(network)
    assert first.equal(again)
    redraw(network, {}, 0, 1, {}, torch.Generator())
    assert not outputs(network).equal(first)
