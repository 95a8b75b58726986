"""Drift compensation: one factor per array, from a calibration read, applied after the converters."""

import pytest
import torch
from torch import nn

from suite.contract import Condition, Device, ProgrammedWeights
from suite.crossbar.circuit.conductances import gain
from suite.crossbar.circuit.converters import converted
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.circuit.readout import Readout
from suite.crossbar.circuit.reads import Range
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar, CrossbarError

NETWORK = nn.Sequential(nn.Linear(13, 6), nn.Linear(6, 2))


def fading(kept: float, spread: float = 0.0, flicker: float = 0.0) -> Device:
    """Cells that keep a share of their conductance, more or less."""

    def program(targets, condition, noise):
        cells = (targets * kept * (1 + spread * noise)).clamp(min=0)
        return ProgrammedWeights(cells, flicker * cells if flicker else None)

    def draw(shape, generator):
        return torch.randn(shape, generator=generator)

    return Device("F", "tests", draw, program, conductances=True)


def item(device: Device, compensated: bool = True, **settings):
    arrays = {name: p.detach() for name, p in NETWORK.named_parameters() if p.ndim == 2}
    crossbar = Crossbar(g_max_uS=50.0, drift_compensation="global" if compensated else None, **settings)
    key = Key("n", 1, 0, {"lognormal": device}, {}, 1)
    (found,) = programmer_of(NETWORK, arrays, crossbar, key).items([Condition.of(sigma_log=0.5)], [0])
    return arrays, found, crossbar, key


def test_what_all_cells_lost_comes_back():
    arrays, found, *_ = item(fading(0.7))
    for name, target in arrays.items():
        assert found.gains[name] == pytest.approx(1 / 0.7, rel=1e-5)
        torch.testing.assert_close(found.weights[name], target, rtol=1e-5, atol=1e-6)


def test_without_it_weights_stay_as_they_came():
    arrays, found, *_ = item(fading(0.7), compensated=False)
    assert found.gains == {}
    torch.testing.assert_close(found.weights["0.weight"], 0.7 * arrays["0.weight"], rtol=1e-5, atol=1e-6)


def test_errors_of_cells_average_out():
    target = torch.randn(400, 300, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(400, 300, generator=torch.Generator().manual_seed(2))
    assert gain(target, 0.8 * target + noise, torch.zeros(())) == pytest.approx(1 / 0.8, rel=0.02)


def test_an_array_of_which_nothing_comes_keeps_its_outputs():
    assert gain(torch.ones(3), torch.zeros(3), torch.zeros(3)) == 1.0
    assert gain(torch.zeros(3), torch.zeros(3), torch.zeros(3)) == 1.0


def test_the_calibration_read_is_noisy_where_reads_are_and_drawn_once_per_realisation():
    quiet, noisy = (item(fading(0.7), read_noise_uS=noise)[1].gains for noise in (None, 1.0))
    flickering = item(fading(0.7, flicker=0.1))[1].gains
    assert noisy == item(fading(0.7), read_noise_uS=1.0)[1].gains
    for other in (noisy, flickering):
        assert all(0 < abs(other[name] / quiet[name] - 1) < 0.1 for name in quiet)


def test_converters_see_the_current_and_the_factor_comes_after_them():
    arrays, found, crossbar, key = item(fading(0.7), output_bits=4)
    ranges = {name: {False: Range(5.0, (3.0,))} for name in arrays}
    array = Readout(crossbar, dict.fromkeys(arrays, 1.0), ranges, key).array("0.weight", found)
    inputs = torch.randn(20, 13, generator=torch.Generator().manual_seed(3))
    wanted = converted(inputs @ (0.7 * arrays["0.weight"]).t(), 3.0, 4) / 0.7
    torch.testing.assert_close(array.apply(inputs), wanted, rtol=1e-5, atol=1e-5)


def test_noise_of_reads_is_scaled_with_the_outputs():
    arrays, found, crossbar, key = item(fading(0.5), read_noise_uS=1.0)
    array = Readout(crossbar, dict.fromkeys(arrays, 0.01), {}, key).array("0.weight", found)
    assert array.unit == pytest.approx(0.01 * found.gains["0.weight"])


@pytest.mark.parametrize("other", [{"sensing": "voltage"}, {"source_ohm": 10.0}, {"undo": "line"}])
def test_what_makes_up_for_a_common_factor_by_itself_is_refused_beside_it(other):
    with pytest.raises(CrossbarError, match=r"drift_compensation: .*leave"):
        Crossbar(g_max_uS=50.0, g_min_uS=1.0, drift_compensation="global", output_bits=4, **other)
