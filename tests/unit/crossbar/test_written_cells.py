"""Scales by percentile, rest conductances, and where write and verify leaves a cell."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from suite.contract import Condition
from suite.crossbar.circuit.conductances import pairs, weight_per_uS, weights_of
from suite.crossbar.circuit.programming import CircuitProgrammer
from suite.crossbar.circuit.verify import given_up, verified
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar, CrossbarError
from suite.devices.lognormal import DEVICE

KEY = Key("cells", 5, 1, {"lognormal": DEVICE}, {}, 1)
CELLS = {"g_min_uS": 1.0, "g_max_uS": 40.0}


def weights(*shape):
    return torch.randn(shape or (30, 50), generator=torch.Generator().manual_seed(3))


def uniform(*shape, seed=8):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rest", ["add", "floor"])
@pytest.mark.parametrize("shape", [(30, 50), (6, 4, 3, 3)])
def test_each_tile_of_rows_has_the_scale_of_its_percentile(rest, shape):
    crossbar = Crossbar(**CELLS, rest=rest, scale_percentile=95.0, clip_at_g_max=False, tile_rows=20, tile_columns=8)
    target = weights(*shape)
    cells, matrix = pairs(target, crossbar).flatten(2), target.flatten(1)
    ends = np.linspace(0, matrix.shape[1], -(-matrix.shape[1] // 20) + 1).astype(int)
    for start, end in pairwise(ends):
        own = matrix[:, start:end].abs()
        scale = np.percentile(own.numpy(), 95)
        carried = own / float(scale) * (40 if rest == "floor" else 39)
        expected = carried.clamp(min=1) if rest == "floor" else carried + 1
        torch.testing.assert_close(cells[:, :, start:end].amax(0), expected, rtol=1e-4, atol=1e-4)
        assert cells[:, :, start:end].amin(0).eq(1).all()
        assert float((own > scale).float().mean()) == pytest.approx(0.05, abs=0.02)


def test_pairs_without_clip_carry_the_weights_whatever_their_scale():
    crossbar = Crossbar(**CELLS, scale_percentile=90.0, clip_at_g_max=False, tile_rows=20, tile_columns=8)
    back = weights_of(pairs(weights(), crossbar), weight_per_uS(weights(), crossbar))
    torch.testing.assert_close(back, weights(), rtol=1e-5, atol=1e-5)
    clipped = pairs(weights(), Crossbar(**CELLS, scale_percentile=90.0))
    assert clipped.max() == 40
    assert float((clipped == 40).float().mean()) == pytest.approx(0.05, abs=0.01)


def test_a_percentile_that_is_0_is_refused():
    sparse = torch.zeros(10, 10)
    sparse[0, 0] = 1
    with pytest.raises(CrossbarError, match="scale_percentile: 95 % of a tile's weights are 0"):
        pairs(sparse, Crossbar(**CELLS, scale_percentile=95.0))
    assert pairs(torch.zeros(10, 10), Crossbar(**CELLS, scale_percentile=95.0)).eq(1).all()


def test_write_and_verify_ends_in_its_window():
    targets = torch.cat([torch.full((5000,), 20.0), torch.full((5000,), 1.0)])
    found = verified(targets, uniform(10_000), 1.0)
    on, off = found[:5000], found[5000:]
    assert 19 <= float(on.min()) < 19.01 < 20.99 < float(on.max()) <= 21
    assert 0 <= float(off.min()) < 0.01 < 0.99 < float(off.max()) < 1


def test_faulty_cells_are_as_many_as_asked_and_where_they_were_logged():
    crossbar = Crossbar(**CELLS, window_uS=1.0, faulty_cells=0.2)
    targets = torch.cat([torch.full((5000,), 20.0), torch.full((5000,), 1.0)])
    found = given_up(targets, targets, uniform(10_000), uniform(10_000, seed=9), crossbar)
    moved = found != targets
    assert float(moved.float().mean()) == pytest.approx(0.2, abs=0.02)
    on, off = found[:5000][moved[:5000]], found[5000:][moved[5000:]]
    assert 10 <= float(on.min()) < 10.2 < 29.8 < float(on.max()) <= 30
    assert 2 <= float(off.min()) < 2.1 < 9.9 < float(off.max()) <= 10


def test_the_faulty_cells_of_a_share_are_among_those_of_a_larger_one():
    few, many = (
        CircuitProgrammer({"a": weights()}, KEY, Crossbar(**CELLS, faulty_cells=share), {"a": 1})
        for share in (0.01, 0.1)
    )
    target, condition = pairs(weights(), Crossbar(**CELLS)), Condition.of(sigma_log=0)
    first, second = (cells.cells(condition, cells.draws(DEVICE, 0))["a"].values != target for cells in (few, many))
    assert 0 < first.sum() < second.sum()
    assert (first <= second).all()


@pytest.mark.parametrize("settings", [{"window_uS": 1.0}, {"faulty_cells": 0.05}])
def test_what_is_drawn_belongs_to_the_realisation(settings):
    crossbar = Crossbar(**CELLS, **settings)
    programmer, condition = CircuitProgrammer({"a": weights()}, KEY, crossbar, {"a": 1}), Condition.of(sigma_log=0)
    one, again, other = (
        programmer.item(condition, programmer.draws(DEVICE, number), number).weights["a"] for number in (0, 0, 1)
    )
    assert crossbar.random
    assert one.equal(again)
    assert not one.equal(other)
