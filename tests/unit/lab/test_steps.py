"""Which voltages of a sweep are zero, and what noise of the source hides."""

import numpy as np
import pytest

from suite.lab.characterise.columns import Measured
from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.steps import near_zero_V, steadied
from suite.lab.characterise.sweeps import Source
from suite.lab.characterise.traces import cycles_of_trace

FACTORS = np.array([1.1, 0.95, 1.0, 0.9])
RIGHT = float(np.log(FACTORS / FACTORS.mean()).std())
LOGARITHMIC = np.geomspace(1e-3, 1, 40)


def there_and_back(up):
    return np.r_[up, up[::-1][1:]]


def fitted(tmp_path, sweep, noise=0.0, seed=0):
    """Four cycles of a cell that differ by FACTORS, their voltage measured with noise."""
    file = tmp_path / "a.csv"
    file.touch()
    volts = np.tile(sweep, len(FACTORS))
    amperes = volts * 1e-4 * (1 + 2 * abs(volts)) * np.repeat(FACTORS, len(sweep))
    measured = volts + noise * np.random.default_rng(seed).standard_normal(len(volts))
    found = Measured(measured, amperes[:, None], None, None, np.arange(len(volts)), (), ())
    return fit_device(cycles_of_trace(Source(file), found))


@pytest.mark.parametrize("start", [[], [0.0], [1e-5]])
def test_no_point_of_a_logarithmic_sweep_is_at_zero(tmp_path, start):
    found = fitted(tmp_path, there_and_back(np.r_[start, LOGARITHMIC]))
    # Two cycles that meet at the lowest voltage share a sample where they are cut.
    assert len(found.loop.voltage) >= 78
    assert found.loop.voltage.min() == pytest.approx(1e-3)
    assert found.fit.sigma_log == pytest.approx(RIGHT, rel=1e-6)


def test_half_a_step_is_that_of_the_positive_branch():
    volts = np.r_[there_and_back(np.linspace(0, 0.3, 13)), -there_and_back(np.linspace(0, 3, 13))]
    assert near_zero_V(volts) == pytest.approx(0.0125)
    assert near_zero_V(-np.linspace(0.5, 1, 11)) == pytest.approx(0.025)


def test_steps_without_noise_stay_as_they_are():
    for sweep in (there_and_back(np.linspace(0, 1, 13)), there_and_back(LOGARITHMIC), np.sin(np.linspace(0, 20, 200))):
        calm, noise = steadied(sweep)
        assert noise == 0
        assert calm is sweep


def test_a_voltage_that_jumps_is_not_averaged():
    pulses = np.where(np.arange(200) % 2, 0.0, np.tile(np.linspace(0.1, 1, 50), 4))
    assert steadied(pulses)[0] is pulses


@pytest.mark.parametrize("noise", [0.001, 0.003, 0.01])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("shape", ["one side", "both sides", "sine", "rests"])
def test_sigma_survives_the_noise_of_a_scope(tmp_path, shape, seed, noise):
    up = there_and_back(np.linspace(0, 1, 401))
    sweeps = {"one side": up, "both sides": np.r_[up, -up[1:]], "sine": np.sin(np.linspace(0, 2 * np.pi, 1604))}
    sweep = np.r_[up, np.zeros(400)] if shape == "rests" else sweeps[shape]
    assert fitted(tmp_path, sweep, noise, seed).fit.sigma_log == pytest.approx(RIGHT, rel=0.06)
