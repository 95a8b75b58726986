"""Multinomial noise at every rate: three atoms, their shares, mean 1 and the published variance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.contract import multinomial
from suite.contract.seeds import torch_generator

COUNT = 20_000
rates = st.floats(0.0, 0.9)
shares = st.one_of(st.just(0.5), st.floats(0.01, 1.0))


def draw(rate, share=0.5):
    return multinomial((COUNT,), rate, torch_generator(7, "test", repr((rate, share))), share).double().numpy()


def law(rate, share):
    """Atoms and their probabilities."""
    return np.array([0.0, 0.5, 1.0]) / ((1 - share / 2) * (1 - rate)), np.array(
        [rate, share * (1 - rate), (1 - share) * (1 - rate)]
    )


@given(rates, shares)
def test_three_atoms_with_their_shares(rate, share):
    factors, (atoms, expected) = draw(rate, share), law(rate, share)
    nearest = np.abs(factors[:, None] - atoms).argmin(1)
    np.testing.assert_allclose(factors, atoms[nearest], rtol=1e-6)
    found = np.bincount(nearest, minlength=3) / COUNT
    assert (np.abs(found - expected) <= 6 * np.sqrt(expected * (1 - expected) / COUNT) + 1e-7 + 12 / COUNT).all()


@given(rates, shares)
def test_mean_and_variance(rate, share):
    factors, (atoms, expected) = draw(rate, share), law(rate, share)
    variance = expected @ (atoms - 1) ** 2
    spread = max(0.0, expected @ (atoms - 1) ** 4 - variance**2)
    assert factors.mean() == pytest.approx(1, abs=6 * np.sqrt(variance / COUNT) + 1e-6)
    assert ((factors - 1) ** 2).mean() == pytest.approx(variance, abs=6 * np.sqrt(spread / COUNT) + 1e-6)
    if share == 0.5:
        assert variance == pytest.approx((10 / 9) / (1 - rate) - 1, abs=1e-12)


@given(rates)
def test_the_authors_family_keeps_its_bytes(rate):
    uniform = torch.rand(COUNT, generator=torch_generator(7, "test", repr((rate, 0.5))))
    before = uniform.sub(rate).mul(2 / (1 - rate)).ceil().clamp_min(0).mul(0.5 / (0.75 * (1 - rate)))
    assert draw(rate).tobytes() == before.double().numpy().tobytes()


@given(st.one_of(st.floats(max_value=0.0, exclude_max=True), st.floats(min_value=1.0), st.just(float("nan"))))
def test_rates_without_a_mean_are_refused(rate):
    with pytest.raises(ValueError, match="rate lies in"):
        multinomial((1,), rate, torch.Generator())


@given(st.one_of(st.floats(max_value=0.0), st.floats(min_value=1.0, exclude_min=True), st.just(float("nan"))))
def test_shares_that_leave_the_simplex_are_refused(share):
    with pytest.raises(ValueError, match="share of halves lies in"):
        multinomial((1,), 0.5, torch.Generator(), share)
