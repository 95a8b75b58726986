"""Exact bounds and radii: published values, ties, limits, and the coverage of the interval."""

import numpy as np
import pytest
from scipy.stats import binom

from suite.certify.bounds import KINDS, NOTHING, Masks, lower_bound, needed, radii
from suite.contract import multinomial
from suite.contract.seeds import torch_generator

REPEATS = 10_000


@pytest.mark.parametrize(
    ("rate", "score", "expected"),
    [
        (0.5, 0.99, (0, 2, 5)),
        (0.8, 0.99, (3, 6, 17)),
        (0.9, 0.9, (4, 9, 15)),
        (0.9, 0.99, (6, 13, 37)),
        (0.95, 0.99, (13, 26, 76)),
        (0.99, 0.99, (66, 134, 389)),
    ],
)
def test_the_reference_radii(rate, score, expected):
    assert tuple(int(radii(kind, score, Masks(rate), 10**6)) for kind in KINDS) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_radius_is_the_last_number_of_faults_that_the_theorem_allows(kind):
    random = np.random.default_rng(0)
    for _ in range(300):
        law, scores = Masks(random.uniform(0.02, 0.98), random.uniform(0.01, 1)), random.uniform(0.4, 1, 50)
        counts = np.arange(5_000)
        allowed = scores[:, None] > needed(kind, counts, law)
        expected = np.where(allowed[:, 0], allowed.argmin(1) - 1, NOTHING)
        np.testing.assert_array_equal(radii(kind, scores, law, 10**6), expected)


def test_an_exact_tie_is_not_certified():
    # 1 - 0.5^1 / 2 = 0.75: one dead cell may leave exactly one half.
    assert radii("dead", np.array([0.75, np.nextafter(0.75, 1)]), Masks(0.5), 9).tolist() == [0, 1]
    # 3/2 - 0.75 = 0.75 likewise for any fault, and 3/2 - (0.5 + 0.25) for a halved cell.
    assert radii("any", 0.75, Masks(0.75), 9) == 0
    assert radii("half_double", 0.75, Masks(0.5), 9) == 0


def test_a_radius_ends_at_the_number_of_cells():
    assert radii("dead", 1.0, Masks(0.5), 7) == 7
    assert radii("any", 1.0, Masks(0.999), 7) == 7


def test_the_laws_of_masks():
    np.testing.assert_allclose(Masks(0.6).probabilities, (0.6, 0.2, 0.2))
    np.testing.assert_allclose(Masks(0.6, 0.25).probabilities, (0.6, 0.1, 0.3))
    assert Masks(0.6, 0.25).overlap("half_double") == pytest.approx(0.7)
    assert Masks(0.6, 1.0).overlap("half_double") == pytest.approx(0.6)
    for rate, share in ((0.0, 0.5), (1.0, 0.5), (float("nan"), 0.5), (0.5, 0.0), (0.5, 1.1)):
        with pytest.raises(ValueError, match="lies in"):
            Masks(rate, share)


def test_the_lower_bound_is_exact():
    masks, error = 50, 0.01
    votes = np.arange(masks + 1)
    bounds = lower_bound(votes, masks, error)
    assert bounds[0] == 0
    assert bounds[-1] == pytest.approx(error ** (1 / masks))
    # At the bound, as many votes or more have exactly the probability that is allowed.
    np.testing.assert_allclose(binom.sf(votes[1:] - 1, masks, bounds[1:]), error, rtol=1e-9)
    assert (np.diff(bounds) > 0).all()


@pytest.mark.parametrize("score", [0.51, 0.8, 0.97, 0.999])
@pytest.mark.parametrize("error", [0.05, 0.001])
def test_the_lower_bound_covers_as_often_as_it_says(score, error):
    votes = np.random.default_rng(int(1000 * score)).binomial(400, score, REPEATS)
    misses = int((lower_bound(votes, 400, error) > score).sum())
    assert misses <= binom.ppf(1 - 1e-6, REPEATS, error)


def test_the_lower_bound_covers_under_the_masks_that_are_drawn():
    """10,000 repeats of 200 masks on three weights, whose smoothed score is a sum over 27 masks."""
    law, masks, error = Masks(0.4, 0.3), 200, 0.01
    scale = (1 - law.half_share / 2) * (1 - law.rate)
    weights = np.array([1.0, -0.7, 0.8])
    atoms = np.array(np.meshgrid(*[[0.0, 0.5, 1.0]] * 3, indexing="ij")).reshape(3, -1).T
    chances = np.array(np.meshgrid(*[law.probabilities] * 3, indexing="ij")).reshape(3, -1).T.prod(1)
    score = float(chances @ (atoms @ weights / scale > 0.1))
    assert 0.3 < score < 0.9
    generator = torch_generator(7, "test", "coverage")
    factors = multinomial((REPEATS, masks, 3), law.rate, generator, law.half_share).numpy()
    votes = (factors @ weights > 0.1).sum(1)
    misses = int((lower_bound(votes, masks, error) > score).sum())
    # Not below nominal, and not so far above that the bound could be anything.
    assert 10 <= misses <= binom.ppf(1 - 1e-6, REPEATS, error)
