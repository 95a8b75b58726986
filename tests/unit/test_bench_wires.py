"""The measurement of IR drop: its three ways agree, with the oracle too, and it scales what it did not time."""

import csv

import numpy as np
import pytest

from suite.bench import wires as bench
from suite.bench.tables import write
from tests.currents import column_currents


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bench, "VECTORS", 6)


def test_all_ways_give_the_currents_of_the_oracle(small):
    tile = bench.Tile.of(7)
    expected = [column_currents(tile.conductances * 1e-6, volts, bench.WIRE_OHM) * 1e6 for volts in tile.volts]
    for found in (tile.solved(6), tile.factored(), tile.by_operator()):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_vectors_that_are_not_timed_are_counted_in(small, monkeypatch):
    monkeypatch.setattr(bench, "MOST_UNKNOWNS", 2 * 49 * 2)
    monkeypatch.setattr(bench, "seconds", lambda work: 1.0)
    row = bench.measure(7, repeats=1)
    assert (row.solved_vectors, row.solve_s, row.factor_s, row.operator_s) == (2, 3.0, 1.0, 1.0)
    assert (row.solve_ratio, row.factor_ratio) == (3.0, 1.0)


def test_a_measurement_is_a_row_a_table_and_a_file(small, tmp_path):
    row = bench.measure(5, repeats=1)
    assert row.error < 1e-10
    assert 0 < row.ignored < 1
    assert row.solve_ratio == row.solve_s / row.operator_s
    text = bench.table([row])
    assert all(word in text for word in ("5 x 5", "6 vectors", "1 ohm", "synthetic", row.processor))
    write([row], tmp_path / "wires.csv")
    with (tmp_path / "wires.csv").open(newline="") as file:
        (read,) = csv.DictReader(file)
    assert read["side"] == "5"
    assert float(read["error"]) < 1e-10
