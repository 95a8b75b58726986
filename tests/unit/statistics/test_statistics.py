"""Intervals against their definition and against their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from suite.statistics.paired import interval, paired


def test_interval_is_students_t_on_seed_means() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0])
    assert found.mean == 2.5
    # t(0.975, 3) = 3.182446; standard deviation 1.290994, n = 4
    assert found.half_width == pytest.approx(3.182446 * 1.290994 / 2, rel=1e-5)


def test_one_seed_has_no_interval_and_shows_nothing() -> None:
    found = interval([0.9])
    assert math.isnan(found.half_width)
    assert not found.excludes_zero


def test_pairing_removes_what_both_sides_share() -> None:
    shared = np.array([0.1, 0.5, 0.9, 0.3])
    found = paired(shared + np.array([0.010, 0.011, 0.009, 0.010]), shared)
    assert found.mean == pytest.approx(0.01)
    assert found.excludes_zero


def test_other_seeds_on_the_two_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        paired([1.0, 2.0], [1.0])


def test_coverage_is_nominal() -> None:
    rng = np.random.default_rng(1)
    hits = sum(abs(found.mean) <= found.half_width for found in map(interval, rng.normal(size=(4000, 5))))
    assert 0.935 < hits / 4000 < 0.965
