"""Statistics and energy of sensed lines, against numpy's line fit and a sum over cells and pulses one by one."""

import numpy as np
import pytest

from suite.contract.energy import READ_TIMES_S
from suite.contract.lines import READ_VOLTAGE_V, LineReads, line_statistics, pulse_energies

DRIVEN, SENSED, VECTORS = 5, 3, 40


def reads(inputs=None, **changes):
    generator = np.random.default_rng(1)
    inputs = generator.integers(-3, 4, (VECTORS, DRIVEN)).astype(float) if inputs is None else inputs
    cells = generator.uniform(1, 40, (2, SENSED, DRIVEN))
    ideal = inputs @ (cells[0] - cells[1]).T
    shown = ideal / cells.sum((0, 2)) + generator.normal(0, 0.05, ideal.shape) + 0.3
    known = {"array": "dense", "backward": False, "tile": 0, "inputs": inputs, "ideal": ideal, "found": ideal}
    known |= {"shown": shown, "counted": True, "conductances_uS": cells, "per_sample": 1.0, "floating": True}
    return LineReads(**{**known, **changes})


def test_statistics_are_those_of_a_line_fit():
    one = reads()
    found = line_statistics([one, reads(tile=1, backward=True)])
    assert found["tile"].tolist() == [0] * SENSED + [1] * SENSED
    assert found["direction"].tolist() == ["forward"] * SENSED + ["backward"] * SENSED
    for line in range(SENSED):
        slope, offset = np.polyfit(one.ideal[:, line], one.shown[:, line], 1)
        left = (one.shown[:, line] - offset) / slope - one.ideal[:, line]
        assert found["slope"][line] == pytest.approx(slope)
        assert found["offset"][line] == pytest.approx(offset)
        assert found["residual"][line] == pytest.approx(np.sqrt(np.mean(left**2)))
        assert found["conductance_uS"][line] == pytest.approx(one.conductances_uS[:, line].sum())


def test_lines_that_never_change_have_no_slope():
    found = line_statistics([reads(np.zeros((VECTORS, DRIVEN)))])
    assert np.isnan(found["slope"]).all()
    assert np.isnan(found["residual"]).all()


def cell_by_cell(one, pulses):
    """Joule per second of pulse and input, of the cells of both polarities behind their driven and sensed lines."""
    total = held = 0.0
    for vector in one.inputs:
        for count, level in pulses(vector):
            for line in range(SENSED):
                cells = one.conductances_uS[:, line] * 1e-6
                settled = READ_VOLTAGE_V * sum(level * (cells[0] - cells[1])) / cells.sum()
                for polarity, sign in ((0, 1), (1, -1)):
                    drop = sign * READ_VOLTAGE_V * level - settled
                    total += count * float((cells[polarity] * drop**2).sum())
                held += count * float(cells.sum()) * READ_VOLTAGE_V**2
    return total / len(one.inputs), held / len(one.inputs)


def signed(vector):
    for bit in range(2):
        on = np.abs(vector).astype(int) >> bit & 1
        for idle in (1.0, -1.0):
            yield 2**bit, np.where(on, np.sign(vector), idle)


def unsigned(vector):
    for bit in range(2):
        yield 2**bit, 2.0 * (vector.astype(int) >> bit & 1) - 1
        yield 2**bit, np.ones(DRIVEN)


@pytest.mark.parametrize(("least", "pulses"), [(-3, signed), (0, unsigned)])
def test_energy_is_that_of_every_cell_and_pulse(least, pulses):
    inputs = np.random.default_rng(2).integers(least, 4, (VECTORS, DRIVEN)).astype(float)
    inputs[0, 0] = 3
    one = reads(inputs, per_sample=7.0)
    expected, held = cell_by_cell(one, pulses)
    found = pulse_energies([one], {"": 2})
    assert found["low_J"][0] == pytest.approx(7 * expected * READ_TIMES_S[0])
    assert found["high_J"][0] == pytest.approx(7 * expected * READ_TIMES_S[1])
    assert found["relative"][0] == pytest.approx(expected / held)
    assert found["relative"][0] < 1


def test_pulses_and_decrements_are_counted_by_array_and_direction():
    shown = np.full((VECTORS, SENSED), -2.5)
    tiles = [reads(shown=shown, per_sample=2.0), reads(tile=1, shown=shown, per_sample=2.0)]
    back = reads(backward=True, shown=shown, counted=False, floating=False)
    found = pulse_energies([*tiles, back], {"": 3, "dense backward": 1})
    assert found["array"].tolist() == ["dense", "dense backward"]
    assert found["products"].tolist() == [4, 1]
    assert found["rows"].tolist() == [2 * DRIVEN, DRIVEN]
    assert found["pulses"].tolist() == [4 * 14, 2]
    assert found["decrements"].tolist() == [4 * 3 * SENSED, 0]
    assert found["relative"][1] == 1
