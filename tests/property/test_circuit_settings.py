"""What holds for any conductance range, any array and any share of stuck cells."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.crossbar.circuit.conductances import pairs, quantised, scattered, weight_per_uS, weights_of
from suite.crossbar.circuit.converters import converted
from suite.crossbar.circuit.faults import stuck
from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.circuit.wires import transconductance
from suite.crossbar.settings import Crossbar
from tests.currents import column_currents

seeds = st.integers(0, 2**31)
sides = st.integers(1, 6)
shares = st.floats(0.01, 0.5)


def drawn(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@given(seeds, sides, sides, st.floats(0.1, 1e4), st.floats(0.01, 0.99), st.integers(2, 64))
def test_cells_stay_in_range_and_weights_within_half_a_level(seed, columns, rows, g_max, rest, levels):
    crossbar = Crossbar(g_max_uS=g_max, g_min_uS=rest * g_max, levels=levels)
    weights = drawn(seed, columns, rows)
    cells = quantised(pairs(weights, crossbar), crossbar)
    assert (cells >= rest * g_max * (1 - 1e-5)).all()
    assert (cells <= g_max * (1 + 1e-5)).all()
    unit = weight_per_uS(weights, crossbar)
    half = unit * (g_max - rest * g_max) / (levels - 1) / 2
    assert (weights_of(cells, unit) - weights).abs().max() <= half * (1 + 1e-3) + 1e-6 * float(weights.abs().max())


@given(seeds, shares, shares, shares, shares)
def test_the_cells_of_a_share_are_among_those_of_a_larger_one(seed, on, off, more_on, more_off):
    uniform = torch.rand(2, 20, 10, generator=torch.Generator().manual_seed(seed))
    cells = torch.full_like(uniform, 20.0)

    def found(stuck_on, stuck_off):
        crossbar = Crossbar(g_max_uS=50.0, g_min_uS=1.0, stuck_on=stuck_on, stuck_off=stuck_off)
        return stuck(cells, uniform, crossbar)

    few, many = found(min(on, more_on), min(off, more_off)), found(max(on, more_on), max(off, more_off))
    assert (many[few == 50.0] == 50.0).all()
    assert (many[few == 1.0] == 1.0).all()


@given(seeds, st.floats(0.01, 100))
def test_conductances_are_never_negative(seed, noise):
    assert (scattered(torch.full((50,), 5.0), drawn(seed, 50), noise) >= 0).all()


@given(seeds, st.integers(2, 24), st.floats(1e-3, 1e3))
def test_a_converter_is_odd_and_never_beyond_its_scale(seed, bits, scale):
    values = scale * drawn(seed, 30)
    found = converted(values, scale, bits)
    assert found.equal(-converted(-values, scale, bits))
    assert (found.abs() <= scale * (1 + 1e-6)).all()
    assert converted(found, scale, bits).sub(found).abs().max() <= 1e-6 * scale


@given(st.integers(1, 500), st.integers(1, 500))
def test_pieces_cover_a_line_with_as_few_as_reach(length, most):
    found = pieces(length, most)
    sizes = [piece.stop - piece.start for piece in found]
    assert sum(sizes) == length
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == -(-length // most)


@given(seeds, sides, sides, st.floats(1e-2, 1e4))
def test_the_operator_is_nodal_analysis_for_any_wire(seed, rows, columns, wire_ohm):
    cells = 10 ** (3 * torch.rand(1, rows, columns, generator=torch.Generator().manual_seed(seed)).double())
    volts = drawn(seed + 1, rows).double().numpy()
    expected = column_currents(cells[0].numpy() * 1e-6, volts, wire_ohm)
    found = volts @ transconductance(cells, wire_ohm)[0].numpy() * 1e-6
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


@given(seeds, sides, sides, st.floats(1e-2, 1e3))
def test_wires_only_take_current_away(seed, rows, columns, wire_ohm):
    """Column sums: what leaves a tile under one volt on every word line is less than without wires."""
    cells = 10 ** (3 * torch.rand(1, rows, columns, generator=torch.Generator().manual_seed(seed)).double())
    seen = transconductance(cells, wire_ohm)
    assert (seen > 0).all()
    assert float(seen.sum()) < float(cells.sum())
