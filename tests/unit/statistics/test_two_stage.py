"""Variance components and Stein's rule, against numbers worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.statistics.components import Components, components, of_test_samples
from suite.statistics.paired import interval
from suite.statistics.two_stage import SHARE, draws_needed, realisations_needed


def test_components_of_two_seeds_by_hand():
    found = components(np.array([[1.0, 3.0], [5.0, 7.0]]))
    # Seed means 2 and 6; within each seed the variance is 2, half of which is part of the variance of the means.
    assert found == Components(seeds=2, realisations=2, mean=4.0, of_means=8.0, within=2.0)
    assert found.between == 7.0
    assert found.half_width == pytest.approx(12.7062 * math.sqrt(8 / 2), rel=1e-5)
    assert found.predicted(2) == pytest.approx(found.half_width)
    assert found.predicted(20) == pytest.approx(12.7062 * math.sqrt(7.1 / 2), rel=1e-5)


def test_the_half_width_is_that_of_every_table():
    scores = np.random.default_rng(0).normal(size=(7, 4))
    assert components(scores).half_width == pytest.approx(interval(scores.mean(1)).half_width)


def test_seeds_that_differ_less_than_their_realisations_say_have_no_variance_of_their_own():
    found = components(np.array([[0.0, 2.0], [2.0, 0.0]]))
    assert (found.of_means, found.within, found.between) == (0.0, 2.0, 0.0)


def test_components_are_found_again():
    rng = np.random.default_rng(1)
    found = components(3 + rng.normal(size=(4000, 1)) * 0.2 + rng.normal(size=(4000, 10)) * 0.5)
    assert found.between == pytest.approx(0.04, rel=0.1)
    assert found.within == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("shape", [(1, 5), (5, 1)])
def test_one_of_either_shows_no_variance(shape):
    with pytest.raises(ValueError, match="two seeds and two realisations"):
        components(np.zeros(shape))


def test_test_samples_are_binomial():
    assert of_test_samples(0.9, 100) == pytest.approx(0.03**2)
    right = np.random.default_rng(2).random((20_000, 50)) < 0.7
    assert right.mean(1).var() == pytest.approx(of_test_samples(0.7, 50), rel=0.05)


def test_steins_number_by_hand():
    # t(0.975, 9) = 2.262157; 4 * 2.262157^2 = 20.47
    assert draws_needed(4.0, 9, 1.0) == 21
    assert draws_needed(0.0, 9, 1.0) == 1


# Five seeds: t(0.975, 4) = 2.776445. Within half of 0.1^2: 0.01 * 2.776445^2 / 0.005 = 15.4 runs, 4 for each seed.
PILOT = Components(seeds=5, realisations=2, mean=0.5, of_means=0.005, within=0.01)


def test_realisations_by_hand():
    assert SHARE == 0.5
    assert realisations_needed(PILOT, 0.1, most=100) == 4
    assert realisations_needed(PILOT, 0.1, most=3) == 3
    assert realisations_needed(PILOT, 0.2, most=100) == 2


def test_a_cell_that_no_realisation_can_help_keeps_its_pilot():
    # Seeds alone: 2.776445 * sqrt(1 / 5) is 1.2.
    assert realisations_needed(replace(PILOT, of_means=1.0), 0.1, most=100) == 2
    # Realisations alone: 100 for each seed leave 2.776445 * sqrt(0.01 / 500) = 0.0124.
    assert realisations_needed(PILOT, 0.012, most=100) == 2
    assert realisations_needed(PILOT, 0.014, most=100) == 100
    # Nothing differs from one programming to the next.
    assert realisations_needed(replace(PILOT, within=0.0), 0.001, most=100) == 2


def test_seeds_that_differ_by_chance_alone_are_not_given_up():
    # Twice the variance that realisations account for: five seeds show that in one pilot of eleven.
    assert realisations_needed(replace(PILOT, of_means=0.010), 0.1, most=100) == 4


variance = st.floats(1e-9, 1.0)


@given(variance, variance, variance, st.integers(2, 12), st.integers(2, 10), st.floats(1e-3, 0.5), st.integers(10, 90))
def test_seeds_may_only_lessen_the_number(low, high, within, seeds, realisations, half_width, most):
    """What keeps the coverage: an interval that is stopped early is one whose seeds looked wide, never narrow."""
    low, high = sorted((low, high))
    alike = realisations_needed(Components(seeds, realisations, 0.5, low, within), half_width, most)
    apart = realisations_needed(Components(seeds, realisations, 0.5, high, within), half_width, most)
    assert realisations <= apart <= alike <= most
