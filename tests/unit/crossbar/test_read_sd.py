"""Cells that each vary from read to read by an amount of their own: drawn per output, in law as cell by cell."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from suite.contract import Condition, Device, ProgrammedWeights
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.circuit.reads import ProgrammedArray, Range
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar, NoConductances

UNIT = 0.02
TILES = {"tile_rows": 5, "tile_columns": 6, "output_bits": 24}


def drawn(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def array(weights, read_sd, noise=None, **settings):
    """An array as a readout makes it; read_sd: (2, *shape) uS."""
    crossbar = Crossbar(g_max_uS=100.0, read_noise_uS=noise, **settings)
    ranges = {transpose: Range(1e4, (1e4,) * 9) for transpose in (False, True)}
    variance = read_sd.square().sum(0) + 2 * (noise or 0.0) ** 2
    return ProgrammedArray(weights, UNIT, crossbar, ranges, 3, ("reads", 0, 0, "a"), variance)


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("noise", [None, 2.0])
@pytest.mark.parametrize("tiles", [{}, TILES])
def test_outputs_vary_as_with_cells_drawn_one_by_one_at_every_read(transpose, noise, tiles):
    weights, read_sd, reads = drawn(6, 13), 5 * drawn(2, 6, 13, seed=3).abs(), 20_000
    inputs = drawn(6 if transpose else 13, seed=2)
    matrix = weights if transpose else weights.t()
    found = array(weights, read_sd, noise, **tiles).apply(inputs.expand(reads, -1), transpose) - inputs @ matrix
    cells = read_sd * drawn(reads, 2, 6, 13, seed=5) + (noise or 0.0) * drawn(reads, 2, 6, 13, seed=6)
    errors = UNIT * (cells[:, 0] - cells[:, 1])
    slow = torch.einsum("roi,o->ri" if transpose else "roi,i->ro", errors, inputs)
    torch.testing.assert_close(found.std(0), slow.std(0), rtol=0.04, atol=0)
    assert (found.mean(0).abs() < 0.05 * slow.std(0)).all()
    # Outputs of one read are independent of each other, as cells are.
    apart = torch.corrcoef(found.t()) - torch.eye(found.shape[1])
    assert apart.abs().max() < 0.05


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(3, 8, 3, stride=2), (3, 9, 7)),
        (nn.Conv2d(4, 8, 3, groups=2, padding=1), (4, 6, 6)),
        (nn.Conv2d(4, 4, 3, groups=4), (4, 6, 6)),
    ],
    ids=["plain", "grouped", "depthwise"],
)
def test_a_convolution_varies_by_the_cells_of_each_window(layer, shape):
    weight, repeats = layer.weight.detach(), 3000
    read_sd, inputs = 5 * drawn(2, *weight.shape, seed=3).abs(), drawn(1, *shape)
    reads = array(weight.clone(), read_sd)
    with torch.no_grad(), Interception({"a": weight}, lambda name, *read: reads.through(*read, 0)):
        found = layer(inputs.expand(repeats, *shape))
    windows = functional.unfold(inputs, 3, padding=layer.padding, stride=layer.stride)[0]
    by_group = windows.unflatten(0, (layer.groups, -1)).square()
    variance = read_sd.square().sum(0).flatten(1).unflatten(0, (layer.groups, -1))
    expected = UNIT * torch.einsum("gok,gkl->gol", variance, by_group).sqrt().flatten(0, 1)
    torch.testing.assert_close(found.std(0).flatten(1), expected, rtol=0.1, atol=1e-6)


def test_equal_cells_vary_as_by_the_crossbars_own_read_noise():
    """The same draws, so that the same reads differ by rounding alone."""
    weights, inputs = drawn(6, 13), drawn(4, 13, seed=2)
    own = array(weights, torch.full((2, 6, 13), 2.0))
    crossbars = ProgrammedArray(weights, UNIT, Crossbar(g_max_uS=100.0, read_noise_uS=2.0), {}, 3, own.key)
    for read in range(2):
        torch.testing.assert_close(own.apply(inputs, read=read), crossbars.apply(inputs, read=read))
    assert own.apply(inputs).equal(own.apply(inputs))
    assert not own.apply(inputs).equal(own.apply(inputs, read=1))


def flickering(**changes):
    """Cells whose read_sd is a tenth of their conductance."""

    def program(targets, condition, noise):
        cells = targets * (1 + 0 * noise)
        return ProgrammedWeights(cells, 0.1 * cells)

    return Device("F", "tests", lambda shape, generator: torch.randn(shape, generator=generator), program, **changes)


def programmed(crossbar, device):
    network = nn.Sequential(nn.Linear(3, 2))
    arrays = {"0.weight": network[0].weight.detach()}
    programmer = programmer_of(network, arrays, crossbar, Key("n", 1, 0, {"lognormal": device}, {}, 1))
    (item,) = programmer.items([Condition.of(sigma_log=0.5)], [0])
    return arrays["0.weight"], item


def test_an_item_has_the_variance_of_its_pairs():
    weights, item = programmed(Crossbar(g_max_uS=100.0, g_min_uS=10.0), flickering(conductances=True))
    carried = 10 + 90 * weights.abs() / weights.abs().max()
    torch.testing.assert_close(item.read_variance["0.weight"], (0.1 * carried) ** 2 + 1.0)
    torch.testing.assert_close(item.weights["0.weight"], weights)


def test_plain_weights_have_no_conductances_to_vary():
    for device in (flickering(), flickering(conductances=True)):
        with pytest.raises(
            NoConductances, match=r"device lognormal acts on conductances.*add `chip: \{g_max_uS: 100\}`"
        ):
            programmed(Crossbar(), device)


def test_cells_without_read_sd_are_read_as_they_are():
    assert Item({}, 0).read_variance == {}
    _, item = programmed(
        Crossbar(g_max_uS=100.0), Device("P", "tests", flickering().draw, lambda t, c, n: ProgrammedWeights(t[None]))
    )
    assert item.read_variance == {}


def test_a_read_sd_is_one_number_per_cell():
    with pytest.raises(
        ValueError, match=r"read_sd: one number per cell and realisation, got \(2, 3\), the cells \(1, 2, 3\)"
    ):
        ProgrammedWeights(torch.zeros(1, 2, 3), torch.zeros(2, 3))
