"""Intervals of a comparison hold the truth as often as they say; `make claims` does the same with 5,000 cubes."""

from scipy.stats import binom

from tests.simulated import coverage

CUBES = 30


def test_intervals_cover_what_they_should():
    found = coverage(range(CUBES))
    assert len(found) == 10
    # Levels of one cube are not independent: as if each cube gave one interval.
    least = binom.ppf(1e-6, CUBES, 0.95) / CUBES
    assert {name: one.share for name, one in found.items() if one.share < least} == {}
    # An interval too wide to miss would be of no use.
    assert min(found["mean"].share, found["difference"].share) < 1
