"""Phase-change memory: its moments are those of the published formulas, and its time has a beginning."""

import math

import pytest
import torch

from suite.contract import Condition
from suite.devices.pcm import DEVICE

CELLS = 10**6
HOUR, DAY = 3600.0, 86400.0


def programmed(target: torch.Tensor, seconds: float, **settings: bool):
    noise = DEVICE.draw(tuple(target.shape), torch.Generator().manual_seed(1))[None]
    condition = Condition.of(device="pcm", levels={"seconds": seconds}, settings=tuple(settings.items()))
    return DEVICE.program(target, condition, noise)


def clipped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def moments(g: float, seconds: float) -> tuple[float, float, float]:
    """Mean and standard deviation of the conductance, uS, and the share of it by which reads vary."""
    first = 25 * g
    sd = max(-1.1731 * g**2 + 1.9650 * g + 0.2635, 0)
    mu = clipped(-0.0155 * math.log(g) + 0.0244, 0.049, 0.1)
    spread = clipped(-0.0125 * math.log(g) - 0.0059, 0.008, 0.045)
    # (t / 20)^-nu of a normal nu is log-normal.
    folds = math.log(seconds / 20)
    mean = first * math.exp(-mu * folds + (spread * folds) ** 2 / 2)
    square = (first**2 + sd**2) * math.exp(-2 * mu * folds + 2 * (spread * folds) ** 2)
    share = min(0.0088 / g**0.65, 0.2) * math.sqrt(math.log((seconds + 250e-9) / 500e-9))
    return mean, math.sqrt(square - mean**2), share


@pytest.mark.parametrize("seconds", [20.0, HOUR, DAY, 30 * DAY])
@pytest.mark.parametrize("g", [0.2, 0.5, 1.0])
def test_moments_are_those_of_the_formulas(g, seconds):
    mean, spread, share = moments(g, seconds)
    target = torch.full((CELLS,), 25 * g)
    silent = programmed(target, seconds, read_noise=False)
    assert silent.read_sd is None
    values = silent.weights()
    assert float(values.mean()) == pytest.approx(mean, rel=0.02)
    assert float(values.std()) == pytest.approx(spread, rel=0.02)
    cells = programmed(target, seconds)
    assert cells.weights().equal(values)
    reads = values + cells.read_sd * torch.randn(values.shape, generator=torch.Generator().manual_seed(2))
    assert float(reads.mean()) == pytest.approx(mean, rel=0.02)
    assert float(reads.std()) == pytest.approx(math.sqrt(spread**2 + share**2 * (spread**2 + mean**2)), rel=0.02)


def test_a_cell_at_rest_is_finite_and_not_negative():
    cells = programmed(torch.zeros(1000), 30 * DAY)
    assert torch.isfinite(cells.weights()).all()
    assert 0 <= float(cells.weights().min()) < float(cells.weights().max()) < 2
    assert torch.isfinite(cells.read_sd).all()


def test_times_before_the_first_read_are_refused():
    with pytest.raises(ValueError, match="nothing is known at 19, give a value from 20"):
        programmed(torch.ones(3), 19.0)
