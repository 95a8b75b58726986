"""Additive Gaussian noise in units of the largest weight."""

import pytest
import torch

from suite.contract import Condition
from suite.devices.generic import DEVICE


def condition(noise: float) -> Condition:
    return Condition.of(device="generic", levels={"noise": noise})


def test_weights_stray_by_a_share_of_the_largest():
    targets = torch.linspace(-3, 4, 200_000)
    z = DEVICE.draw((200_000,), torch.Generator().manual_seed(1))[None]
    change = DEVICE.program(targets, condition(0.1), z).weights() - targets
    assert float(change.std()) == pytest.approx(0.4, rel=0.01)
    assert abs(float(change.mean())) < 0.005


def test_without_noise_it_is_ideal():
    assert DEVICE.ideal(condition(0.0))
    assert not DEVICE.ideal(condition(0.1))


def test_a_noise_below_zero_is_refused():
    with pytest.raises(ValueError, match=r"nothing is known at -0\.1, give a value from 0"):
        DEVICE.program(torch.ones(3), condition(-0.1), torch.zeros(1, 3))
