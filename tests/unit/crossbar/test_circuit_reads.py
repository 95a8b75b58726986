"""Reads of a programmed array: converters, read noise, and every way in which layers read."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from suite.crossbar.circuit.converters import converted
from suite.crossbar.circuit.interception import Interception, Unreadable
from suite.crossbar.circuit.products import Dense
from suite.crossbar.circuit.reads import ProgrammedArray, Range, parts
from suite.crossbar.settings import Crossbar

TILES = {"tile_rows": 5, "tile_columns": 6}


def drawn(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def array(weights, scale=None, **settings):
    crossbar = Crossbar(g_max_uS=100.0, **settings)
    unit = float(weights.abs().max()) / 100
    ranges = {} if scale is None else {transpose: Range(scale, (scale,) * 9) for transpose in (False, True)}
    return ProgrammedArray(weights, unit, crossbar, ranges, 3, ("reads", 0, 0, "a"))


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_a_converter_has_its_codes_and_clips(bits):
    values = torch.linspace(-3, 3, 4001)
    found = converted(values, 2.0, bits)
    assert len(found.unique()) == 2**bits - 1
    assert 0.0 in found
    assert found.abs().max() == 2.0
    inside = values.abs() <= 2
    assert (found - values)[inside].abs().max() <= 2.0 / (2 ** (bits - 1) - 1) / 2 + 1e-6


def test_a_converter_without_range_gives_nothing():
    assert converted(drawn(5), 0.0, 4).eq(0).all()


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("settings", [{}, TILES, {**TILES, "input_bits": 24, "output_bits": 24}])
def test_a_read_without_noise_is_a_product(transpose, settings):
    weights = drawn(8, 13)
    inputs = drawn(4, 3, 8 if transpose else 13, seed=2)
    found = array(weights, 50.0, **settings).apply(inputs, transpose)
    torch.testing.assert_close(found, inputs @ (weights if transpose else weights.t()), rtol=1e-5, atol=1e-4)


def test_weights_are_those_of_the_array():
    weights = drawn(4, 3)
    assert array(weights).weights() is weights


def test_read_noise_is_fresh_per_read_and_equal_for_equal_reads():
    noisy, inputs = array(drawn(8, 13), read_noise_uS=2.0), drawn(4, 13, seed=2)
    first = noisy.apply(inputs, read=0)
    assert first.equal(noisy.apply(inputs, read=0))
    assert not first.equal(noisy.apply(inputs, read=1))


@pytest.mark.parametrize("tiles", [{}, {**TILES, "output_bits": 24}])
def test_read_noise_is_that_of_the_conductances(tiles):
    """Against conductances that are drawn anew for every read."""
    weights, inputs = drawn(6, 13), drawn(13, seed=2)
    noisy = array(weights, 1e4, read_noise_uS=2.0, **tiles)
    found = noisy.apply(inputs.expand(20_000, 13)) - inputs @ weights.t()
    cells = 2.0 * drawn(2, 20_000, 13, seed=5)
    expected = noisy.unit * ((cells[0] - cells[1]) @ inputs).std()
    assert float(expected) == pytest.approx(math.sqrt(2) * 2.0 * noisy.unit * float(inputs.norm()), rel=0.02)
    assert found.std(0).tolist() == pytest.approx([float(expected)] * 6, rel=0.03)
    assert found.mean(0).abs().max() < 0.05 * expected


def test_each_tile_converts_its_own_currents():
    weights, inputs = drawn(8, 13), drawn(4, 13, seed=2)
    rough = array(weights, 20.0, output_bits=4, **TILES)
    expected = sum(
        converted(inputs[:, part] @ weights[:, part].t(), 20.0, 4) for part in (slice(4), slice(4, 8), slice(8, 13))
    )
    torch.testing.assert_close(rough.apply(inputs), expected)
    assert not torch.allclose(array(weights, 20.0, output_bits=4).apply(inputs), expected)


def test_only_output_converters_tell_tiles_apart():
    product = Dense(drawn(8, 13))
    assert len(parts(product, Crossbar(g_max_uS=1.0, input_bits=4, **TILES), False)) == 1
    assert len(parts(product, Crossbar(g_max_uS=1.0, output_bits=4, **TILES), False)) == 3


def intercepted(network, inputs, reader):
    """Outputs of a network whose first parameter is an array read through `reader`."""
    weight = next(network.parameters()).detach()
    reads = array(weight.clone(), 1e3, **reader)
    with torch.no_grad(), Interception({"a": weight}, lambda name, *read: reads.through(*read, 0)):
        return network(inputs)


LAYERS = {
    "linear": (nn.Linear(13, 8), (4, 13)),
    "conv1d": (nn.Conv1d(3, 8, 4, padding=1), (2, 3, 11)),
    "conv2d": (nn.Conv2d(3, 8, 3, stride=2, padding="valid"), (2, 3, 9, 7)),
    "dilated": (nn.Conv2d(3, 8, 3, dilation=2, bias=False), (2, 3, 9, 7)),
    "grouped": (nn.Conv2d(4, 8, 3, groups=2, padding="same"), (2, 4, 6, 6)),
    "depthwise": (nn.Conv2d(4, 4, 3, groups=4), (2, 4, 6, 6)),
    "unbatched": (nn.Conv2d(3, 8, 3), (3, 6, 6)),
    "conv3d": (nn.Conv3d(2, 4, 2), (2, 2, 4, 4, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("reader", [{}, TILES, {**TILES, "input_bits": 24, "output_bits": 24}])
def test_every_layer_is_read_as_it_computes(name, reader):
    layer, shape = LAYERS[name]
    inputs = drawn(*shape)
    with torch.no_grad():
        torch.testing.assert_close(intercepted(layer, inputs, reader), layer(inputs), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", ["conv2d", "grouped", "depthwise", "conv1d"])
def test_noise_of_a_convolution_is_that_of_its_windows(name):
    """Against the norm of every window, unfolded one by one."""
    layer, shape = LAYERS[name]
    inputs = drawn(*shape)
    with torch.no_grad():
        clean, repeats = layer(inputs), 3000
        many = inputs.repeat(repeats, *[1] * (len(shape) - 1))
        found = intercepted(layer, many, {"read_noise_uS": 5.0}).view(repeats, *clean.shape)
    unit = float(layer.weight.detach().abs().max()) / 100
    images = inputs if inputs.ndim == 4 else inputs.unsqueeze(2)
    kernel = layer.kernel_size if len(layer.kernel_size) == 2 else (1, *layer.kernel_size)
    padding = {"same": (1, 1), "valid": (0, 0), (1,): (0, 1), (0, 0): (0, 0)}[layer.padding]
    stride = layer.stride if len(layer.stride) == 2 else (1, *layer.stride)
    windows = functional.unfold(images, kernel, padding=padding, stride=stride)
    norms = windows.unflatten(1, (layer.groups, -1)).norm(dim=2)
    expected = norms.repeat_interleave(clean.shape[1] // layer.groups, 1).view_as(clean) * math.sqrt(2) * 5.0 * unit
    torch.testing.assert_close(found.std(0), expected, rtol=0.1, atol=1e-6)


class Products(nn.Module):
    """One array read forward and backward, by every operator."""

    def __init__(self):
        super().__init__()
        self.cells = nn.Parameter(drawn(8, 13))

    def forward(self, inputs):
        forward = functional.linear(inputs, self.cells)
        back = forward @ self.cells + functional.linear(forward, self.cells.t()) + torch.mm(forward, self.cells)
        return back.matmul(self.cells.T)


def test_the_direction_of_each_read_is_seen():
    network, inputs, seen = Products(), drawn(4, 13, seed=2), []
    weight = network.cells.detach()

    def read(name, product, values, transpose):
        seen.append(transpose)
        return array(weight.clone()).apply(values, transpose)

    with torch.no_grad(), Interception({"a": weight}, read):
        found = network(inputs)
    assert seen == [False, True, True, True, False]
    torch.testing.assert_close(found, network(inputs).detach())


@pytest.mark.parametrize(
    "use",
    [
        lambda x, w: x @ (2 * w).t(),
        lambda x, w: x @ w[:4].t(),
        lambda x, w: w @ x.t(),
        lambda x, w: torch.einsum("bi,oi->bo", x, w),
        lambda x, w: torch.addmm(torch.zeros(4, 8), x, w.t()),
        lambda x, w: functional.linear(w, w),
        lambda x, w: torch.stack([w]),
    ],
)
def test_what_is_no_read_is_refused(use):
    weight = drawn(8, 13)
    with pytest.raises(Unreadable, match="array 'a' is used by"), Interception({"a": weight}, lambda *read: None):
        use(drawn(4, 13), weight)


def test_what_does_not_compute_is_left_alone():
    weight = drawn(8, 13)
    with Interception({"a": weight}, lambda *read: None):
        assert weight.shape == weight.t().T.contiguous().shape
        assert weight.dtype == torch.float32
        assert (drawn(2) + 1).shape == (2,)
        assert torch.eye(3).to_sparse().sum() == 3
