"""Levels that a device declares: points of the condition axis with names of their own, and no usability."""

import copy
import math
import pickle

import pytest

from suite.contract import SIGMA, Condition, Device, Level
from suite.contract.levels import RESERVED
from suite.results.cube import to_frame
from suite.studies.levels import Levels
from tests import cubes

LATE = Condition.of(device="oxide", levels={"seconds": 3600, "noise": 0.1})


def device(**levels):
    return Device("D", "tests", lambda *given: None, lambda *given: None, {"speed": 1.0}, levels=levels)


def test_a_condition_of_other_levels_has_no_usability():
    assert math.isnan(LATE.usability) and math.isnan(LATE.sigma_log)
    assert LATE.key == "oxide(noise=0.1,seconds=3600)@weights"
    assert LATE.level("seconds") == 3600
    both = Condition.of(usability=1.0, levels={"seconds": 1e9}, settings=(("speed", 2.0),))
    assert both.key == "lognormal(sigma_log=0,seconds=1e+09,speed=2.0)@weights"


def test_a_level_that_a_condition_lacks_is_named_with_the_fix():
    with pytest.raises(LookupError, match=r"oxide\(.*\)@weights has no level 'hours'; declare it in Device\(levels"):
        LATE.level("hours")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_equal_conditions_are_equal_in_another_process_too(again):
    for condition in (LATE, Condition.of(usability=0.5, device="oxide", level_ratio=(1.0, 0.5))):
        assert again(condition) == condition
        assert hash(again(condition)) == hash(condition)
    swapped = Condition(float("nan"), float("nan"), device="oxide", levels=(("seconds", 3600), ("noise", 0.1)))
    assert swapped == LATE


def test_the_example_of_a_device_has_every_level():
    assert device(seconds=Level("s", 60.0)).example("oxide") == Condition.of(device="oxide", levels={"seconds": 60.0})
    both = device(**SIGMA, seconds=Level("s", 60.0)).example("oxide")
    assert (both.usability, both.level("seconds")) == (pytest.approx(0.5), 60.0)


@pytest.mark.parametrize("name", ["speed", "usability", "condition", "grid", "after hours", "n_nonfinite"])
def test_a_name_that_is_taken_is_refused(name):
    with pytest.raises(ValueError, match=f"levels: '{name}' is a setting, is taken, or is no plain name"):
        device(**{name: Level("s", 60.0)})


def test_a_device_without_any_level_is_refused():
    with pytest.raises(ValueError, match="levels: give at least one"):
        device()


def test_what_studies_and_tables_call_otherwise_is_taken(tmp_path):
    columns = to_frame(cubes.filled_cube(tmp_path / "cube.zarr").path).columns
    assert {*Levels.model_fields, *columns} - {"sigma_log"} <= RESERVED


def test_what_a_device_does_not_know_is_refused():
    assert Level("s", 60.0, least=20.0).check(20.0) == 20.0
    with pytest.raises(ValueError, match="nothing is known at 19, give a value from 20 to inf"):
        Level("s", 60.0, least=20.0).check(19.0)
    with pytest.raises(ValueError, match="nothing is known at 60, give one of 1, 86400"):
        Level("s", 1.0, only=(1.0, 86400.0)).check(60.0)
