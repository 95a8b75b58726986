"""No sigma says that a device is perfect: the device alone does."""

from dataclasses import replace

import pytest

from suite.checks import plainly
from suite.checks.kit import ENTROPY
from suite.contract import Condition, Device, ProgrammedWeights
from suite.contract.registry import registry
from suite.crossbar.arrays import programmed
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.sweep import sweep
from tests.contract.plugins import KIT

CLEAN = Condition(1.0, 0.0)


def test_devices_of_the_house_say_when_they_are_ideal():
    """What spares studies the clean level of every realisation; no setting changes anything about it."""
    assert all(registry().device(name).ideal(CLEAN) for name in ("lognormal", "measured"))
    assert registry().device("lognormal").ideal(replace(CLEAN, settings=(("mean_preserving", True),)))


def test_half_of_every_weight_scores_as_half_of_every_weight():
    """At full usability too: 0.64 where the clean network has 0.94."""

    def halved(targets, condition, noise):
        return ProgrammedWeights(0.5 * targets.expand_as(noise))

    workload, network, data = KIT.workload("elman"), KIT.trained("elman"), KIT.splits("elman").tests["test"]
    lossy = Device("Halved", "tests", registry().device("lognormal").draw, halved)
    found = sweep(
        workload, network, {"test": data}, [CLEAN, Condition.of(usability=0.74)], (0, 1),
        Key("elman", ENTROPY, 0, {"lognormal": lossy}, {"weights": Crossbar()}, 100),
    ).scores["accuracy"]  # fmt: skip
    with programmed(network, {name: 0.5 * array.detach() for name, array in workload.arrays(network).items()}):
        half = plainly.score(workload, network, data)
    assert half < plainly.score(workload, network, data) - 0.2
    assert found.tolist() == [[pytest.approx(half)] * 2] * 2
