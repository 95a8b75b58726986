"""Cutting arrays into tiles, and what wires make of them there."""

import numpy as np
import pytest
import torch

from suite.crossbar.circuit import tiles
from suite.crossbar.circuit.tiles import pieces, through_wires
from suite.crossbar.circuit.wires import transconductance
from tests.currents import column_currents


def cells(groups, columns, rows):
    generator = torch.Generator().manual_seed(2)
    return 10 ** (2 * torch.rand(2, groups, columns, rows, generator=generator, dtype=torch.float64))


@pytest.mark.parametrize(
    ("length", "most", "sizes"),
    [(10, None, [10]), (10, 10, [10]), (10, 4, [3, 3, 4]), (784, 128, [112] * 7), (1, 5, [1]), (5, 1, [1] * 5)],
)
def test_pieces_are_few_and_equal_up_to_one(length, most, sizes):
    found = pieces(length, most)
    assert [piece.stop - piece.start for piece in found] == sizes
    assert [piece.start for piece in found[1:]] == [piece.stop for piece in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, length)


@pytest.mark.parametrize(("tile_rows", "tile_columns"), [(100, 100), (4, 6), (3, 2)])
def test_tiling_without_wire_resistance_changes_nothing(tile_rows, tile_columns):
    given = cells(1, 7, 9)
    torch.testing.assert_close(through_wires(given, 1e-9, tile_rows, tile_columns), given, rtol=1e-9, atol=0)


def test_a_pair_lies_on_neighbouring_bit_lines_and_tiles_are_summed():
    """Against nodal analysis of each tile, laid out by hand."""
    given, volts = cells(1, 3, 5), np.linspace(-1, 1, 5)
    seen = through_wires(given, 200.0, tile_rows=3, tile_columns=4)[:, 0].numpy()
    found = np.einsum("pcr,r->pc", seen, volts)
    expected = np.zeros((2, 3))
    for rows in (slice(0, 2), slice(2, 5)):
        for columns in (slice(0, 1), slice(1, 3)):
            tile = given[:, 0, columns, rows].numpy()
            interleaved = np.stack([line for column in range(tile.shape[1]) for line in tile[:, column]], axis=1)
            currents = column_currents(interleaved * 1e-6, volts[rows], 200.0) * 1e6
            expected[:, columns] += currents.reshape(-1, 2).T
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.abs(found - np.einsum("pcr,r->pc", given[:, 0].numpy(), volts)).max() > 0.01 * np.abs(expected).max()


def test_how_many_tiles_are_solved_together_changes_nothing(monkeypatch):
    given = cells(2, 7, 9)
    together = through_wires(given, 100.0, 4, 6)
    monkeypatch.setattr(tiles, "TILES_AT_ONCE", 3)
    assert through_wires(given, 100.0, 4, 6).equal(together)


def test_groups_have_crossbars_of_their_own():
    given = cells(4, 2, 9)
    apart = torch.cat([through_wires(given[:, [group]], 100.0, 128, 128) for group in range(4)], dim=1)
    torch.testing.assert_close(through_wires(given, 100.0, 128, 128), apart, rtol=1e-12, atol=0)


def test_one_tile_is_the_operator_itself():
    given = cells(1, 2, 3)
    bit_lines = torch.stack([given[0, 0, 0], given[1, 0, 0], given[0, 0, 1], given[1, 0, 1]], dim=1)
    seen = transconductance(bit_lines[None], 50.0)[0]
    torch.testing.assert_close(through_wires(given, 50.0, 3, 4)[1, 0, 1], seen[:, 3], rtol=1e-12, atol=0)
