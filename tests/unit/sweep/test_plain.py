"""Networks whose graph does not say all are called whole: a sweep is what plain calls of the programmed one are."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from suite.sweep.engine.evaluate import WholeNetwork, evaluator
from suite.sweep.engine.graph import SharedGraph
from tests.contract.plugins import KIT
from tests.reference import conditions, reference_outputs, swept_outputs

SIGMA, REALISATIONS = 1.2, (0, 1, 2, 3)


def digits(classes=4):
    """(inputs (N, 64), classes) of the first few digits."""
    data, target = load_digits(return_X_y=True)
    chosen = target < classes
    return torch.tensor(data[chosen] / 16).float(), torch.tensor(target[chosen])


def trained(network):
    """A network that tells four digits apart."""
    inputs, targets = digits()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        functional.cross_entropy(network(inputs), targets).backward()
        optimiser.step()
    return network.eval()


def perceptron():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))


class Clamped(nn.Module):
    """Saturates in a way that `seen` says."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, 4)

    def saturated(self, hidden):
        return hidden.clamp(-6, 6)

    def forward(self, inputs):
        return self.last(self.saturated(self.first(inputs)).relu())


class BranchThatTracingHides(Clamped):
    """Asking a proxy for a value fails, and the failure is swallowed."""

    def saturated(self, hidden):
        try:
            return hidden.clamp(-6, 6) if hidden.abs().max() > 6 else hidden
        except Exception:
            return hidden


class Calling(nn.Linear):
    """Its __call__ is more than its forward."""

    def __call__(self, inputs):
        return super().__call__(inputs).clamp(-6, 6)


def clamped(layer, inputs):
    return functional.linear(inputs, layer.weight, layer.bias).clamp(-6, 6)


def hooked(kind):
    network = perceptron()
    if kind == "forward":
        network[0].register_forward_hook(lambda module, inputs, output: output.clamp(-6, 6))
    elif kind == "forward with keywords":
        hook = lambda module, args, kwargs, output: output.clamp(-6, 6)  # noqa: E731
        network[0].register_forward_hook(hook, with_kwargs=True, always_call=True)
    elif kind == "forward pre":
        network[1].register_forward_pre_hook(lambda module, inputs: (inputs[0].clamp(-6, 6),))
    elif kind == "of the whole network":
        network.register_forward_hook(lambda module, inputs, output: output.clamp(-6, 6))
    elif kind == "replaced method":
        network[0].forward = partial(clamped, network[0])
    elif kind == "own call":
        network[0] = Calling(64, 32)
    return network


KINDS = ["forward", "forward with keywords", "forward pre", "of the whole network", "replaced method", "own call"]


def assert_swept_as_called(network, inputs):
    """Outputs of all samples at SIGMA against plain calls of copies that hold the programmed weights."""
    where = conditions(SIGMA)
    names = [name for name, tensor in network.state_dict().items() if tensor.ndim == 2]
    expected = reference_outputs(network, names, inputs, where, REALISATIONS).flatten(2)
    found = swept_outputs(network, inputs, where, REALISATIONS, 64)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


def engine(network, inputs):
    arrays = {name: tensor.detach() for name, tensor in network.named_parameters() if tensor.ndim == 2}
    with torch.inference_mode():
        return type(evaluator(network, arrays, inputs))


@pytest.mark.parametrize("name", ["crossbar_10x10", "digits_logistic", "mnist_lenet", "mnist_mlp"])
def test_plain_networks_of_the_house_share_their_common_work(name):
    inputs = torch.stack([KIT.splits(name).tests["test"][index][0] for index in range(16)])
    assert engine(KIT.fresh(name), inputs) is SharedGraph


@pytest.mark.parametrize("kind", KINDS)
def test_what_calling_a_module_adds_to_its_forward_is_swept(kind):
    inputs, _ = digits()
    network = trained(hooked(kind))
    assert engine(network, inputs) is WholeNetwork
    assert_swept_as_called(network, inputs)


def test_a_hook_for_all_modules_is_swept():
    inputs, _ = digits()
    network = trained(perceptron())
    assert engine(network, inputs) is SharedGraph
    handle = nn.modules.module.register_module_forward_hook(
        lambda module, inputs, output: output.clamp(-6, 6) if getattr(module, "in_features", 0) == 64 else None
    )
    try:
        assert engine(network, inputs) is WholeNetwork
        assert_swept_as_called(network, inputs)
    finally:
        handle.remove()


def test_the_same_clamp_in_forward_shares_its_common_work():
    inputs, _ = digits()
    network = trained(Clamped())
    assert engine(network, inputs) is SharedGraph
    assert_swept_as_called(network, inputs)


def test_what_shows_under_strong_drift_alone_is_noticed():
    inputs, _ = digits()
    network = trained(BranchThatTracingHides())
    hidden = network.first(inputs).abs().max()
    with torch.no_grad():  # below 6 under the network's own weights, whatever the sample
        network.first.weight *= 5 / hidden
        network.first.bias *= 5 / hidden
        network.last.weight *= hidden / 5
    assert network.first(inputs).abs().max() < 6
    assert engine(network, inputs) is WholeNetwork
    assert_swept_as_called(network, inputs)


@pytest.mark.parametrize(
    "jump",
    [
        torch.sign,
        lambda hidden: (hidden * 4).round() / 4,
        lambda hidden: hidden * (hidden > 0.5),
        lambda hidden: hidden.to(torch.int16).float(),
        lambda hidden: functional.threshold(hidden, 0.1, 0.0),
        nn.Hardshrink(),
    ],
)
def test_outputs_that_hang_on_a_rounding_error_come_from_the_networks_own_code(jump):
    class Jumping(Clamped):
        def saturated(self, hidden):
            return jump(hidden)

    inputs, _ = digits()
    assert engine(Jumping().eval(), inputs) is WholeNetwork


def test_arithmetic_with_sizes_is_no_jump():
    class Shuffled(Clamped):
        def saturated(self, hidden):
            half = hidden.shape[1] // 2
            return hidden.view(hidden.size(0), half, -1).transpose(1, 2).reshape(-1, half * 2)

    inputs, _ = digits()
    assert engine(Shuffled().eval(), inputs[:8]) is SharedGraph


def test_a_layer_that_stays_in_training_mode_is_called():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 4)).eval()
    inputs = torch.rand(8, 1, 8, 8)
    assert engine(network, inputs) is SharedGraph
    network[1].train()
    assert engine(network, inputs) is WholeNetwork


class TiedEmbedding(nn.Module):
    """The table of symbols read as a look-up and, at the end, as a layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.table, self.inner, self.scores = nn.Embedding(16, 8), nn.Linear(8, 8), nn.Linear(8, 16, bias=False)
        self.scores.weight = self.table.weight

    def forward(self, symbols):
        return self.scores(self.inner(self.table(symbols).mean(1)).tanh())


@pytest.mark.parametrize("hook", [False, True])
def test_tied_layers_are_one_set_of_cells(hook):
    """The reference writes into the one tensor that both read."""
    network = TiedEmbedding().eval()
    if hook:
        network.inner.register_forward_hook(lambda module, inputs, output: output.clamp(-1, 1))
    symbols = torch.randint(16, (200, 5), generator=torch.Generator().manual_seed(1))
    where = conditions(SIGMA)
    names = ["inner.weight", "scores.weight"]
    assert network.get_parameter("scores.weight") is network.table.weight
    expected = reference_outputs(network, names, symbols, where, REALISATIONS).flatten(2)
    found = swept_outputs(network, symbols, where, REALISATIONS, 64)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
