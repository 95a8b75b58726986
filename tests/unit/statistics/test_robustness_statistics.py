"""Tolerated sigma, area, bootstrap and ranks against cases worked out by hand."""

import numpy as np
import pandas
import pytest

from suite.contract.seeds import numpy_generator
from suite.statistics.bootstrap import seed_bootstrap
from suite.statistics.paired import p_value
from suite.statistics.ranks import ranking
from suite.statistics.tolerance import area, tolerated_sigma

SIGMA = np.array([0.0, 0.2, 0.4, 0.8])


def test_tolerated_sigma_is_linear_between_levels():
    scores = np.array([0.9, 0.9, 0.8, 0.1])
    assert tolerated_sigma(SIGMA, scores, 0.05) == pytest.approx(0.3)
    assert tolerated_sigma(SIGMA, scores, 0.1) == pytest.approx(0.4)
    assert tolerated_sigma(SIGMA, scores, (0.9 - 0.1) / 2) == pytest.approx(0.4 + 0.4 * 0.3 / 0.7)


def test_a_curve_that_never_falls_so_far_tolerates_the_last_level():
    assert tolerated_sigma(SIGMA, np.array([0.9, 0.91, 0.9, 0.88]), 0.05) == 0.8


def test_the_first_crossing_counts():
    assert tolerated_sigma(SIGMA, np.array([0.9, 0.7, 0.9, 0.7]), 0.1) == pytest.approx(0.1)


def test_many_curves_at_once_are_as_one_by_one():
    curves = np.sort(np.random.default_rng(0).random((5, 7, 4)), -1)[..., ::-1]
    lost = (curves[..., 0] - 0.1) / 2
    found = tolerated_sigma(SIGMA, curves, lost)
    for place in np.ndindex(5, 7):
        assert found[place] == tolerated_sigma(SIGMA, curves[place], lost[place])


def test_area_is_the_mean_over_usability():
    assert area(SIGMA, np.full(4, 0.7)) == pytest.approx(0.7)
    # a score equal to usability: (1 + lowest) / 2
    assert area(SIGMA, np.exp(-SIGMA)) == pytest.approx((1 + np.exp(-0.8)) / 2)


def test_the_bootstrap_of_a_mean_is_near_students_t():
    by_seed = np.random.default_rng(4).normal(5.0, 1.0, (20, 1))
    (low,), (high,) = seed_bootstrap(lambda means: means.T, by_seed, numpy_generator(0, "bootstrap"))
    half = 2.093 * by_seed.std(ddof=1) / np.sqrt(20)
    assert low == pytest.approx(by_seed.mean() - half, abs=0.25 * half)
    assert high == pytest.approx(by_seed.mean() + half, abs=0.25 * half)


def test_one_seed_has_no_bootstrap():
    low, high = seed_bootstrap(lambda means: means.T, np.ones((1, 2)), numpy_generator(0, "bootstrap"))
    assert np.isnan([low, high]).all() and low.shape == high.shape == (2,)


def test_numbers_of_one_bootstrap_share_their_resamples():
    by_seed = np.random.default_rng(4).normal(5.0, 1.0, (6, 2))

    def found(statistic):
        return seed_bootstrap(statistic, by_seed, numpy_generator(0, "bootstrap"))

    together = np.array(found(lambda means: np.stack([means[:, 0], means.max(1)])))
    assert np.array_equal(together[:, :1], found(lambda means: means[:, :1].T))
    assert np.array_equal(together[:, 1:], found(lambda means: means.max(1)[None]))


def test_p_values_at_the_edges():
    assert p_value([1.0, 2.0, 4.0], [1.0, 2.0, 4.0]) == 1.0
    assert p_value([1.5, 2.5], [1.0, 2.0]) == 0.0
    assert np.isnan(p_value([1.0], [2.0]))
    # t = 2 sqrt(3) with 2 degrees of freedom: p = 0.0742
    assert p_value([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) == pytest.approx(0.0742, abs=1e-4)


def test_ranks_share_ties_and_are_tested_from_eight_workloads_on():
    scores = pandas.DataFrame({"a": [0.9, 0.8], "b": [0.9, 0.7], "c": [0.1, 0.9]})
    found = ranking(scores)
    assert dict(found.average) == {"a": 1.75, "b": 2.25, "c": 2.0}
    assert list(found.average.index) == ["a", "c", "b"]
    assert found.friedman_p is None and found.nemenyi is None
    many = ranking(pandas.concat([scores] * 4, ignore_index=True))
    # Rank sums 14, 18 and 16: Q = 1 / 0.875 with the correction for four ties, p = exp(-Q / 2)
    assert many.friedman_p == pytest.approx(0.5647, abs=1e-4) and many.nemenyi.shape == (3, 3)


def test_a_missing_score_cannot_be_ranked():
    with pytest.raises(ValueError, match="every method"):
        ranking(pandas.DataFrame({"a": [0.9, np.nan], "b": [0.1, 0.2]}))
