"""Files that gave a wrong number without a word, or an error that hid its cause: the right number, or the cause."""

import numpy as np
import pytest
from click.testing import CliRunner

from suite.cli import main
from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.readers import read_devices
from suite.lab.characterise.sweeps import SweepError
from tests.unit.lab import iv_faults as faulty
from tests.unit.lab.iv_files import read_sweeps


def fitted(path):
    return fit_device(read_sweeps(path)).fit


def refused(path):
    with pytest.raises(SweepError) as caught:
        read_devices(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_four_good_cycles(tmp_path):
    fit = fitted(faulty.good(tmp_path / "a.csv"))
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(faulty.SIGMA, abs=5e-5), 4)
    assert fit.sigma_log == pytest.approx(faulty.sigma_of(faulty.CURRENT), rel=1e-5)


def test_a_current_range_is_no_cycle(tmp_path):
    fit = fitted(faulty.current_range(tmp_path / "b.csv"))
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(faulty.SIGMA, abs=5e-5), 4)
    assert any("left out as settings of the instrument" in note and "'I range (A)'" in note for note in fit.notes)


def test_a_compliance_is_no_cycle(tmp_path):
    assert refused(faulty.compliance(tmp_path / "c.csv")).startswith("1 full cycle from 0 to the peak and back")


def test_forward_and_backward_are_no_cycles(tmp_path):
    message = refused(faulty.forward_backward(tmp_path / "d.csv"))
    assert message.startswith("columns 'I forward' and 'I backward' differ in name by more than a number")
    assert "both branches of a sweep belong into one column" in message


def test_an_overflow_is_no_current(tmp_path):
    message = refused(faulty.overflow(tmp_path / "e.csv"))
    assert message.startswith("row 14: 9.9e+37 in column 'cycle 2' is an instrument's code for an overflow")


def test_not_a_number_is_no_current(tmp_path):
    message = refused(faulty.not_a_number(tmp_path / "f.csv"))
    assert message.startswith("row 11: 9.91e+37 in column 'cycle 1' is an instrument's code for 'not a number'")
    assert "7 such cells" in message


@pytest.mark.parametrize("write", [faulty.decimal_comma, faulty.commented_header])
def test_two_cycles_in_another_dialect(tmp_path, write):
    fit = fitted(write(tmp_path / "a.csv"))
    plain = fitted(faulty.csv(tmp_path / "plain.csv", "voltage,cycle 1,cycle 2", faulty.WIDE[:, :3]))
    assert fit.sigma_log == plain.sigma_log == pytest.approx(faulty.sigma_of(faulty.CURRENT[:, :2]), rel=1e-4)


@pytest.mark.parametrize("write", [faulty.mixed_separators, faulty.keithley_4200])
def test_a_trace_in_another_dialect(tmp_path, write):
    fit = fitted(write(tmp_path / "a.txt"))
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(faulty.SIGMA, abs=5e-5), 4)


def test_a_step_is_one_of_the_positive_branch(tmp_path):
    fit = fitted(faulty.unequal_branches(tmp_path / "l.csv"))
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(0.1003, abs=5e-5), 2)
    assert min(fit.voltage_V) == pytest.approx(0.025)


def test_noise_is_no_step(tmp_path):
    fit = fitted(faulty.noisy_voltage(tmp_path / "m.csv"))
    quiet = fitted(faulty.noisy_voltage(tmp_path / "quiet.csv", noise=0))
    assert quiet.sigma_log == pytest.approx(0.0740, abs=1e-4)
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(0.0740, rel=0.03), 4)
    assert abs(fit.mono_len - quiet.mono_len) <= 2
    assert any("the voltage is noisier than its steps" in note for note in fit.notes)


def test_a_hold_is_no_copy(tmp_path):
    path = faulty.snapback(tmp_path / "n.csv")
    assert fitted(path).sigma_log == pytest.approx(np.log(1 / 0.9) / 2, rel=1e-4)
    lines = path.read_text().splitlines()
    untimed = tmp_path / "untimed.csv"
    untimed.write_text("\n".join(line.split(",", 1)[1] for line in lines))
    assert fitted(untimed).sigma_log == fitted(path).sigma_log
    path.write_text("\n".join([*lines[:15], lines[14], *lines[15:]]))
    assert refused(path).startswith("row 16 repeats row 15 exactly, its time as well")


def test_every_sheet_of_cycles_is_a_device(tmp_path):
    header = "voltage,cycle 1,cycle 2,cycle 3"
    devices = {title: faulty.headed(header, table) for title, table in faulty.three_devices().items()}
    path = faulty.sheets(tmp_path / "o.xlsx", devices)
    fits = [fit_device(sweeps).fit for sweeps in read_devices(path)]
    assert [fit.name for fit in fits] == ["o_Sheet1", "o_Sheet2", "o_Sheet3"]
    expected = [faulty.sigma_of(table[:, 1:]) for table in faulty.three_devices().values()]
    assert [fit.sigma_log for fit in fits] == pytest.approx(expected, rel=1e-6)
    assert expected == pytest.approx([0.0829, 0.1408, 0.1976], abs=5e-5)
    assert not any(fit.notes[0].startswith("voltage") or len(fit.notes) > 3 for fit in fits)


def test_a_bad_file_stops_no_other(tmp_path):
    files = [faulty.good(tmp_path / "a.csv"), faulty.overflow(tmp_path / "bad.csv"), faulty.good(tmp_path / "c.csv")]
    files[2].write_text(files[2].read_text().replace("0.166667", "0.17"))
    result = CliRunner().invoke(main, ["device", "fit", *map(str, files), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == ["a.json", "c.json"]
    assert "bad.csv: row 14: 9.9e+37" in result.output
    assert "a: sigma 0.0884" in result.output
