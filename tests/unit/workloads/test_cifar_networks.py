"""The four networks for CIFAR-10: their size, their places for noise, and the sweep's outputs against the reference."""

import pytest
import torch

from suite.contract import noise_points
from suite.contract.registry import registry
from suite.methods import bayesmulti
from suite.sweep.engine.evaluate import WholeNetwork, evaluator
from tests.networks import space_of
from tests.reference import conditions, reference_outputs, swept_outputs

# Parameters, arrays, noise points
SIZES = {
    "cifar_alexnet": (2_924_586, 8, 7),
    "cifar_resnet": (272_474, 22, 19),
    "cifar_resnext": (4_775_754, 32, 28),
    "cifar_mobilenet": (2_236_682, 53, 35),
}
SIGMAS, REALISATIONS = (0.0, 0.3), (0, 4)
NETWORKS = pytest.mark.parametrize("name", SIZES)


def built(name):
    """A network with running statistics that training would have moved."""
    network = registry().workload(name).at("ci", {}).network(torch.Generator().manual_seed(0)).eval()
    generator = torch.Generator().manual_seed(1)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return network


def images(count):
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@NETWORKS
def test_its_size_is_the_published_one_and_its_noise_has_six_rates(name):
    network = built(name)
    parameters, arrays, points = SIZES[name]
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert len(registry().workload(name).arrays(network)) == arrays
    assert len(set(noise_points(network))) == points
    assert list(space_of(bayesmulti, network)) == [f"rate_{number}" for number in range(1, 7)]


@NETWORKS
def test_its_noise_points_follow_one_another_and_all_act(name):
    network = built(name).train()
    shapes = []
    handles = [
        network.get_submodule(point).register_forward_hook(lambda module, _, output: shapes.append(output.shape))
        for point in noise_points(network)
    ]
    network(images(2))
    for handle in handles:
        handle.remove()
    assert len(shapes) == len(noise_points(network))
    heights = [shape[2] for shape in shapes if len(shape) == 4]
    assert heights == sorted(heights, reverse=True)


def test_alexnet_has_the_noise_points_of_the_authors():
    network = built("cifar_alexnet")
    assert len(space_of(bayesmulti, network, placement="authors")) == 4


def test_alexnet_without_batch_normalisation_has_biases_instead():
    network = registry().workload("cifar_alexnet").at("ci", {"batch_norm": False}).network(torch.Generator())
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
    assert all(module.bias is not None for module in network.modules() if hasattr(module, "weight"))
    assert len(registry().workload("cifar_alexnet").arrays(network)) == 8


@NETWORKS
def test_the_sweep_gives_what_the_reference_gives(name):
    network, inputs = built(name), images(6)
    names = list(registry().workload(name).arrays(network))
    expected = reference_outputs(network, names, inputs, conditions(*SIGMAS), REALISATIONS)
    found = swept_outputs(network, inputs, conditions(*SIGMAS), REALISATIONS, block=4).view(expected.shape)
    for row in range(len(SIGMAS)):
        assert (found[row] - expected[row]).abs().max() <= 1e-5 * expected[row].abs().max()


@NETWORKS
def test_it_is_run_whole_with_its_channels_innermost(name):
    network = built(name)
    arrays = registry().workload(name).arrays(network)
    engine = evaluator(network, arrays, images(2))
    assert isinstance(engine, WholeNetwork)
    assert engine.prepare(images(2)).is_contiguous(memory_format=torch.channels_last)
    plain = {array: tensor.contiguous() for array, tensor in arrays.items()}
    with torch.inference_mode():
        assert not getattr(evaluator(network, plain, images(2)), "channels_last", False)
