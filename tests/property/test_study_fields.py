"""What a study accepts, for any number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suite.contract.seeds import TUNING_SEED
from suite.studies.study import Levels, Study

anything = st.floats(allow_nan=True, allow_infinity=True)


def accepted(make):
    try:
        return make()
    except ValidationError:
        return None


def study(**fields):
    return Study.model_validate({"name": "s", "scale": "ci", "workloads": ["toy"], "methods": ["erm"], **fields})


@given(anything | st.floats(-0.1, 1.1))
def test_usability_lies_above_0_and_up_to_1(value):
    levels = accepted(lambda: Levels(usability=(value,)))
    assert (levels is not None) == (0 < value <= 1)
    if levels:
        (condition,) = levels.conditions()
        assert condition.sigma_log >= 0
        assert math.exp(-condition.sigma_log) == pytest.approx(value)


@given(anything | st.floats(-1, 5))
def test_sigma_is_finite_and_not_negative(value):
    levels = accepted(lambda: Levels(sigma_log=(value,)))
    assert (levels is not None) == (math.isfinite(value) and value >= 0)


@given(st.lists(st.integers(-2, 4) | st.sampled_from([TUNING_SEED - 1, TUNING_SEED]), max_size=4))
def test_seeds_are_at_least_one_each_once_and_never_that_of_tuning(seeds):
    good = bool(seeds) and len(set(seeds)) == len(seeds) and all(0 <= seed < TUNING_SEED for seed in seeds)
    assert (accepted(lambda: study(seeds=seeds)) is not None) == good


@given(st.integers(-1, 30))
def test_a_number_of_seeds_counts_from_0(count):
    made = accepted(lambda: study(seeds=count))
    assert (made.seeds if made else ()) == tuple(range(count))


@given(st.lists(st.sampled_from([1.0, 0.9, 0.5]), max_size=3), st.lists(st.sampled_from([0.0, -0.0, 0.3]), max_size=3))
def test_a_condition_may_be_given_once(usability, sigma):
    made = accepted(lambda: study(conditions=[{"usability": usability, "sigma_log": sigma}]))
    ideal = usability.count(1.0) + sigma.count(0.0)
    once = ideal < 2 and sigma.count(0.3) < 2 and usability.count(0.9) < 2 and usability.count(0.5) < 2
    assert (made is not None) == (once and bool(usability or sigma))


@given(st.text(max_size=8))
def test_a_name_is_safe_as_a_folder(name):
    made = accepted(lambda: study(name=name))
    assert made is None or not set(made.name) & set("/\\. \n\0")
