"""Which tensors are programmed, and putting programmed ones in their place."""

import pytest
import torch

from suite.crossbar.arrays import UnknownArray, crossbar_arrays, places, programmed, tensors_at
from suite.crossbar.settings import Crossbar
from tests.networks import Attractor, built
from tests.reference import classifier


def names(network, cells, **changes):
    return set(crossbar_arrays(classifier(network, **changes), network, Crossbar(cells)))


def test_weights_are_what_the_workload_calls_arrays():
    assert names(built("mlp"), "weights") == {"1.weight", "4.weight"}


def test_all_parameters_adds_biases_and_normalisation():
    network = built("residual")
    assert names(network, "all_parameters") == set(dict(network.named_parameters()))


def test_tied_weights_are_one_array():
    network = built("tied")
    assert names(network, "all_parameters") == {"up.weight", "up.bias"}
    assert set(places(tensors_at(network), "up.weight")) == {("up", "weight"), ("again", "weight")}


def test_an_array_may_be_a_buffer():
    network = Attractor()
    arrays = lambda network: {"couplings": network.couplings}  # noqa: E731
    assert names(network, "all_parameters", arrays=arrays) == {"couplings"}
    with programmed(network, {"couplings": torch.zeros(10, 10)}):
        assert not network(torch.ones(2, 10)).any()


def test_a_name_that_the_network_does_not_hold_is_an_error_that_says_what_to_use():
    network = built("mlp")
    with pytest.raises(UnknownArray, match=r"arrays\(\) names 'first'.*network\.state_dict\(\)"):
        names(network, "weights", arrays=lambda network: {"first": torch.zeros(2)})


@pytest.mark.parametrize("name", ["mlp", "tied", "recurrent"])
def test_a_networks_own_tensors_come_back(name):
    network, inputs = built(name), torch.rand(3, 1, 28, 28)
    own, before = dict(network.named_parameters()), network(inputs)
    with pytest.raises(ZeroDivisionError), programmed(network, {n: 2 * t.detach() for n, t in own.items()}):
        assert not torch.equal(network(inputs), before)
        raise ZeroDivisionError
    assert all(tensor is own[n] for n, tensor in network.named_parameters())
    assert torch.equal(network(inputs), before)
