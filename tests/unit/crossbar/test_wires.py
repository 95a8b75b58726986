"""Wire resistance: the operator against nodal analysis, which is itself checked against badcrossbar."""

import numpy as np
import pytest
import torch

from suite.crossbar.circuit.wires import transconductance
from tests.currents import column_currents, golden_cases, log_uniform


def by_operator(conductances_S, voltages_V, wire_ohm):
    """Column currents in ampere, (columns,) or (vectors, columns)."""
    operator = transconductance(torch.from_numpy(conductances_S * 1e6)[None], wire_ohm)[0].numpy()
    return voltages_V @ operator * 1e-6


@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: "x".join(map(str, case["conductances_S"].shape)))
def test_both_give_what_badcrossbar_gives(case):
    conductances, wire_ohm = case["conductances_S"], float(case["wire_ohm"])
    plain = [column_currents(conductances, volts, wire_ohm) for volts in case["voltages_V"]]
    np.testing.assert_allclose(plain, case["currents_A"], rtol=1e-9)
    np.testing.assert_allclose(by_operator(conductances, case["voltages_V"], wire_ohm), case["currents_A"], rtol=1e-9)


@pytest.mark.parametrize(("side", "arrays", "wire_ohm"), [(10, 100, 10.0), (64, 20, 0.5)])
def test_currents_are_the_oracles_where_ignoring_wires_errs_by_a_tenth(side, arrays, wire_ohm):
    ignored = []
    for seed in range(arrays):
        conductances, volts = log_uniform(seed, side, side)
        expected = column_currents(conductances, volts, wire_ohm)
        found = by_operator(conductances, volts, wire_ohm)
        assert np.abs(found / expected - 1).max() < 1e-3
        ignored.append(np.abs(volts @ conductances - expected).mean() / np.abs(expected).mean())
    assert np.mean(ignored) >= 0.1


def test_without_resistance_a_tile_is_its_conductances():
    cells = torch.from_numpy(log_uniform(0, 6, 9)[0] * 1e6)[None]
    torch.testing.assert_close(transconductance(cells, 1e-9), cells, rtol=1e-9, atol=0)


def test_tiles_of_a_batch_do_not_see_each_other():
    cells = torch.stack([torch.from_numpy(log_uniform(seed, 7, 5)[0] * 1e6) for seed in range(3)])
    apart = torch.cat([transconductance(tile[None], 30.0) for tile in cells])
    torch.testing.assert_close(transconductance(cells, 30.0), apart, rtol=1e-12, atol=0)


def test_a_tile_driven_from_its_outputs_has_the_transposed_operator():
    """Reciprocity: the same tile, turned so that its bit lines are driven where they were sensed."""
    conductances, _ = log_uniform(4, 6, 8)
    cells = torch.from_numpy(conductances * 1e6)[None]
    turned = cells.mT.flip(1, 2)
    back = transconductance(turned, 40.0).flip(1, 2)
    torch.testing.assert_close(back.mT, transconductance(cells, 40.0), rtol=1e-9, atol=0)


def test_cells_without_conductance_give_no_current():
    cells = torch.zeros(1, 4, 3)
    assert transconductance(cells, 5.0).equal(cells)


def test_precision_is_that_of_the_caller():
    cells = torch.from_numpy(log_uniform(0, 4, 4)[0] * 1e6)[None]
    single = transconductance(cells.float(), 10.0)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), transconductance(cells, 10.0), rtol=1e-6, atol=0)
