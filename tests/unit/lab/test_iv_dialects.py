"""What instruments and spreadsheets write: one cell in many dialects, and files that are no table of sweeps."""

import numpy as np
import pytest

from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.readers import read_devices
from suite.lab.characterise.sweeps import SweepError
from tests.unit.lab import iv_faults as faulty
from tests.unit.lab import iv_files as iv

TRACE, WIDE = faulty.TRACE, faulty.WIDE
MICRO = TRACE * [1, 1e6]
B1500 = """SetupTitle, I/V Sweep
PrimitiveTest, I/V Sweep
TestParameter, Channel.VName, V1, V2
TestParameter, Channel.IName, I1, I2
Dimension1, 100
DataName, V1, I1
"""
LABVIEW = """LabVIEW Measurement
Separator\tTab
Date\t2023/02/23
Time\t10:16:47.3
***End_of_Header***

Channels\t2
Samples\t100\t100
***End_of_Header***
X_Value\tVoltage\tCurrent\tComment
"""


def labelled(label, lines):
    return "".join(f"{label}{line}\n" for line in lines.splitlines())


DIALECTS = {
    "B1500": (B1500 + labelled("DataValue, ", faulty.rows(", ", TRACE)), "utf-8"),
    "LabVIEW": (LABVIEW + labelled("\t", faulty.rows("\t", TRACE)), "utf-8"),
    "UTF-16": ("Voltage (V)\tCurrent (µA)\n" + faulty.rows("\t", MICRO), "utf-16"),
    "UTF-16 without a mark": ("Voltage (V)\tCurrent (µA)\n" + faulty.rows("\t", MICRO), "utf-16-le"),
    "Windows-1252": ("U / V;I / µA\r\n" + faulty.rows(";", MICRO, ","), "cp1252"),
    "units written out": ("Voltage (Volts),Current (Amps)\n" + faulty.rows(",", TRACE), "utf-8"),
    "spaces": ("U / V I / uA\n" + faulty.rows("   ", MICRO), "utf-8"),
    "a column of texts": ("voltage,current,status\n" + faulty.rows(",", TRACE).replace("\n", ",OK\n"), "utf-8"),
    "a row of units": (
        "Voltage\tCurrent\tCurrent\tCurrent\tCurrent\nV\tuA\tuA\tuA\tuA\n\tcycle 1\tcycle 2\tcycle 3\tcycle 4\n"
        + faulty.rows("\t", WIDE * [1, 1e6, 1e6, 1e6, 1e6]),
        "utf-8",
    ),
    "comments above the header": (
        "# voltage sweep, current in A\nvoltage,cycle #1,cycle #2,cycle #3,cycle #4\n" + faulty.rows(",", WIDE),
        "utf-8",
    ),
    "a separator at the end": (
        "voltage,cycle 1,cycle 2,cycle 3,cycle 4,\n" + faulty.rows(",", WIDE).replace("\n", ",\n"),
        "utf-8",
    ),
    "a header for every run": (
        "".join("voltage,current\n" + faulty.rows(",", WIDE[:, [0, cycle]]) for cycle in range(1, 5)),
        "utf-8",
    ),
}


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def refused(path):
    with pytest.raises(SweepError) as caught:
        read_devices(path)
    return str(caught.value)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_same_sigma(tmp_path, dialect):
    fit = fit_device(iv.read_sweeps(written(tmp_path / "a.txt", *DIALECTS[dialect]))).fit
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(faulty.SIGMA, abs=5e-5), 4)
    assert max(fit.conductance_uS) == pytest.approx(
        1e6 * (WIDE[1:-1, 1:] / WIDE[1:-1, :1]).mean(axis=1).max(), rel=0.01
    )


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        (faulty.rows(",", WIDE), "utf-8", ("no line names the columns", "separator comma", "first line '0,0,0,0,0'")),
        ("voltage,cycle 1,cycle 2\n" + faulty.rows(",", WIDE[:, :3], ","), "utf-8", ("than the decimal mark",)),
        ("hello\nworld\n", "cp1252", ("holds no row of numbers", "encoding utf-8", "first line 'hello'")),
        ("", "utf-8", ("the file is empty",)),
        ("V1,I1,V2,I2\n" + faulty.rows(",", WIDE[:, [0, 1, 0, 2]]), "utf-8", ("2 columns of a swept voltage ('V1'",)),
        ("V,I,I\n" + faulty.rows(",", WIDE[:, :3]), "utf-8", ("two columns are called 'I'",)),
        ("V,I1,I2\n" + faulty.rows(",", WIDE[:, [0, 1, 2]] * [1, 1, 0]), "utf-8", ("'I2' takes 1 value in 25 rows",)),
        ("V,I1,I2\n" + faulty.rows(",", WIDE[:, :3] * [1, 1e12, 1]), "utf-8", ("state the unit in the header",)),
        ("V;I1\n" + faulty.rows(";", WIDE[:, :2], ",").replace("0,0833333;", "x;", 1), "utf-8", ("row 3: 'x'",)),
    ],
)
def test_what_cannot_be_read_is_told_with_how_it_was_read(tmp_path, text, encoding, words):
    message = refused(written(tmp_path / "a.csv", text, encoding))
    assert all(word in message for word in words), message


def test_lists_of_columns_are_cut(tmp_path):
    header = ",".join(f"x{column}" for column in range(601))
    message = refused(written(tmp_path / "a.csv", header + "\n" + faulty.rows(",", np.ones((3, 601)))))
    assert "columns x0, x1, x2, x3, x4, x5, x6, x7 and 593 more: one must be called voltage" in message
    assert len(message) < 500


def test_old_workbooks_and_other_bytes_are_named(tmp_path):
    for content, words in ((b"\xd0\xcf\x11\xe0" + bytes(99), "Excel 97"), (b"\x01\x02\xff" * 9, "not a text in utf-8")):
        (tmp_path / "a.xls").write_bytes(content)
        assert words in refused(tmp_path / "a.xls")
    tabs = written(tmp_path / "a.xls", "Time\tAI\tAV\n" + faulty.rows("\t", faulty.numbered(TRACE[:, 1], TRACE[:, 0])))
    assert fit_device(iv.read_sweeps(tabs)).fit.sigma_log == pytest.approx(faulty.SIGMA, abs=5e-5)


def test_the_dummy_data_of_an_aborted_sweep_are_no_currents(tmp_path):
    table = WIDE[:, :3].copy()
    table[20:, 1:] = 199.999e99
    message = refused(faulty.csv(tmp_path / "a.csv", "voltage,cycle 1,cycle 2", table))
    assert "row 22: 1.99999e+101" in message
    assert "over range, or a sweep that was aborted" in message


def test_sheets_of_one_cycle_each_are_one_device(tmp_path):
    runs = {f"Run{cycle}": faulty.headed("AV,AI", WIDE[:, [0, cycle]]) for cycle in range(1, 5)}
    fit = fit_device(iv.read_sweeps(faulty.sheets(tmp_path / "a.xlsx", runs))).fit
    assert (fit.name, fit.cycles) == ("a", 4)
    assert fit.sigma_log == pytest.approx(faulty.sigma_of(faulty.CURRENT), rel=1e-6)
    mixed = {"all": faulty.headed("voltage,current", TRACE), "one": faulty.headed("voltage,current", WIDE[:, :2])}
    message = refused(faulty.sheets(tmp_path / "b.xlsx", mixed))
    assert "sheet 'one' holds one cycle and sheet 'all' several" in message


def test_what_a_workbook_holds_besides_is_told(tmp_path):
    nameless = faulty.headed("voltage,cycle 1,,cycle 3,cycle 4", WIDE)
    book = {"data": nameless, "raw": np.arange(60.0).reshape(12, 5).tolist(), "notes": [["scan"], ["1 V"]]}
    fit = fit_device(iv.read_sweeps(faulty.sheets(tmp_path / "a.xlsx", book))).fit
    assert fit.cycles == 3
    assert "columns without a name hold values and are left out: C; name them to have them read" in fit.warnings
    assert "sheet 'raw' (60 cells) is left out: no row of it names a voltage and currents" in fit.warnings
    assert "scan 1 V" in fit.notes


def test_empty_columns_behind_the_data_are_nothing(tmp_path):
    rest = ",".join(["voltage"] + [f"cycle {number}" for number in range(2000)])
    book = {"data": faulty.headed(f"{faulty.HEADER},{rest}", WIDE)}
    fit = fit_device(iv.read_sweeps(faulty.sheets(tmp_path / "a.xlsx", book))).fit
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(faulty.SIGMA, abs=5e-5), 4)
    assert not any("without any current" in warning for warning in fit.warnings)
