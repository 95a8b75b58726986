"""Reads in voltage mode against a slow, obvious crossbar; each effect of the chip by itself, in both directions."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from suite.contract import Condition
from suite.crossbar.circuit.conductances import pairs, weight_per_uS
from suite.crossbar.circuit.converters import counted
from suite.crossbar.circuit.probes import probes
from suite.crossbar.circuit.products import Dense
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.circuit.readout import Readout
from suite.crossbar.circuit.sensing import FloatingLine
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar, CrossbarError
from suite.devices.lognormal import DEVICE
from tests import chip

KEY = Key("voltage", 5, 1, {"lognormal": DEVICE}, {}, 1)
CHIP = {"g_min_uS": 1.0, "g_max_uS": 40.0, "sensing": "voltage"}
TILES = {"tile_rows": 6, "tile_columns": 8}


class BothWays(nn.Module):
    """One matrix, read forward and back."""

    def __init__(self, rows=13, columns=7):
        super().__init__()
        self.cells = nn.Parameter(drawn(columns, rows))

    def forward(self, inputs):
        return inputs @ (self.cells if inputs.shape[-1] == len(self.cells) else self.cells.t())


def drawn(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def whole(*shape, most=3):
    return torch.randint(-most, most + 1, shape, generator=torch.Generator().manual_seed(2)).float()


def programmed(network, crossbar, sigma=0.0, realisation=0):
    """The item of a network, and the conductances of its cells."""
    arrays = {name: tensor.detach() for name, tensor in network.named_parameters() if tensor.ndim > 1}
    programmer = programmer_of(network, arrays, crossbar, KEY)
    return programmer.item(Condition.of(sigma_log=sigma), programmer.draws(DEVICE, realisation), realisation)


def read(network, crossbar, inputs, item=None, calibrated=None):
    arrays = {name: tensor.detach() for name, tensor in network.named_parameters() if tensor.ndim > 1}
    calibrated = inputs if calibrated is None else calibrated
    with torch.no_grad():
        readout = Readout.of(network, arrays, crossbar, KEY, lambda: network(calibrated))
        item = programmed(network, crossbar) if item is None else item
        if crossbar.undo == "line":
            item = readout.fitted(network, item, lambda: network(calibrated), len(calibrated))
        with readout.reading(network, item, "test", 0):
            return network(inputs)


def by_hand(network, crossbar, item, inputs, transpose):
    """Outputs by the slow crossbar, tile by tile, undone by the targets."""
    weights = network.cells.detach()
    targets, unit = pairs(weights, crossbar), weight_per_uS(weights, crossbar)
    cells = item.cells["cells"]
    units = torch.as_tensor(unit).expand(1, weights.shape[1]).flatten().numpy()
    if transpose:
        targets, cells = targets.mT, cells.mT
    seen = cells.permute(1, 2, 0).double().numpy()
    if crossbar.source_ohm is not None:
        seen = chip.loaded(seen, crossbar.source_ohm)
    parts = [slice(None)]
    if crossbar.tile_rows is not None:
        parts = [slice(3), slice(3, 7)] if transpose else [slice(4), slice(4, 8), slice(8, 13)]
    found = np.zeros((len(inputs), len(seen)))
    for sample, values in enumerate(inputs.tolist()):
        for line, pair in enumerate(seen):
            for part in parts:
                charge = chip.bit_serial(pair[part], [int(value) for value in values[part]])
                worth = units[line] if transpose else units[part][0]
                found[sample, line] += charge * float(targets[:, line, part].sum()) * worth
    return torch.from_numpy(found).float()


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("sigma", [0.0, 0.3])
@pytest.mark.parametrize(
    "settings",
    [{}, TILES, {"source_ohm": 2000.0}, {"rest": "floor"}, {**TILES, "scale_percentile": 80.0, "clip_at_g_max": False}],
)
def test_a_line_settles_at_the_mean_of_what_drives_it_bit_by_bit(transpose, sigma, settings):
    network, crossbar = BothWays(), Crossbar(**CHIP, **settings)
    inputs = whole(4, 7 if transpose else 13)
    item = programmed(network, crossbar, sigma)
    expected = by_hand(network, crossbar, item, inputs, transpose)
    torch.testing.assert_close(read(network, crossbar, inputs, item), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("settings", [{}, TILES, {"output_steps": 2**22}, {**TILES, "scale_percentile": 95.0}])
def test_ideal_cells_and_fine_converters_give_the_product(transpose, settings):
    network, inputs = BothWays(), drawn(5, 7 if transpose else 13, seed=3)
    crossbar = Crossbar(**CHIP, **settings, clip_at_g_max=False)
    with torch.no_grad():
        expected = network(inputs)
    torch.testing.assert_close(read(network, crossbar, inputs), expected, rtol=1e-5, atol=2e-5)


def test_convolutions_settle_as_matrices_do():
    network = nn.Conv2d(3, 5, 3, padding=1, bias=False)
    matrix = nn.Linear(27, 5, bias=False)
    with torch.no_grad():
        network.weight.copy_(drawn(5, 3, 3, 3))
        matrix.weight.copy_(network.weight.flatten(1))
    crossbar, inputs = Crossbar(**CHIP, tile_rows=10, tile_columns=256), drawn(2, 3, 6, 6, seed=4)
    item = programmed(network, crossbar, 0.4)
    same = Item({"weight": item.weights["weight"].flatten(1)}, 0, cells={"weight": item.cells["weight"].flatten(2)})
    windows = nn.functional.unfold(inputs, 3, padding=1).mT
    found = read(network, crossbar, inputs, item)
    torch.testing.assert_close(found.flatten(2).mT, read(matrix, crossbar, windows, same), rtol=1e-4, atol=1e-5)


def test_what_is_common_to_a_line_cancels():
    """Drift by one factor is a gain in current mode, and nothing in voltage mode."""
    network, inputs = BothWays(), drawn(3, 13, seed=3)
    clean = programmed(network, Crossbar(**CHIP))
    faded = Item({"cells": clean.weights["cells"] * 0.5}, 0, cells={"cells": clean.cells["cells"] * 0.5})
    found = [read(network, Crossbar(**{**CHIP, "sensing": how}), inputs, faded) for how in ("voltage", "current")]
    with torch.no_grad():
        torch.testing.assert_close(found[0], network(inputs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("transpose", [False, True])
def test_charge_is_counted(transpose):
    values = drawn(200) * 3
    found = counted(values, 5.0, 9)
    expected = [chip.counted(float(value), 5.0 / 9, 9) * 5.0 / 9 for value in values]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)
    assert counted(torch.zeros(3), 5.0, 9).eq(0).all()
    assert counted(values, 0.0, 9).eq(0).all()
    network, inputs = BothWays(), drawn(40, 7 if transpose else 13, seed=3)
    rough = read(network, Crossbar(g_max_uS=40.0, output_steps=5), inputs)
    assert len(rough.abs().unique()) == 5


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("tiles", [{}, TILES])
def test_each_tile_adds_the_noise_of_its_conversion(transpose, tiles):
    network, inputs = BothWays(), drawn(1, 7 if transpose else 13, seed=3)
    crossbar, wide = Crossbar(g_max_uS=40.0, output_bits=20, output_noise_codes=3000.0, **tiles), 1e3 * inputs
    spread = read(network, crossbar, inputs.expand(4000, -1), calibrated=wide).std(0)
    readout = Readout.of(network, {"cells": network.cells.detach()}, crossbar, KEY, lambda: network(wide))
    step = readout.ranges["cells"][transpose].outputs[0] / (2**19 - 1)
    expected = 3000 * step * math.sqrt((2 if transpose else 3) if tiles else 1)
    assert spread.tolist() == pytest.approx([expected] * len(spread), rel=0.05)


def test_a_percentile_of_the_outputs_is_full_scale():
    network, inputs = BothWays(), drawn(500, 13, seed=3)
    crossbar = Crossbar(g_max_uS=40.0, output_steps=9, range_percentile=90.0)
    found = Readout.of(network, {"cells": network.cells.detach()}, crossbar, KEY, lambda: network(inputs))
    with torch.no_grad():
        expected = np.percentile(network(inputs).abs().numpy(), 90)
    assert found.ranges["cells"][False].outputs == pytest.approx((expected,))


@pytest.mark.parametrize("transpose", [False, True])
def test_offsets_stay_with_their_tile_and_lines_undo_them(transpose):
    network, inputs = BothWays(), drawn(300, 7 if transpose else 13, seed=3)
    shifted = {**CHIP, "output_bits": 16, "core_offset_codes": 900.0, "column_offset_codes": 300.0, **TILES}
    with torch.no_grad():
        expected = network(inputs)
    wide = 10 * inputs
    offset = (read(network, Crossbar(**shifted), inputs, calibrated=wide) - expected).mean(0)
    assert offset.std() > 0
    again = read(network, Crossbar(**shifted), inputs[:7], calibrated=wide) - expected[:7]
    torch.testing.assert_close(again, offset.expand_as(again), rtol=0, atol=0.01 * float(offset.abs().max()) + 0.01)
    fitted = read(network, Crossbar(**shifted, undo="line"), inputs, calibrated=wide)
    torch.testing.assert_close(fitted, expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("transpose", [False, True])
def test_negative_outputs_are_larger_by_the_polarity_gain(transpose):
    network, inputs = BothWays(), drawn(100, 7 if transpose else 13, seed=3)
    found = read(network, Crossbar(g_max_uS=40.0, output_bits=22, polarity_gain=0.06), inputs, calibrated=2 * inputs)
    with torch.no_grad():
        clean = network(inputs)
    torch.testing.assert_close(found, clean.where(clean > 0, 1.06 * clean), rtol=1e-3, atol=1e-4)


def test_a_line_undoes_what_is_linear_in_its_outputs():
    """By least squares, against numpy's, line by line."""
    network, inputs = BothWays(), drawn(400, 13, seed=3)
    crossbar = Crossbar(**CHIP, undo="line")
    item = programmed(network, crossbar, 0.3)
    with torch.no_grad():
        ideal = network(inputs)
        readout = Readout.of(network, {"cells": network.cells.detach()}, crossbar, KEY, lambda: None)
        (line,) = readout.fitted(network, item, lambda: network(inputs), len(inputs)).lines["cells"][False]
        product = Dense(network.cells.detach())
        ((_, _, shown),) = readout.array("cells", item).sensed(product, inputs, False, 0)
    for column in range(7):
        slope, offset = np.polyfit(ideal[:, column].double(), shown[:, column].double(), 1)
        assert float(line.slope[column]) == pytest.approx(slope, rel=1e-4)
        assert float(line.offset[column]) == pytest.approx(offset, abs=1e-5)


def test_lines_of_currents_are_those_of_the_programmed_cells():
    network, inputs = BothWays(), drawn(400, 13, seed=3)
    crossbar = Crossbar(g_max_uS=40.0, undo="line")
    clean = programmed(network, crossbar)
    faded = Item({"cells": clean.weights["cells"] * 0.5}, 0)
    with torch.no_grad():
        torch.testing.assert_close(read(network, crossbar, inputs, faded), network(inputs), rtol=1e-4, atol=1e-4)


def test_lines_are_fitted_on_some_places_of_some_samples():
    """Of 200 pictures of 36 places 64, of 200 vectors all; and one read of a chain of 50 for each of 64 samples."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False), nn.Flatten(), nn.Linear(72, 3, bias=False))
    arrays = {name: tensor.detach() for name, tensor in network.named_parameters()}
    with torch.no_grad():
        found = probes(network, arrays, Crossbar(g_max_uS=40.0), lambda: network(drawn(200, 1, 6, 6)), 200)
        chain = BothWays(13, 13)
        own = {"cells": chain.cells.detach()}
        steps = probes(chain, own, Crossbar(g_max_uS=40.0), lambda: [chain(drawn(200, 13)) for _ in range(50)], 200)
    assert [len(found[name][0].inputs) for name in arrays] == [64, 200]
    assert found["0.weight"][0].ideal[0].shape == (64 * 36, 2)
    assert [len(one.inputs) for one in steps["cells"]] == [64] * 50


def test_a_line_that_is_never_driven_keeps_its_nominal_slope():
    network, inputs = BothWays(), torch.zeros(8, 13)
    found = read(network, Crossbar(**CHIP, undo="line"), drawn(3, 13, seed=3), calibrated=inputs)
    with torch.no_grad():
        torch.testing.assert_close(found, network(drawn(3, 13, seed=3)), rtol=1e-4, atol=1e-4)


def test_inputs_without_sign_have_codes_from_0_on():
    network, inputs = BothWays(), drawn(50, 13, seed=3).abs()
    found = read(network, Crossbar(g_max_uS=40.0, input_bits=3, unsigned_inputs=True), inputs)
    step = float(inputs.max()) / 7
    with torch.no_grad():
        torch.testing.assert_close(found, network((inputs / step).round() * step), rtol=1e-4, atol=1e-4)


def test_a_line_without_conductance_is_refused():
    network = BothWays()
    with torch.no_grad():
        network.cells[2] = 0
    with pytest.raises(FloatingLine, match=r"array .cells.: bit line 2 of tile 0 has no conductance.*g_min_uS"):
        read(network, Crossbar(g_max_uS=40.0, sensing="voltage"), drawn(2, 13))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sensing": "voltage"}, "sensing: needs g_max_uS"),
        ({"g_max_uS": 40.0, "output_steps": 127, "output_bits": 8}, "output_steps: is a converter of its own"),
        ({"g_max_uS": 40.0, "unsigned_inputs": True}, "unsigned_inputs: says how input_bits"),
        ({"g_max_uS": 40.0, "output_noise_codes": 0.65}, "output_noise_codes: is in codes"),
        ({"g_max_uS": 40.0, "cores": 48}, "cores: needs tile_rows and tile_columns"),
        ({**CHIP, **TILES, "wire_ohm": 1.0}, "wire_ohm: is for lines at virtual ground"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(CrossbarError, match=message):
        Crossbar(**settings)


def test_full_scales_are_of_training_samples_of_random_inputs_or_of_all_that_are_possible():
    network, inputs = BothWays(), 0.2 * drawn(500, 13, seed=3)
    inputs[0, 0] = 3.0
    settings = {**CHIP, **TILES, "output_steps": 127}

    def scales(how):
        arrays = {"cells": network.cells.detach()}
        with torch.no_grad():
            readout = Readout.of(network, arrays, Crossbar(**settings, full_scale=how), KEY, lambda: network(inputs))
        return np.array(readout.ranges["cells"][False].outputs)

    cells = pairs(network.cells.detach(), Crossbar(**settings))
    volts = [
        ((cells[0] - cells[1])[:, part], cells[:, :, part].sum((0, 2)), inputs[:, part])
        for part in (slice(4), slice(4, 8), slice(8, 13))
    ]
    of_samples = np.array([float(((some @ weights.T) / sums).abs().max()) for weights, sums, some in volts])
    possible = np.array([float((weights.abs().sum(1) / sums).max()) for weights, sums, _ in volts]) * 3
    np.testing.assert_allclose(scales("core"), of_samples, rtol=1e-5)
    np.testing.assert_allclose(scales("array"), of_samples.max().repeat(3), rtol=1e-5)
    np.testing.assert_allclose(scales("none"), possible, rtol=1e-5)
    assert (scales("random") < possible).all()
    assert (scales("random") > 0.5 * possible).all()
