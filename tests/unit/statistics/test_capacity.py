"""Where success falls through one half, and the numbers that are fitted to it, on machines of known capacity."""

import numpy as np
import pytest

from suite.statistics.capacity import Trials, edge_cost, estimate, exponent, per_neuron


def trials(neurons, half, active=0, ratio=1.0, count=40, seed=0):
    """Success of `count` trials about a known half, from certain to never."""
    states = np.linspace(0.4, 1.8, 15) * half
    chances = 1 / (1 + np.exp(10 * (states / half - 1)))
    success = np.random.default_rng(seed).random((15, count)) < chances[:, None]
    return Trials(neurons, active, ratio, states, ratio * states, success.astype(float))


def test_the_half_is_where_success_falls_through_it():
    exact = Trials(10, 0, 1.0, np.array([2.0, 4.0, 8.0]), np.zeros(3), np.array([[1.0], [0.75], [0.25]]))
    assert exact.half == 6
    assert trials(100, 20).half == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize("success", [[1.0, 1.0, 0.6], [0.4, 0.2, 0.0]])
def test_what_never_crosses_has_no_half(success):
    assert np.isnan(Trials(10, 0, 1.0, np.arange(3.0), np.arange(3.0), np.array(success)[:, None]).half)


def test_numbers_of_machines_that_follow_a_rule():
    """states + 2.2 edges = 0.08 N; sparse ones hold 2e-5 N^1.9, the best of two k counts."""
    dense = [
        trials(neurons, 0.08 * neurons / (1 + 2.2 * ratio), ratio=ratio, seed=neurons)
        for neurons in (500, 1000, 2000)
        for ratio in (0.5, 1.0, 3.0)
    ]
    sparse = [
        trials(n, part * 2e-5 * n**1.9, active=k, seed=k) for n in (512, 2048) for k, part in ((50, 1), (100, 0.5))
    ]
    groups = dense + sparse
    assert edge_cost(groups) == pytest.approx(2.2, rel=0.1)
    assert per_neuron(groups) == pytest.approx(0.08 / 3.2, rel=0.05)
    assert exponent(groups, sparse=False) == pytest.approx(1, abs=0.1)
    assert exponent(groups, sparse=True) == pytest.approx(1.9, abs=0.1)
    assert np.isnan(exponent(dense, sparse=True))


def test_an_interval_holds_the_number_and_is_the_same_every_time():
    group = trials(100, 20, count=8)
    first, again = (estimate([group], lambda some: some[0].half, np.random.default_rng(1)) for _ in range(2))
    assert first == again
    assert first.low < first.value < first.high
    assert first.low < 20 < first.high
