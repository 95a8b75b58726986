"""The simulated chip held against what the real one gave: slopes, residuals and steps of its outputs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from suite.contract import Condition
from suite.contract.registry import registry
from suite.crossbar.circuit.programming import aimed_at, programmer_of
from suite.crossbar.circuit.readout import Readout
from suite.crossbar.circuit.reads import Range
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from tests.unit.neurram.chip_data import arrays, line_fits, official, resnet, tensor

DAY_S = 1e5
CELLS = {"g_min_uS": 1.0, "g_max_uS": 40.0, "rest": "floor", "scale_percentile": 95.0, "clip_at_g_max": False}
WRITTEN = {**CELLS, "window_uS": 1.0, "faulty_cells": 0.01}
CHIP = Crossbar(
    **WRITTEN, sensing="voltage", undo="line", output_steps=127, output_noise_codes=0.65, polarity_gain=0.06
)
ROWS, BIAS_ROWS, SEGMENTS = 96, 2, 6


def segment(network):
    """Rows (kernel row, kernel column, channel) 480 to 575 of the 15th convolution, normalisation folded in, and its
    two rows of bias: (64, 98); the input clip."""
    block = network.blocks[6]
    factor = block.norm2.weight / (block.norm2.running_var + block.norm2.eps).sqrt()
    kernel = (block.conv2.weight * factor[:, None, None, None]).permute(0, 2, 3, 1).flatten(1)
    bias = (block.conv2.bias - block.norm2.running_mean) * factor + block.norm2.bias
    clip = float(block.inner.clip)
    rows = (bias / (clip * SEGMENTS * BIAS_ROWS))[:, None].expand(-1, BIAS_ROWS)
    return torch.cat([kernel[:, 5 * ROWS :], rows], 1).detach(), clip


def conductance(weights, crossbar):
    """S of each line, uS."""
    return aimed_at(weights, crossbar).sum((0, 2)).numpy()


def measured():
    """Slopes in codes per unit of the 64 columns."""
    rows = line_fits("resnet20.conv15.seg5.inference")
    assert [int(row["column"]) for row in rows] == list(range(64))
    return np.array([float(row["slope_code_per_unit"]) for row in rows])


def test_slopes_of_a_segment_go_with_the_inverse_of_its_conductances():
    with torch.no_grad():
        weights, _ = segment(resnet())
    slopes, sums = measured(), conductance(weights, Crossbar(**CELLS))
    assert np.corrcoef(1 / sums, slopes)[0, 1] >= 0.9
    assert (slopes * sums).std() / (slopes * sums).mean() < 0.06 < 0.12 < slopes.std() / slopes.mean()


def patches(network, count):
    """(count, 98) inputs of the segment on training photographs, with its bias rows at full scale."""
    images, labels = official("cifar10").train
    chosen = torch.from_numpy(np.ascontiguousarray(images[np.arange(count)])).float() / 255
    assert len(labels) == 50_000
    block, maps = network.blocks[6], network.quantised(network.norm(network.stem(network.inputs(chosen))))
    maps = network.blocks[:6](maps)
    maps = block.inner(block.norm1(block.conv1(block.border(maps))))
    windows = functional.unfold(maps[:, :, 3:6, 3:6], 3)[..., 0].view(count, 64, 9).mT.flatten(1)
    return torch.cat([windows[:, 5 * ROWS :], torch.full((count, BIAS_ROWS), float(block.inner.clip))], 1)


def residuals(crossbar, count=1000):
    """(64,) rms in units of what the simulated segment gives after its line fit, at the scale of the real one."""
    with torch.no_grad():
        network = resnet()
        weights, _ = segment(network)
        inputs, layer = patches(network, count), nn.Linear(ROWS + BIAS_ROWS, 64, bias=False)
        layer.weight.copy_(weights)
        key = Key("conv15", 1, 0, {"rram40": registry().device("rram40")}, {}, 1)
        targets = {"weight": layer.weight.detach()}
        programmer = programmer_of(layer, targets, crossbar, key)
        condition = Condition.of(levels={"seconds": DAY_S}, device="rram40")
        item = programmer.item(condition, programmer.draws(key.devices["rram40"], 0), 0)
        readout = Readout.of(layer, targets, crossbar, key, lambda: layer(inputs))
        # One code is worth what it was on the chip: K of slope = K / S.
        code = float((1 / (torch.from_numpy(measured()) * readout.sensing("weight")[False].scales[0])).mean())
        readout = replace(readout, ranges={"weight": {False: Range(1.0, (127 * code,))}})
        item = readout.fitted(layer, item, lambda: layer(inputs), count)
        with readout.reading(layer, item, "again", 0):
            found = layer(inputs)
        return (found - layer(inputs)).square().mean(0).sqrt().numpy()


def test_residuals_of_a_segment_are_those_of_the_chip():
    logged = [float(row["residual_std_units"]) for row in line_fits("resnet20.conv15.seg5.calibration")]
    assert np.mean(logged) == pytest.approx(0.14, abs=0.005)
    assert 0.11 <= residuals(CHIP).mean() <= 0.16


def test_residuals_without_noise_of_the_converter_fall_short_of_the_chip():
    assert residuals(replace(CHIP, output_noise_codes=None)).mean() < 0.11


def lstm_step(logits):
    """The grid of a column's outputs: the smallest step between values that it takes."""
    values = np.unique(logits)
    steps = np.diff(values)
    return np.median(steps[steps < 1.5 * np.quantile(steps[steps > 1e-6], 0.1)])


def test_steps_of_the_recurrent_cells_outputs_go_with_their_conductances():
    read, stored = arrays("lstm_chip_logits"), arrays("weights_lstm_max_w_0.2_bias_row_2")
    crossbar = Crossbar(**{**CELLS, "g_max_uS": 30.0})
    for cell in range(4):
        weights = tensor(stored["dense_weights"][cell].T).clamp(-0.2, 0.2)
        bias = tensor(stored["dense_bias"][cell, 0]).clamp(-0.4, 0.4)[:, None].expand(-1, 2) / 2
        sums = conductance(torch.cat([weights, bias], 1), crossbar)
        steps = [lstm_step(read["logits"][cell][:, word]) for word in range(12)]
        assert np.corrcoef(steps, sums)[0, 1] >= 0.85, cell


@pytest.mark.parametrize(("halves", "least", "most"), [(True, 0.8, 1.0), (False, -1.0, 0.2)])
def test_backward_slopes_of_the_boltzmann_machine_go_with_its_placement(halves, least, most):
    """Group g of the visible units v mod 8, and the halves of the hidden ones: 0 to 59 and 60 to 119, not even and
    odd."""
    read, stored = arrays("rbm_calibration_backward"), arrays("weights_rbm_p020")
    weights = tensor(stored["weights"]).clamp(-1, 1)
    crossbar, found = Crossbar(**{**CELLS, "g_max_uS": 30.0}), []
    for group in range(6):
        for half in range(2):
            hidden = slice(60 * half, 60 * half + 60) if halves else slice(half, None, 2)
            # Slopes of the voltages, in the middle of the sweep; two lines for each hidden unit.
            slopes = np.abs(read["run1_slope_code_per_unit"][group, half]).mean(0).reshape(60, 2).mean(1)
            sums = conductance(weights[group::8, hidden].t().contiguous(), crossbar)
            found.append(np.corrcoef(1 / sums, slopes)[0, 1])
    assert least <= np.mean(found) <= most
