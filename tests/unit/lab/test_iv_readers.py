"""Files of I-V sweeps: every layout gives the same numbers, and bad ones are told with file, row and fix."""

import numpy as np
import pytest

from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.loop import positive_loop
from suite.lab.characterise.sweeps import SweepError
from tests.unit.lab import iv_files as iv
from tests.unit.lab.iv_files import read_sweeps

PLAIN = iv.currents()


def sigma(path, **units):
    return fit_device(read_sweeps(path, **units)).fit.sigma_log


def test_a_workbook_gives_points_cycles_and_notes(tmp_path):
    sweeps = read_sweeps(iv.workbook(tmp_path / "I-V_data_mine.xlsx", notes={"Pb_time": "10min", "scan ": "1V"}))
    assert sweeps.source.name == "mine"
    assert sweeps.voltage == pytest.approx(iv.SHEET_VOLTAGE)
    assert sweeps.current == pytest.approx(PLAIN)
    assert "Pb_time 10min; scan 1V" in sweeps.notes
    assert any("units are assumed to be V and A" in note for note in sweeps.notes)


def test_every_layout_gives_the_same_sigma(tmp_path):
    expected = sigma(iv.workbook(tmp_path / "a.xlsx"))
    assert sigma(iv.text(tmp_path / "a.csv")) == pytest.approx(expected)
    assert sigma(iv.text(tmp_path / "a.tsv", separator="\t")) == pytest.approx(expected)
    trace = iv.text(tmp_path / "trace.csv", iv.trace(cycles=6))
    assert sigma(trace) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scale", "header", "flags"),
    [
        (1e3, "current_cycle{} (mA)", {}),
        (1e6, "I{} [uA]", {}),
        (1e9, "cycle{}_nA", {}),
        (1e3, "current_cycle{}", {"current_unit": "mA"}),
        (1e6, "current {} µA", {"current_unit": "uA"}),
    ],
)
def test_currents_come_in_amperes(tmp_path, scale, header, flags):
    path = iv.text(tmp_path / "a.csv", iv.table(PLAIN * scale, header=header))
    assert read_sweeps(path, **flags).current == pytest.approx(PLAIN)


def test_voltages_come_in_volts(tmp_path):
    for header, flags in (("V_mV", {}), ("voltage (mV)", {}), ("bias", {"voltage_unit": "mV"})):
        frame = iv.table().rename(columns={"voltage": header})
        frame[header] *= 1e3
        assert read_sweeps(iv.text(tmp_path / "a.csv", frame), **flags).voltage == pytest.approx(iv.SHEET_VOLTAGE)


def test_units_that_disagree_or_are_unknown_are_errors(tmp_path):
    path = iv.text(tmp_path / "a.csv", iv.table(header="current_cycle{} (mA)"))
    with pytest.raises(SweepError, match=r"a\.csv: column 'current_cycle1 \(mA\)' is in mA, but uA was given"):
        read_sweeps(path, current_unit="uA")
    path = iv.text(tmp_path / "b.csv", iv.table(header="current_cycle{} (arb)"))
    with pytest.raises(SweepError, match=r"b\.csv: column .*unknown unit 'arb'; known: A, mA"):
        read_sweeps(path)


def test_milliamperes_written_as_amperes_are_doubted(tmp_path):
    for scale, doubted in ((1e2, False), (1e3, True)):
        fit = fit_device(read_sweeps(iv.text(tmp_path / "a.csv", iv.table(PLAIN * scale)))).fit
        assert any("if the file means mA, say so" in warning for warning in fit.warnings) == doubted


def test_rows_of_no_voltage_are_left_out_and_counted(tmp_path):
    loop = positive_loop(read_sweeps(iv.text(tmp_path / "a.csv")))
    assert loop.zeros == 3
    assert (len(loop.voltage), loop.voltage.min()) == (100, pytest.approx(0.02))
    assert (loop.rows[0], loop.rows[-1]) == (3, 102)
    assert loop.conductance == pytest.approx(PLAIN[1:101] / iv.SHEET_VOLTAGE[1:101, None])
    with pytest.raises(SweepError, match=r"b\.csv: every voltage is 0; give the voltage column"):
        read_sweeps(iv.text(tmp_path / "b.csv", iv.table(voltage=0 * iv.SHEET_VOLTAGE)))


def test_a_cycle_cut_short_is_counted(tmp_path):
    values = PLAIN.copy()
    values[-51:, 5] = np.nan
    sweeps = read_sweeps(iv.workbook(tmp_path / "a.xlsx", iv.table(values)))
    assert sweeps.incomplete == (6,)
    assert positive_loop(sweeps).short == 0
    assert any("incomplete cycles: 6 (their positive loops are whole" in w for w in fit_device(sweeps).fit.warnings)
    values[60:, 4] = np.nan
    sweeps = read_sweeps(iv.workbook(tmp_path / "b.xlsx", iv.table(values)))
    assert (sweeps.incomplete, positive_loop(sweeps).short) == ((5, 6), 1)
    assert any("incomplete cycles: 5, 6 (1 of them left out)" in w for w in fit_device(sweeps).fit.warnings)


def test_a_gap_in_the_middle_names_row_and_cycle(tmp_path):
    values = PLAIN.copy()
    values[17, 2] = np.nan
    with pytest.raises(SweepError, match=r"a\.csv: row 19, cycle 3: a current is missing in the middle.*fill it in"):
        read_sweeps(iv.text(tmp_path / "a.csv", iv.table(values)))
    frame = iv.table()
    frame.loc[4, "voltage"] = np.nan
    with pytest.raises(SweepError, match=r"b\.csv: row 6: the voltage is missing"):
        read_sweeps(iv.text(tmp_path / "b.csv", frame))


def test_a_text_among_the_numbers_names_its_row(tmp_path):
    frame = iv.table().astype(object)
    frame.loc[9, "current_cycle2"] = "OVER"
    with pytest.raises(SweepError, match=r"row 11: 'OVER' in column 'current_cycle2' is no number"):
        read_sweeps(iv.text(tmp_path / "a.csv", frame))


def test_one_cycle_is_not_enough(tmp_path):
    for frame in (iv.table(PLAIN[:, :1]), iv.trace(cycles=1)):
        with pytest.raises(SweepError, match=r"a\.csv: 1 .*cycle.*at least 2"):
            read_sweeps(iv.text(tmp_path / "a.csv", frame))
    values = PLAIN[:, :2].copy()
    values[30:, 1] = np.nan
    with pytest.raises(SweepError, match=r"1 cycle has every point of the positive loop \(rows 3 to 102\)"):
        positive_loop(read_sweeps(iv.text(tmp_path / "a.csv", iv.table(values))))


def test_a_voltage_that_never_sweeps_or_is_never_positive_is_an_error(tmp_path):
    for frame in (iv.table(voltage=0.5 + 0 * iv.SHEET_VOLTAGE), iv.trace(voltage=0.5 + 0 * iv.SHEET_VOLTAGE)):
        with pytest.raises(SweepError, match=r"the voltage stays at 0\.5 V; give a file in which it is swept"):
            read_sweeps(iv.text(tmp_path / "a.csv", frame))
    with pytest.raises(SweepError, match=r"\d rows in a row with positive voltages"):
        positive_loop(read_sweeps(iv.text(tmp_path / "a.csv", iv.table(voltage=-np.abs(iv.SHEET_VOLTAGE)))))


def test_copies_are_errors(tmp_path):
    frame = iv.table()
    frame.loc[31] = frame.loc[30]
    with pytest.raises(SweepError, match=r"a\.csv: row 33 repeats row 32 exactly; remove one of them"):
        read_sweeps(iv.text(tmp_path / "a.csv", frame))
    assert iv.SHEET_VOLTAGE[50] == iv.SHEET_VOLTAGE[51] == 1
    limited = PLAIN.copy()
    limited[50:52] = 1e-4
    assert read_sweeps(iv.text(tmp_path / "limited.csv", iv.table(limited))).current.shape == PLAIN.shape
    values = np.column_stack([PLAIN, PLAIN[:, 1]])
    with pytest.raises(SweepError, match="cycle 7 repeats cycle 2 "):
        read_sweeps(iv.text(tmp_path / "b.csv", iv.table(values)))


def test_a_sheet_of_any_name_is_read_and_a_workbook_without_sweeps_names_its_sheets(tmp_path):
    assert read_sweeps(iv.workbook(tmp_path / "a.xlsx", sheet="data")).current == pytest.approx(PLAIN)
    notes = iv.table().rename(columns={"voltage": "temperature"})
    with pytest.raises(SweepError, match=r"b\.xlsx: columns temperature, current_cycle1.*read with sheet 'data'"):
        read_sweeps(iv.workbook(tmp_path / "b.xlsx", notes, sheet="data"))


def test_what_is_no_table_is_told(tmp_path):
    (tmp_path / "a.xlsx").write_text("no workbook")
    with pytest.raises(SweepError, match=r"a\.xlsx: not a workbook"):
        read_sweeps(tmp_path / "a.xlsx")
    with pytest.raises(SweepError, match=r"none\.csv: no such file"):
        read_sweeps(tmp_path / "none.csv")
    with pytest.raises(SweepError, match="columns a, b: one must be called voltage"):
        read_sweeps(iv.text(tmp_path / "b.csv", iv.table(PLAIN[:, :1], header="b").rename(columns={"voltage": "a"})))


def test_a_trace_leaves_out_what_is_no_full_cycle(tmp_path):
    frame = iv.trace(cycles=5)
    cut = iv.text(tmp_path / "a.csv", frame.iloc[30:-190])
    sweeps = read_sweeps(cut)
    assert sweeps.current.shape == (100, 3)
    assert any("3 cycles found in one trace; 2 incomplete and left out" in note for note in sweeps.notes)


def test_cycles_of_a_trace_on_other_voltages_are_interpolated(tmp_path):
    ohmic, parts = 1e-4, []
    for points in (51, 61, 41):
        up = np.linspace(0, 1, points)
        parts.append(np.concatenate([up, up[-2::-1]])[:-1])
    voltage = np.concatenate([*parts, [0.0]])
    factors = [*np.repeat([1.0, 1.1, 1.2], [len(part) for part in parts]).tolist(), 1.2]
    frame = iv.table((ohmic * voltage * factors)[:, None], voltage)
    sweeps = read_sweeps(iv.text(tmp_path / "a.csv", frame))
    assert positive_loop(sweeps).conductance == pytest.approx(np.tile([1e-4, 1.1e-4, 1.2e-4], (99, 1)))
