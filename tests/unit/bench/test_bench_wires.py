"""The measurement of IR drop: its three ways agree, with the oracle too, and it scales what it did not time."""

import numpy as np
import pytest

from tests.bench import wires as bench
from tests.currents import column_currents


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bench, "VECTORS", 6)


def test_all_ways_give_the_currents_of_the_oracle(small):
    tile = bench.Tile.of(7)
    expected = [column_currents(tile.conductances * 1e-6, volts, bench.WIRE_OHM) * 1e6 for volts in tile.volts]
    for found in (tile.solved(6), tile.factored(), tile.by_operator()):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def figures(rows):
    return {row.name.partition(": ")[2]: row.value for row in rows}


def test_vectors_that_are_not_timed_are_counted_in(small, monkeypatch):
    monkeypatch.setattr(bench, "MOST_UNKNOWNS", 2 * 49 * 2)
    monkeypatch.setattr(bench, "seconds", lambda work: 1.0)
    found = figures(bench.measure(7, repeats=1))
    assert found["a solve per vector, 2 vectors timed"] == 3.0
    assert found["factorised once"] == found["operator"] == 1.0
    assert (found["operator, times a solve per vector"], found["operator, times factorised once"]) == (3.0, 1.0)


def test_a_measurement_is_rows(small):
    rows = bench.measure(5, repeats=1)
    found = figures(rows)
    assert found["largest relative error"] < 1e-10
    assert 0 < found["error of ignoring the wires"] < 100
    assert all(row.name.startswith("5 x 5, 6 vectors: ") for row in rows)
