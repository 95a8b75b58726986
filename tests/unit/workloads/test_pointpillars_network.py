"""The detector's network against plain arithmetic: the maximum of a pillar, upsampling, sizes, where noise sits."""

import torch
from numpy.testing import assert_allclose
from torch import nn

from suite.contract import default_arrays
from workloads.shared.pointpillars.network import PointPillars, Upsampling
from workloads.shared.pointpillars.sizes import PUBLISHED, SCALED


def network(size=SCALED):
    torch.manual_seed(0)
    return PointPillars(size).eval()


def test_upsampling_is_a_transposed_convolution():
    torch.manual_seed(1)
    for factor in (1, 2, 4):
        up = Upsampling(5, factor, SCALED)
        plain = nn.ConvTranspose2d(5, SCALED.upsampled, factor, factor, bias=False)
        weight = up.spread.weight.view(factor, factor, SCALED.upsampled, 5)
        plain.weight.data = weight.permute(3, 2, 0, 1).contiguous()
        picture = torch.randn(2, 5, 3, 4)
        assert_allclose(up(picture).detach(), torch.relu(up.norm(plain(picture))).detach(), atol=1e-5)


def test_the_maximum_of_a_pillar_is_over_its_points_and_empty_ones_are_0():
    features = torch.relu(torch.randn(50, SCALED.features))
    pillars = torch.randint(0, 5, (50,)) * 1000
    picture = network()._scattered(features, pillars, 1)
    flat = picture[0].flatten(1).T
    for pillar in pillars.unique():
        assert_allclose(flat[pillar], features[pillars == pillar].amax(0))
    flat[pillars.unique()] = 0
    assert not flat.any()


def test_the_maximum_is_taken_after_the_relu_so_that_0_is_no_lie():
    # All points of a sweep below 0 before the ReLU: the pillar is as if it were empty, and never negative.
    built = network()
    built.pillar.weight.data = -built.pillar.weight.data.abs()
    seen = []
    built.blocks[0].register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    with torch.no_grad():
        built(torch.ones(3, 10), torch.tensor([0, 0, 7]), 1)
    assert len(seen) == 1
    assert not seen[0].any()


def test_the_published_one_has_4_8_million_parameters_and_the_published_grid():
    built = network(PUBLISHED)
    assert PUBLISHED.grid == (496, 432) and PUBLISHED.cells == (248, 216)
    assert 4.80e6 < sum(parameter.numel() for parameter in built.parameters()) < 4.85e6
    convolutions = sum(array.numel() for name, array in default_arrays(built).items() if name.startswith("blocks"))
    assert 4.15e6 < convolutions < 4.25e6
    assert sum(parameter.numel() for parameter in network().parameters()) == 202_680


def test_noise_sits_in_pillars_backbone_and_upsampling_and_not_in_the_heads():
    built = network()
    assert built.noise_points == built.authors_noise_points
    kinds = {type(built.get_submodule(name)) for name in built.noise_points}
    assert kinds == {nn.BatchNorm1d, nn.BatchNorm2d}
    assert [sum(name.startswith(part) for name in built.noise_points) for part in ("pillar", "blocks", "ups")] == [
        1,
        11,
        3,
    ]
    assert list(default_arrays(built))[-1] == "heads.weight"


def test_before_training_no_anchor_is_likely():
    with torch.no_grad():
        said = network()(torch.randn(5, 10), torch.arange(5), 1)
    assert said[..., :3].sigmoid().median() < 0.02
