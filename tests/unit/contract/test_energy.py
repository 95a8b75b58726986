"""Energy of reading and writing an array, against sums over its cells."""

import numpy as np
import pytest
import torch

from suite.contract.energy import energies, read_energy_J, write_energy_J

CELLS = np.random.default_rng(0).uniform(1, 100, (2, 3, 4))
INPUTS = np.array([[0.5, -1.0, 0.0, 0.25], [8.0, 4.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


def by_cell(sample, volts, seconds):
    largest = max(abs(value) for value in sample) or 1.0
    return sum(
        (volts * sample[row] / largest) ** 2 * CELLS[cell, column, row] * 1e-6 * seconds
        for cell in range(2)
        for column in range(3)
        for row in range(4)
    )


def test_a_read_costs_the_heat_of_its_cells():
    found = read_energy_J(INPUTS, CELLS, read_voltage_V=0.2, read_time_s=1e-7)
    assert found == pytest.approx([by_cell(sample, 0.2, 1e-7) for sample in INPUTS])
    assert found[2] == 0
    tensors = read_energy_J(torch.tensor(INPUTS), torch.tensor(CELLS), read_voltage_V=0.2, read_time_s=1e-7)
    assert (tensors == found).all()


def test_the_range_runs_from_the_fastest_to_the_slowest_read():
    found = energies(INPUTS, CELLS, read_voltage_V=0.2)
    assert found["high_J"] == pytest.approx(100 * found["low_J"])
    assert found["low_J"] == pytest.approx(read_energy_J(INPUTS, CELLS, read_voltage_V=0.2, read_time_s=10e-9).mean())
    assert found["power_W"] == pytest.approx(found["low_J"] / 10e-9)


def test_the_range_of_programming_runs_from_one_volt_to_eight():
    """64 times the power for 100 times as long."""
    found = energies(INPUTS, CELLS, read_voltage_V=0.2)
    assert found["write_low_J"] == pytest.approx(CELLS.sum() * 1e-6 * 100e-9)
    assert found["write_high_J"] == pytest.approx(6400 * found["write_low_J"])


def test_one_cell_by_hand():
    """100 uS under 1 V for 1 us: 100 uW for 1 us, 0.1 nJ; written with 2 V: four times that."""
    cell = np.array([[[100.0]], [[0.0]]])
    assert read_energy_J([[3.0]], cell, read_voltage_V=1.0, read_time_s=1e-6) == pytest.approx([1e-10])
    assert write_energy_J(cell, write_voltage_V=2.0, pulse_s=1e-6) == pytest.approx(4e-10)
