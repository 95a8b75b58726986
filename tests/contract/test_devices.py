"""What holds for every device file: keyed draws of the right shape, and a program that is the identity when ideal."""

from __future__ import annotations

import pytest
import torch

from suite.contract import Condition
from tests.contract.plugins import ALL

DEVICES = pytest.mark.parametrize("name", [entry.name for entry in ALL.entries("device")])
SHAPES = pytest.mark.parametrize("shape", [(5,), (4, 3), (6, 2, 3, 3)])
REALISATIONS = 3


def drawn(name, shape, seed=0):
    return ALL.device(name).draw(shape, torch.Generator().manual_seed(seed))


def noise(name, shape):
    return torch.stack([drawn(name, shape, seed) for seed in range(REALISATIONS)])


def weights(shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


@DEVICES
@SHAPES
def test_a_draw_belongs_to_its_generator(name, shape):
    first = drawn(name, shape)
    assert first.shape == shape
    before = torch.random.get_rng_state()
    assert drawn(name, shape).equal(first)
    assert torch.random.get_rng_state().equal(before)
    assert not drawn(name, shape, seed=1).equal(first)


@DEVICES
@SHAPES
def test_the_ideal_condition_changes_nothing(name, shape):
    targets = weights(shape)
    found = ALL.device(name).program(targets, Condition(1.0, 0.0, device=name), noise(name, shape)).weights()
    assert found.equal(targets.expand(REALISATIONS, *shape))


@DEVICES
@SHAPES
def test_programming_is_a_function_of_what_it_is_given(name, shape):
    device, condition = ALL.device(name), Condition.of(usability=0.5, device=name)
    targets, draws = weights(shape), noise(name, shape)
    found = device.program(targets, condition, draws).weights().clone()
    assert targets.equal(weights(shape))
    assert draws.equal(noise(name, shape))
    assert found.shape == (REALISATIONS, *shape)
    assert found.dtype == targets.dtype
    assert torch.isfinite(found).all()
    assert not found.equal(targets.expand_as(found))
    assert device.program(targets, condition, draws).weights().equal(found)


@DEVICES
def test_realisations_do_not_see_each_other(name):
    device, condition, shape = ALL.device(name), Condition.of(usability=0.5, device=name), (4, 3)
    draws = noise(name, shape)
    together = device.program(weights(shape), condition, draws).weights()
    apart = [device.program(weights(shape), condition, draws[i : i + 1]).weights()[0] for i in range(REALISATIONS)]
    assert together.equal(torch.stack(apart))


@DEVICES
def test_settings_written_out_are_the_defaults(name):
    device, shape = ALL.device(name), (4, 3)
    plain = Condition.of(usability=0.5, device=name)
    written = Condition.of(usability=0.5, device=name, settings=tuple(sorted(device.settings.items())))
    found = [device.program(weights(shape), c, noise(name, shape)).weights() for c in (plain, written)]
    assert found[0].equal(found[1])
