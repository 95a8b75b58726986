"""Mason's network for pairs: the layers that it stands for, and the sweep's evaluator on it."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from suite.contract import default_arrays
from suite.sweep.engine.evaluate import evaluator
from suite.sweep.engine.graph import SharedGraph
from tests.reference import conditions, reference_outputs, swept_outputs
from workloads.shared import pairs
from workloads.shared.pairs import ChainEncoder, DroppedPooling, LetterConvolution, PairNetwork

FIRST, SECOND = 11, 17


def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return PairNetwork(FIRST, SECOND).eval()


def letters(count, length=FIRST + SECOND):
    generator = torch.Generator().manual_seed(4)
    return torch.randint(0, 22, (count, length), dtype=torch.uint8, generator=generator)


def plain(encoder):
    """The same encoder of torch's own layers, dropout aside."""
    conv = nn.Conv1d(22, 64, 2, padding=1)
    conv.load_state_dict(encoder.conv.state_dict())
    pool = nn.MaxPool1d(2, 1)

    def run(chains):
        one_hot = functional.one_hot(chains.long(), 22).float().transpose(1, 2)
        return encoder.fc(pool(conv(one_hot)).transpose(1, 2).flatten(1)), conv

    return run


def test_the_look_up_is_the_convolution_of_one_hots_with_its_gradients():
    encoder = ChainEncoder(FIRST).eval()
    chains, run = letters(9, FIRST), plain(encoder)
    expected, conv = run(chains)
    torch.testing.assert_close(encoder(chains), expected)
    encoder(chains).square().sum().backward()
    expected.square().sum().backward()
    torch.testing.assert_close(encoder.conv.weight.grad, conv.weight.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(encoder.conv.bias.grad, conv.bias.grad, rtol=1e-4, atol=1e-4)


def test_the_convolution_is_an_array_of_the_network():
    shapes = {name: tuple(array.shape) for name, array in default_arrays(network()).items()}
    assert shapes == {
        "first.conv.weight": (64, 22, 2),
        "first.fc.weight": (32, 64 * FIRST),
        "second.conv.weight": (64, 22, 2),
        "second.fc.weight": (32, 64 * SECOND),
        "fc1.weight": (32, 64),
        "fc2.weight": (1, 32),
    }
    assert isinstance(network().first.conv, LetterConvolution)


def test_pooling_drops_as_dropout_does_and_passes_the_same_gradients(monkeypatch):
    maps = torch.randn(5, FIRST + 1, 64, requires_grad=True)
    factors = torch.randint(0, 2, maps.shape).float() * 2
    monkeypatch.setattr(pairs, "_doubled_or_dropped", lambda like: factors)
    weight = torch.randn(5, FIRST, 64)
    found = DroppedPooling().train()(maps)
    (gradient,) = torch.autograd.grad((found * weight).sum(), maps)
    expected = functional.max_pool1d((maps * factors).transpose(1, 2), 2, 1).transpose(1, 2)
    (wanted,) = torch.autograd.grad((expected * weight).sum(), maps)
    assert torch.equal(found, expected)
    assert torch.equal(gradient, wanted)


def test_half_of_all_is_dropped_and_every_sample_by_itself():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        factors = pairs._doubled_or_dropped(torch.empty(7, 31, 641))
        again = pairs._doubled_or_dropped(torch.empty(7, 31, 641))
    assert set(factors.unique().tolist()) == {0.0, 2.0}
    assert factors.mean().item() == pytest.approx(1, abs=0.02)
    # every place of a byte, so that no bit is stuck
    assert ((factors.flatten()[: 17_000 * 8].view(-1, 8).mean(0) - 1).abs() < 0.04).all()
    assert ((factors == again).float().mean() - 0.5).abs() < 0.01
    assert ((factors[0] == factors[1]).float().mean() - 0.5).abs() < 0.02


def test_distinct_chains_are_encoded_once_in_evaluation_and_pair_by_pair_in_training(monkeypatch):
    built, seen = network(), []
    whole = built.first._encoded
    monkeypatch.setattr(built.first, "_encoded", lambda chains: (seen.append(len(chains)), whole(chains))[1])
    few = letters(3).repeat(5, 1)
    expected = torch.cat([built(few[:3])] * 5)
    torch.testing.assert_close(built(few), expected)
    built.train()(few)
    assert seen == [3, 3, 15]


def test_the_evaluator_shares_what_no_weight_touches_and_equals_the_slow_reference():
    built = network()
    inputs = letters(60)[torch.arange(100) % 60]
    arrays = {name: array.detach() for name, array in default_arrays(built).items()}
    with torch.inference_mode():
        engine = evaluator(built, arrays, inputs)
    assert isinstance(engine, SharedGraph)
    assert any(
        "unique" in str(getattr(step.node, "name", "")) or step.node.op == "call_function" for step, _ in engine.once
    )
    levels, realisations = conditions(0.0, 0.3, 0.9), (0, 2)
    expected = reference_outputs(built, list(arrays), inputs, levels, realisations)
    outputs = swept_outputs(built, inputs, levels, realisations, block=32)
    assert (outputs - expected).abs().max() <= 1e-5 * expected.abs().max()
