"""The Gaussian process of the fabrication search, and what it proposes."""

import numpy as np
import pytest
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from suite.lab.fabrication.acquisition import batch, expected_improvement, first_best
from suite.lab.fabrication.kernel import LENGTH, NOISE, VARIANCE, NoisyMatern
from suite.lab.fabrication.surrogate import Prediction, Surrogate

RNG = np.random.default_rng(3)
FEATURES = RNG.random((12, 4))
VALUES = 3 + np.sin(4 * FEATURES[:, 0]) + 0.01 * RNG.normal(size=12)


def test_the_kernel_is_that_of_scikit_learn():
    lengths = [0.3, 1.0, 2.0, 5.0]
    ours = NoisyMatern((1.7, *lengths, 0.2))
    theirs = ConstantKernel(1.7, VARIANCE) * Matern(lengths, LENGTH, nu=2.5) + WhiteKernel(0.2, NOISE)
    np.testing.assert_allclose(ours.theta, theirs.theta)
    np.testing.assert_allclose(ours.bounds, theirs.bounds)
    for mine, other in zip(ours(FEATURES, eval_gradient=True), theirs(FEATURES, eval_gradient=True), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-12)
    np.testing.assert_allclose(ours(FEATURES[:5], FEATURES), theirs(FEATURES[:5], FEATURES), atol=1e-12)
    np.testing.assert_allclose(ours.diag(FEATURES), theirs.diag(FEATURES))


def test_hyperparameters_climb_the_likelihood_and_repeat_to_the_byte():
    surrogate = Surrogate(FEATURES, VALUES)
    again = Surrogate(FEATURES, VALUES)
    assert surrogate.optimum.tobytes() == again.optimum.tobytes()
    fitted = surrogate._fitted
    start = NoisyMatern.fresh(4).theta
    assert fitted.log_marginal_likelihood(surrogate.optimum) > fitted.log_marginal_likelihood(start) + 1
    # A second start can only help.
    warm = Surrogate(FEATURES, VALUES, np.log([1.0, 0.5, 20.0, 20.0, 20.0, 1e-3]))._fitted
    assert warm.log_marginal_likelihood_value_ >= fitted.log_marginal_likelihood_value_ - 1e-9


def test_predictions_are_on_the_scale_of_the_values():
    surrogate = Surrogate(FEATURES, VALUES)
    near, far = surrogate.predict(FEATURES), surrogate.predict(FEATURES + 100.0)
    assert np.abs(near.mean - VALUES).max() < 0.1
    assert far.mean == pytest.approx(VALUES.mean(), abs=1e-6)
    assert (near.latent_sd < 0.1).all()
    assert (far.latent_sd > near.latent_sd.max()).all()
    assert (near.sd > near.latent_sd).all()
    assert surrogate.best == pytest.approx(near.mean.max())


def test_equal_values_are_no_division_by_zero():
    found = Surrogate(FEATURES[:3], np.full(3, 0.5)).predict(FEATURES)
    assert found.mean == pytest.approx(0.5)
    assert np.isfinite(found.sd).all()


def test_believing_moves_no_mean_and_makes_the_place_known():
    surrogate, place = Surrogate(FEATURES, VALUES), np.full((1, 4), 0.95)
    before, after = surrogate.predict(place), surrogate.believing(place).predict(place)
    assert after.mean == pytest.approx(before.mean, abs=1e-8)
    assert after.latent_sd[0] < before.latent_sd[0]
    assert surrogate.predict(place).latent_sd == before.latent_sd


def test_expected_improvement_agrees_with_sampling():
    prediction = Prediction(np.array([0.0, 1.0, -2.0, 2.0, 0.5]), np.array([1.0, 0.5, 1.5, 0.0, 0.0]), np.ones(5))
    found = expected_improvement(prediction, best=0.8)
    draws = prediction.mean + prediction.latent_sd * np.random.default_rng(0).normal(size=(400_000, 5))
    np.testing.assert_allclose(found, np.maximum(draws - 0.8, 0).mean(axis=0), atol=5e-3)
    assert found[3] == pytest.approx(1.2)
    assert found[4] == 0.0


def test_ties_go_to_the_first_whatever_rounding_says():
    assert first_best(np.array([0.1, 0.3, 0.3 + 1e-15, 0.2])) == 1
    assert first_best(np.array([0.1, 0.3, 0.3 + 1e-6])) == 2
    assert first_best(np.array([0.0, 0.0])) == 0


def test_a_batch_spreads_and_never_repeats():
    candidates = np.vstack([FEATURES[:1]] * 3 + [RNG.random((30, 4))])
    rows, gains = batch(Surrogate(FEATURES, VALUES), candidates, 6)
    assert len(rows) == len(set(rows)) == 6
    assert min(gains) >= 0
    alone, _ = batch(Surrogate(FEATURES, VALUES), candidates, 1)
    assert alone == rows[:1]
    everything, _ = batch(Surrogate(FEATURES, VALUES), candidates[:4], 9)
    assert sorted(everything) == [0, 1, 2, 3]
