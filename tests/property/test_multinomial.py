"""Multinomial noise at every rate: three atoms, their shares, mean 1 and the published variance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.methods.bayesmulti import multinomial
from suite.seeds import torch_generator

COUNT = 20_000
rates = st.floats(0.0, 0.9)


def draw(rate):
    return multinomial((COUNT,), rate, torch_generator(7, "test", repr(rate))).double().numpy()


@given(rates)
def test_three_atoms_with_their_shares(rate):
    factors = draw(rate)
    atoms = np.array([0.0, 0.5, 1.0]) / (0.75 * (1 - rate))
    nearest = np.abs(factors[:, None] - atoms).argmin(1)
    np.testing.assert_allclose(factors, atoms[nearest], rtol=1e-6)
    expected = np.array([rate, (1 - rate) / 2, (1 - rate) / 2])
    shares = np.bincount(nearest, minlength=3) / COUNT
    assert (np.abs(shares - expected) <= 6 * np.sqrt(expected * (1 - expected) / COUNT) + 1e-7).all()


@given(rates)
def test_mean_and_variance(rate):
    factors = draw(rate)
    variance = (10 / 9) / (1 - rate) - 1
    atoms = np.array([0.0, 0.5, 1.0]) / (0.75 * (1 - rate))
    fourth = np.array([rate, (1 - rate) / 2, (1 - rate) / 2]) @ (atoms - 1) ** 4
    spread = max(0.0, fourth - variance**2)
    assert factors.mean() == pytest.approx(1, abs=6 * np.sqrt(variance / COUNT))
    assert ((factors - 1) ** 2).mean() == pytest.approx(variance, abs=6 * np.sqrt(spread / COUNT) + 1e-6)


@given(st.one_of(st.floats(max_value=0.0, exclude_max=True), st.floats(min_value=1.0), st.just(float("nan"))))
def test_rates_without_a_mean_are_refused(rate):
    with pytest.raises(ValueError, match="lies in"):
        multinomial((1,), rate, torch.Generator())
