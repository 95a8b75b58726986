"""The log-normal device: its formula, its neutral element, its moments."""

import math

import pytest
import torch

from suite.contract import Condition
from suite.devices.lognormal import DEVICE


def noise(*shape: int) -> torch.Tensor:
    return DEVICE.draw(shape, torch.Generator().manual_seed(5))


def programmed(targets: torch.Tensor, sigma: float, z: torch.Tensor, **settings: bool) -> torch.Tensor:
    condition = Condition.of(sigma_log=sigma, settings=tuple(settings.items()))
    return DEVICE.program(targets, condition, z).weights()


def test_the_draw_is_standard_normal_at_the_arrays_own_shape():
    z = noise(400, 250)
    assert z.shape == (400, 250)
    assert z.dtype == torch.float32
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 1) < 0.02


def test_same_generator_same_bytes():
    assert torch.equal(noise(3, 4), noise(3, 4))


def test_weights_are_targets_times_exp_of_sigma_z():
    targets, z = torch.tensor([[1.0, -2.0, 0.0]]), torch.tensor([[[0.5, -1.0, 2.0]], [[0.0, 1.0, 1.0]]])
    found = programmed(targets, 0.3, z)
    assert found.shape == (2, 1, 3)
    torch.testing.assert_close(found, targets * torch.exp(0.3 * z))


@pytest.mark.parametrize("mean_preserving", [False, True])
def test_sigma_zero_leaves_every_weight_as_it_is(mean_preserving):
    targets = torch.randn(5, 6, generator=torch.Generator().manual_seed(1))
    found = programmed(targets, 0.0, noise(2, 5, 6), mean_preserving=mean_preserving)
    assert torch.equal(found, targets.expand(2, -1, -1))


@pytest.mark.parametrize(("mean_preserving", "mean"), [(False, math.exp(0.6**2 / 2)), (True, 1.0)])
def test_mean_of_the_factor(mean_preserving, mean):
    found = programmed(torch.ones(200_000), 0.6, noise(1, 200_000), mean_preserving=mean_preserving)
    assert abs(float(found.mean()) - mean) < 0.01


def test_programming_leaves_targets_and_noise_alone():
    targets, z = torch.ones(4), noise(1, 4)
    before = z.clone()
    programmed(targets, 0.5, z)
    assert torch.equal(z, before)
    assert torch.equal(targets, torch.ones(4))
