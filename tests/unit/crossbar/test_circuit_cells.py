"""Weights as pairs of conductances: each non-ideality of a cell alone."""

import pytest
import torch

from suite.contract import Condition
from suite.crossbar.circuit.conductances import pairs, quantised, scattered, weight_per_uS, weights_of
from suite.crossbar.circuit.faults import stuck
from suite.crossbar.circuit.programming import CircuitProgrammer
from suite.crossbar.key import Key
from suite.crossbar.programming import Programmer
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE

PAIRS = Crossbar(g_min_uS=2.0, g_max_uS=50.0)
KEY = Key("cells", 5, 1, {"lognormal": DEVICE}, {}, 1)


def weights(*shape, seed=3):
    return torch.randn(shape or (40, 30), generator=torch.Generator().manual_seed(seed))


def uniform(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(8))


def programmer(crossbar, target, groups=1):
    return CircuitProgrammer({"a": target}, KEY, crossbar, {"a": groups})


def programmed(crossbar, target=None, sigma=0.0, realisation=0, groups=1):
    target = weights() if target is None else target
    cells = programmer(crossbar, target, groups)
    return cells.item(Condition.of(sigma_log=sigma), cells.draws(DEVICE, realisation), realisation).weights["a"]


@pytest.mark.parametrize("g_min", [None, 2.0])
@pytest.mark.parametrize("shape", [(7,), (40, 30), (6, 3, 5, 5)])
def test_pairs_carry_the_weights(g_min, shape):
    crossbar, target = Crossbar(g_min_uS=g_min, g_max_uS=50.0), weights(*shape)
    cells = pairs(target, crossbar)
    assert cells.shape == (2, *shape)
    assert cells.max() == 50
    # One cell of each pair rests, and it is the one of the other sign.
    assert torch.where(target > 0, cells[1], cells[0]).eq(g_min or 0.0).all()
    back = weights_of(cells, weight_per_uS(target, crossbar))
    torch.testing.assert_close(back, target, rtol=1e-6, atol=1e-6 * float(target.abs().max()))


def test_an_array_of_zeros_rests():
    assert pairs(torch.zeros(3, 2), PAIRS).eq(2.0).all()
    assert programmed(PAIRS, torch.zeros(3, 2)).eq(0).all()


@pytest.mark.parametrize("levels", [2, 16])
def test_levels_are_finite_and_nearest(levels):
    crossbar = Crossbar(g_min_uS=2.0, g_max_uS=50.0, levels=levels)
    cells = pairs(weights(), crossbar)
    found = quantised(cells, crossbar)
    grid = torch.linspace(2.0, 50.0, levels)
    torch.testing.assert_close((found[..., None] - grid).abs().amin(-1), torch.zeros_like(found), rtol=0, atol=1e-5)
    assert (found - cells).abs().max() <= 48 / (levels - 1) / 2 + 1e-5
    assert len(quantised(torch.linspace(2.0, 50.0, 500), crossbar).unique()) == levels


def test_programming_noise_has_its_standard_deviation_and_ends_at_zero():
    cells = torch.full((200, 200), 20.0)
    normal = torch.randn(200, 200, generator=torch.Generator().manual_seed(1))
    found = scattered(cells, normal, 1.5)
    assert float(found.std()) == pytest.approx(1.5, rel=0.02)
    assert float(found.mean()) == pytest.approx(20.0, abs=0.03)
    assert scattered(cells, normal, 15.0).min() == 0


def test_stuck_cells_are_at_the_ends_and_as_many_as_asked():
    crossbar = Crossbar(g_min_uS=2.0, g_max_uS=50.0, stuck_on=0.1, stuck_off=0.2)
    cells = torch.full((2, 300, 100), 20.0)
    found = stuck(cells, uniform(2, 300, 100), crossbar)
    shares = [float((found == value).float().mean()) for value in (50.0, 2.0, 20.0)]
    assert shares == pytest.approx([0.1, 0.2, 0.7], abs=0.01)


def test_all_cells_stuck_leave_no_weight():
    assert programmed(Crossbar(g_max_uS=50.0, stuck_off=1.0)).eq(0).all()
    assert programmed(Crossbar(g_max_uS=50.0, stuck_on=1.0), sigma=0.5).eq(0).all()


def test_the_device_acts_on_every_cell():
    """With cells at rest above 0 drift leaves a difference where the weight is 0; positive stays positive."""
    target = torch.zeros(50, 50)
    target[0, 0] = 1.0
    resting = programmed(PAIRS, target, sigma=0.3)
    assert resting[1:].std() > 0
    assert programmed(Crossbar(g_max_uS=50.0), target, sigma=0.3)[1:].eq(0).all()
    cells = programmer(PAIRS, weights())
    conductances = cells.cells(Condition.of(sigma_log=1.0), cells.draws(DEVICE, 0))["a"].values
    assert conductances.shape == (2, 40, 30)
    assert (conductances > 0).all()


def test_drift_of_pairs_has_the_spread_of_the_condition():
    ratio = programmed(Crossbar(g_max_uS=50.0), sigma=0.4) / weights()
    assert float(ratio.log().std()) == pytest.approx(0.4, rel=0.05)
    assert float(ratio.log().mean()) == pytest.approx(0.0, abs=0.05)


NOISY = {"programming_noise_uS": 1.0, "stuck_on": 0.01, "stuck_off": 0.02}


@pytest.mark.parametrize("settings", [{}, {"levels": 8}, NOISY, {"tile_rows": 16, "tile_columns": 8, "wire_ohm": 5.0}])
def test_draws_belong_to_realisation_and_array(settings):
    crossbar = Crossbar(g_max_uS=50.0, g_min_uS=1.0, **settings)
    one, again, other = (programmed(crossbar, sigma=0.2, realisation=number) for number in (0, 0, 1))
    assert one.equal(again)
    assert not one.equal(other)


def test_a_setting_does_not_change_what_the_others_draw():
    crossbar = Crossbar(g_max_uS=50.0, g_min_uS=1.0, **NOISY)
    alone = Crossbar(g_max_uS=50.0, g_min_uS=1.0, stuck_on=0.01, stuck_off=0.02)
    draws = [programmer(given, weights()).draws(DEVICE, 4)["a"] for given in (crossbar, alone)]
    assert draws[0].device.equal(draws[1].device)
    assert draws[0].faults.equal(draws[1].faults)
    assert draws[1].programming is None


def test_plain_weights_are_programmed_as_ever():
    """The circuit has draws of its own shape; those of plain weights are what they were."""
    plain = Programmer({"a": weights()}, KEY)
    assert plain.draws(DEVICE, 2)["a"].shape == (1, 40, 30)
    assert programmer(PAIRS, weights()).draws(DEVICE, 2)["a"].device.shape == (2, 40, 30)
