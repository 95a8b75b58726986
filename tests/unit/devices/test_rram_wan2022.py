"""RRAM of Wan et al.: the spread of the published polynomials, at the times for which there are any."""

import pytest
import torch

from suite.contract import Condition
from suite.devices.rram_wan2022 import DEVICE, spread

DAY = 86400.0


def programmed(target: torch.Tensor, seconds: float) -> torch.Tensor:
    noise = DEVICE.draw(tuple(target.shape), torch.Generator().manual_seed(1))[None]
    return DEVICE.program(target, Condition.of(device="rram_wan2022", levels={"seconds": seconds}), noise).weights()


@pytest.mark.parametrize(
    ("seconds", "conductance", "wanted"),
    # Worked out by hand from the coefficients.
    [(1.0, 12.0, 2.299640), (DAY, 12.0, 3.895485), (2 * DAY, 20.0, 3.929125), (1.0, 40.0, 1.103), (DAY, 0.0, 0.701)],
)
def test_the_spread_is_the_polynomial(seconds, conductance, wanted):
    assert float(spread(torch.tensor(conductance), seconds)) == pytest.approx(wanted, rel=1e-4)


def test_cells_stray_by_it_about_their_target():
    change = programmed(torch.full((500_000,), 12.0), DAY) - 12.0
    assert float(change.std()) == pytest.approx(3.896, rel=0.01)
    assert abs(float(change.mean())) < 0.02


def test_conductances_stay_at_zero_or_above_and_the_spread_ends_at_40():
    assert float(programmed(torch.zeros(1000), DAY).min()) == 0.0
    assert float(spread(torch.tensor(60.0), DAY)) == float(spread(torch.tensor(40.0), DAY))


@pytest.mark.parametrize("seconds", [0.0, 3600.0, 3 * DAY])
def test_other_times_are_refused(seconds):
    with pytest.raises(ValueError, match="give one of 1, 86400, 172800"):
        programmed(torch.ones(3), seconds)
