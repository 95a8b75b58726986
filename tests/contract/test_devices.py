"""What holds for every device file: keyed draws of the right shape, and no change where it says that there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pytest
import torch

from suite.contract import Condition, Device, ProgrammedWeights
from suite.crossbar.arrays import programmed
from suite.crossbar.settings import Crossbar
from suite.registry import registry
from suite.sweep import sweep
from tests.contract import plainly
from tests.contract.plugins import ALL, ENTROPY, splits, trained

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


# Where a device may change nothing: without spread, at full usability, with and without levels that lose their value.
LEVELS = [(), (1.0,) * 4, (0.0, 0.5, 1.0, 1.0)]
POINTS = [(1.0, 0.0), (math.exp(-0.3), 0.3), (1.0, 0.3), (math.exp(-0.3), 0.0)]


def other_than(default):
    """Values that a study may set instead of a default."""
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, (int, float)):
        return [default + 1, 2 * default]
    return []


def settings_of(device):
    """The defaults, every setting changed by itself, and all of them at once."""
    changes = {name: [value, *other_than(value)] for name, value in device.settings.items()}
    return [tuple(zip(changes, values, strict=True)) for values in product(*changes.values())]


def conditions_of(name):
    for (usability, sigma), levels, settings in product(POINTS, LEVELS, settings_of(ALL.device(name))):
        yield Condition(usability, sigma, device=name, level_ratio=levels, settings=settings)


@DEVICES
@SHAPES
def test_what_a_device_calls_ideal_changes_nothing(name, shape):
    device, targets = ALL.device(name), weights(shape)
    for condition in filter(device.ideal, conditions_of(name)):
        found = device.program(targets, condition, noise(name, shape)).weights()
        assert found.equal(targets.expand(REALISATIONS, *shape)), condition


def test_devices_of_the_house_say_when_they_are_ideal():
    """What spares every study its clean level of every realisation; the settings change nothing about it."""
    clean = Condition(1.0, 0.0)
    assert all(registry().device(name).ideal(clean) for name in ("lognormal", "measured"))
    assert registry().device("lognormal").ideal(replace(clean, settings=(("mean_preserving", True),)))


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


def test_half_of_every_weight_scores_as_half_of_every_weight():
    """At full usability too: no sigma says that a device is perfect."""

    def halved(targets, condition, noise):
        return ProgrammedWeights(0.5 * targets.expand_as(noise))

    workload, network, tests = ALL.workload("elman"), trained("elman"), {"test": splits("elman").tests["test"]}
    arrays = workload.arrays(network)
    lossy = Device("Halved", "tests", ALL.device("lognormal").draw, halved)
    found = sweep(
        workload, network, tests, [Condition(1.0, 0.0), Condition.of(usability=0.74)], (0, 1), name="elman",
        entropy=ENTROPY, seed=0, devices={"lognormal": lossy}, crossbars={"weights": Crossbar()}, block=100,
    ).scores["accuracy"]  # fmt: skip
    with programmed(network, {name: 0.5 * array.detach() for name, array in arrays.items()}):
        half = plainly.score(workload, network, tests["test"])
    assert half < plainly.score(workload, network, tests["test"]) - 0.2
    assert found.tolist() == [[pytest.approx(half)] * 2] * 2
