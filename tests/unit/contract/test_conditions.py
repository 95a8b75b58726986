"""Points of the condition axis: two coordinates of one number, and a key that tells conditions apart."""

import math
from dataclasses import replace

import pytest

from suite.contract import Condition
from suite.devices.lognormal import DEVICE


def test_usability_and_sigma_are_one_number():
    assert Condition.of(usability=0.74).sigma_log == pytest.approx(0.30110509)
    assert Condition.of(sigma_log=0.3).usability == pytest.approx(math.exp(-0.3))
    assert Condition.of(usability=0.5).key == Condition.of(sigma_log=math.log(2)).key


def test_only_the_perfect_crossbar_leaves_cells_as_they_are():
    assert DEVICE.ideal(Condition.of(usability=1.0))
    assert DEVICE.ideal(Condition.of(sigma_log=0.0))
    assert not DEVICE.ideal(Condition.of(usability=0.999))
    assert Condition.of(usability=1.0).key == "lognormal(sigma_log=0)@weights"


def test_one_coordinate_is_needed():
    with pytest.raises(ValueError, match="usability or sigma_log"):
        Condition.of(device="lognormal")


def test_device_crossbar_and_settings_tell_conditions_apart():
    plain = Condition.of(usability=0.5)
    others = [
        replace(plain, device="oxide"),
        replace(plain, crossbar="all"),
        replace(plain, settings=(("mean_preserving", True),)),
        Condition.of(usability=0.4),
    ]
    assert len({condition.key for condition in [plain, *others]}) == 5


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({"a": "1,b=2"}, 'a="1,b=2"'),
        ({"a": "1", "b": 2}, 'a="1",b=2'),
        ({"b": 2, "a": 1}, "a=1,b=2"),
        ({"a": 1.0, "b": True}, "a=1.0,b=True"),
        ({"mode": "slow", "b": "True"}, 'b="True",mode=slow'),
        ({"specimen": "mine"}, '"specimen"=mine'),
    ],
)
def test_settings_are_written_so_that_none_can_be_taken_for_another(settings, written):
    condition = Condition.of(sigma_log=0.3, settings=tuple(settings.items()))
    assert condition.key == f"lognormal(sigma_log=0.3,{written})@weights"


def test_a_measured_curve_tells_conditions_apart():
    plain = Condition.of(sigma_log=0.1)
    curves = [replace(plain, specimen="mine", level_ratio=ratio) for ratio in ((), (1.0, 0.5), (1.0, 0.4))]
    assert len({condition.key for condition in [plain, *curves]}) == 4
    assert curves[0].key == "lognormal(sigma_log=0.1,specimen=mine)@weights"
