"""`suite compare` on 5,000 simulated studies of 5 seeds x 20 realisations: its 95 % intervals hold the truth in 94 to
96 of 100 cases, for means and for paired differences. What the bootstrap over five seeds covers is reported."""

from tests.simulated import coverage

FILES = ("tests/simulated.py",)
CUBES, CHUNK = 5_000, 250


def test_coverage_is_nominal(measured):
    parts = [coverage(range(first, first + CHUNK)) for first in range(0, CUBES, CHUNK)]
    shares = {name: sum(part[name].share for part in parts) / len(parts) for name in parts[0]}
    for name, share in shares.items():
        measured(name, round(share, 4))
    assert 0.94 <= shares["mean"] <= 0.96
    assert 0.94 <= shares["difference"] <= 0.96
