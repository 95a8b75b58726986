"""Files that could be read as something they are not: stacked cycles, noisy zeros, copies, comments, bare units."""

import numpy as np
import pandas
import pytest
from click.testing import CliRunner

from suite.cli import main
from suite.figures.device_card import _bins
from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.loop import positive_loop
from suite.lab.characterise.sweeps import SweepError
from tests.unit.lab import iv_files as iv
from tests.unit.lab.iv_files import read_sweeps

PLAIN = iv.currents()


def read(path, values=PLAIN, **options):
    return read_sweeps(iv.text(path, iv.table(values, **options)))


def stacked(values=PLAIN, voltage=iv.SHEET_VOLTAGE, numbers="cycle"):
    cycles = np.repeat(np.arange(1, values.shape[1] + 1), len(voltage))
    columns = {numbers: cycles, "voltage": np.tile(voltage, values.shape[1]), "current": values.T.ravel()}
    return pandas.DataFrame(columns)


@pytest.mark.parametrize("numbers", ["cycle", "Cycle number"])
def test_cycles_below_one_another_are_those_side_by_side(tmp_path, numbers):
    wide, long = read(tmp_path / "wide.csv"), read_sweeps(iv.text(tmp_path / "long.csv", stacked(numbers=numbers)))
    assert long.current == pytest.approx(wide.current)
    by_point = stacked(numbers=numbers).iloc[np.arange(PLAIN.size).reshape(PLAIN.shape[::-1]).T.ravel()]
    assert read_sweeps(iv.text(tmp_path / "b.csv", by_point)).current == pytest.approx(wide.current)


def test_stacked_cycles_that_do_not_fit_are_errors(tmp_path):
    frame = stacked()
    with pytest.raises(
        SweepError, match=r"a\.csv: cycle 2 \(from row 206\) has other voltages than cycle 1; remove it"
    ):
        read_sweeps(iv.text(tmp_path / "a.csv", frame.drop(index=300)))
    frame["cycle"] = frame["cycle"].where(frame.index != 7)
    with pytest.raises(SweepError, match=r"b\.csv: row 9: the cycle number is missing"):
        read_sweeps(iv.text(tmp_path / "b.csv", frame))
    with pytest.raises(SweepError, match=r"c\.csv: column 'cycle' numbers the cycles"):
        read_sweeps(iv.text(tmp_path / "c.csv", iv.table().assign(cycle=1)))


def test_voltages_within_half_a_step_of_zero_are_no_conductances(tmp_path):
    exact = positive_loop(read(tmp_path / "a.csv"))
    for offset in (1e-6, -1e-6, 0.004):
        voltage = np.where(iv.SHEET_VOLTAGE == 0, offset, iv.SHEET_VOLTAGE)
        loop = positive_loop(read(tmp_path / "b.csv", PLAIN + 1e-12, voltage=voltage))
        assert (len(loop.voltage), loop.zeros) == (100, exact.zeros)
        assert loop.conductance == pytest.approx(exact.conductance, rel=1e-6)


def test_noisy_zeros_of_a_trace_are_left_out_and_counted(tmp_path):
    up = np.concatenate([iv.UP, iv.UP[::-1]])
    frame = iv.trace(cycles=6, sigma=0.02, voltage=up)
    clean = fit_device(read_sweeps(iv.text(tmp_path / "a.csv", frame)))
    frame["voltage (V)"] += 2e-3 * np.random.default_rng(3).standard_normal(len(frame))
    noisy = fit_device(read_sweeps(iv.text(tmp_path / "b.csv", frame)))
    assert noisy.loop.voltage.min() > 0.01
    assert len(noisy.loop.voltage) == len(clean.loop.voltage) == 100
    assert any("6 rows of the trace at V = 0" in note for note in noisy.fit.notes)


def test_the_bias_of_maximum_likelihood_is_told(tmp_path):
    sweeps = read(tmp_path / "a.csv", iv.currents(cycles=4))
    fit = fit_device(sweeps).fit
    assert any("sigma about 0.866 of its true value" in note for note in fit.notes)
    assert any("only 4 cycles: sigma is uncertain and low by a factor of about 0.866" in w for w in fit.warnings)
    assert not any("maximum likelihood" in note for note in fit_device(sweeps, "authors").fit.notes)


def test_the_terminal_shows_short_notes(tmp_path):
    book = iv.workbook(tmp_path / "a.xlsx", notes={"process": 50 * "long "})
    said = CliRunner().invoke(main, ["device", "fit", str(book), "--out", str(tmp_path)]).output
    assert "note: units are assumed to be V and A" in said
    assert "long long" not in said


@pytest.mark.parametrize("values", [[0.0, 1e-15, 2e-15, 1e-15, 0.5], [0.1] * 9 + [3.0], np.linspace(0, 1, 99), [1.0]])
def test_a_histogram_has_a_bounded_number_of_bins(values):
    assert 1 <= _bins(np.array(values)) <= 100


def test_bins_follow_the_rule_where_it_is_sane():
    values = np.random.default_rng(0).standard_normal(1000)
    assert _bins(values) == len(np.histogram_bin_edges(values, "fd")) - 1


def test_a_file_without_a_name_keeps_its_stem(tmp_path):
    assert fit_device(read(tmp_path / "I-V_data_.csv")).fit.name == "I-V_data_"


def test_copies_in_other_digits_are_copies(tmp_path):
    copied = np.column_stack([PLAIN[:, :2], PLAIN[:, 1] * (1 + 1e-13)])
    with pytest.raises(SweepError, match=r"a\.csv: cycle 3 repeats cycle 2 "):
        read(tmp_path / "a.csv", copied)
    assert read(tmp_path / "b.csv", np.column_stack([PLAIN, PLAIN[:, 1] * (1 + 1e-6)])).current.shape[1] == 7


def test_an_empty_cycle_is_dropped_and_not_called_used(tmp_path):
    values = PLAIN.copy()
    values[:, 2] = np.nan
    sweeps = read(tmp_path / "a.csv", values)
    assert (sweeps.incomplete, sweeps.empty, sweeps.current.shape[1]) == ((), (3,), 5)
    warnings = " ".join(fit_device(sweeps).fit.warnings)
    assert "cycles without any current: 3 (left out)" in warnings
    assert "incomplete" not in warnings


def test_comments_and_empty_lines_count_as_rows(tmp_path):
    lines = iv.text(tmp_path / "a.csv", iv.table()).read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[0], "x", 1)
    lines = ["# made", "", *lines[:3], "# later", *lines[3:]]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert lines[8].startswith("x,")
    with pytest.raises(SweepError, match="row 9: 'x' in column 'voltage' is no number"):
        read_sweeps(tmp_path / "a.csv")


def test_rows_longer_than_the_header_are_errors(tmp_path):
    lines = iv.text(tmp_path / "a.csv", iv.table()).read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([lines[0], *(f"{line},1" for line in lines[1:])]))
    with pytest.raises(SweepError, match=r"a\.csv: the rows have more fields than the header"):
        read_sweeps(tmp_path / "a.csv")


@pytest.mark.parametrize("header", ["V", "V 1", "V_bias"])
def test_a_column_named_like_a_unit_states_none(tmp_path, header):
    path = iv.text(tmp_path / "a.csv", iv.table(voltage=1e3 * iv.SHEET_VOLTAGE, values=PLAIN, volts=header))
    flagged = read_sweeps(path, voltage_unit="mV")
    assert flagged.voltage == pytest.approx(iv.SHEET_VOLTAGE)
    assert any("units are assumed to be A:" in note for note in flagged.notes)
    assert any("units are assumed to be V and A:" in note for note in read_sweeps(path).notes)
