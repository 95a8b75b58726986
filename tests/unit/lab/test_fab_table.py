"""A user's table of devices: what is inferred, and every mistake by file, row and fix."""

import math

import pytest

from suite.data.facts import TABLE
from suite.lab.fabrication.table import BadTable, Reading, read_table

GOOD = """halide,ag_nm,temp,sigma
MAI,100,180,0.5
MAI,200,180+210,0.02
FAI,200,180,0.1
FAI,100,180,
"""


def table(tmp_path, text, **reading):
    path = tmp_path / "devices.csv"
    path.write_text(text)
    return read_table(path, Reading(**reading))


def refused(tmp_path, text, **reading):
    with pytest.raises(BadTable) as caught:
        table(tmp_path, text, **reading)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "devices.csv"))
    return message.removeprefix(str(tmp_path / "devices.csv"))


def test_kinds_are_inferred_and_rows_without_an_outcome_are_pending(tmp_path):
    found = table(tmp_path, GOOD)
    assert found.columns.numeric == ("ag_nm",)
    assert found.columns.categorical == ("halide", "temp")
    assert list(found.sigma_log) == [0.5, 0.02, 0.1]
    assert found.rows.iloc[1].to_dict() == {"ag_nm": 200.0, "halide": "MAI", "temp": "180+210"}
    assert found.pending.to_dict("records") == [{"ag_nm": 100.0, "halide": "FAI", "temp": "180"}]


def test_flags_override_what_is_inferred(tmp_path):
    found = table(tmp_path, GOOD, categorical=("ag_nm",), ignore=("temp",))
    assert found.columns.numeric == ()
    assert found.columns.categorical == ("halide", "ag_nm")
    message = refused(tmp_path, GOOD, numeric=("temp",))
    assert message == ": row 3, column temp: '180+210' is not a finite number; write one"
    assert "has no column 'silver'" in refused(tmp_path, GOOD, ignore=("silver",))


def test_usability_is_a_target_too(tmp_path):
    found = table(tmp_path, GOOD.replace("sigma", "usability").replace("0.5", "1"))
    assert list(found.sigma_log) == pytest.approx([0.0, -math.log(0.02), -math.log(0.1)])
    assert math.copysign(1, found.sigma_log[0]) == 1
    named = table(tmp_path, GOOD.replace("sigma", "spread"), target="spread", scale="sigma")
    assert list(named.sigma_log) == [0.5, 0.02, 0.1]
    message = refused(tmp_path, GOOD.replace("sigma", "spread"), target="spread")
    assert "say with --scale whether it is sigma or usability" in message


def test_the_packaged_table_is_read_as_it_stands():
    found = read_table(TABLE)
    assert len(found.rows) == 37 and found.pending.empty
    assert found.columns.categorical == ("third_etch", "conversion_temp_c", "halide", "pmma", "electrode")
    assert not {"usability", "mono_len", "replicate", "sigma"} & set(found.columns.factors)


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [
        ("0.02", "nan", ": row 3, column sigma: 'nan' is not a finite number"),
        ("0.02", "low", ": row 3, column sigma: 'low' is not a finite number"),
        ("0.02", "inf", ": row 3, column sigma: 'inf' is not a finite number"),
        ("0.02", "0", ": row 3, column sigma: sigma is positive, got 0"),
        ("0.02", "-1", ": row 3, column sigma: sigma is positive, got -1"),
        ("MAI,200", "MAI,", ": row 3, column ag_nm: empty; every factor needs a value"),
        ("MAI,200", "MAI,nan", ": row 3, column ag_nm: 'nan' is not a finite number"),
        ("MAI,200", ",200", ": row 3, column halide: empty"),
        ("MAI,200", "200", ": row 3 has not 4 values"),
        ("MAI,200", "MAI,200,1", ": row 3 has not 4 values"),
        ("FAI,100,180,", "CsI,100,180,", ": row 5, column halide: no measured device has 'CsI'"),
        ("halide,ag_nm", "ag_nm,ag_nm", ": two columns are called 'ag_nm'"),
        ("sigma", "sgima", ": has no target column: neither sigma nor usability (columns: halide, ag_nm, temp, sgima)"),
    ],
)
def test_a_mistake_is_named_by_row_and_fix(tmp_path, old, new, rest):
    assert refused(tmp_path, GOOD.replace(old, new, 1)).startswith(rest)


@pytest.mark.parametrize(
    ("name", "values"), [("sample", "1234"), ("sample", "abcd"), ("Device no.", "1234"), ("", "0123"), ("key", "abcde")]
)
def test_a_column_that_names_the_devices_is_no_factor(tmp_path, name, values):
    sigmas = ["0.5", "0.02", "0.1", "0.2", "0.3"]
    rows = "".join(f"{value},{100 + row},{sigmas[row]}\n" for row, value in enumerate(values))
    message = refused(tmp_path, f"{name},ag_nm,sigma\n{rows}")
    assert message.startswith(f": column {name!r} names the devices and is no factor of fabrication; give --ignore ")
    assert table(tmp_path, f"{name},ag_nm,sigma\n{rows}", ignore=(name,)).columns.factors == ("ag_nm",)
    assert name in table(tmp_path, f"{name},ag_nm,sigma\n{rows}", categorical=(name,)).columns.categorical


def test_an_unknown_level_may_be_a_name(tmp_path):
    message = refused(tmp_path, "halide,code,sigma\nMAI,a,0.5\nMAI,b,0.2\nFAI,c,0.1\nFAI,d,\n")
    assert "row 5, column code: no measured device has 'd'" in message
    assert "delete the row, or give --ignore code if the column is no factor" in message


def test_per_cent_is_refused(tmp_path):
    message = refused(tmp_path, GOOD.replace("0.02", "30"))
    assert message.startswith(": row 3, column sigma: a sigma of 30 is a usability of 9e-14; ")
    assert "is it per cent? write 0.3" in message
    message = refused(tmp_path, GOOD.replace("sigma", "usability").replace("0.02", "74"))
    assert "write 0.74" in message


@pytest.mark.parametrize("value", ["0", "-0.1", "1.2"])
def test_usability_outside_its_range_is_refused(tmp_path, value):
    message = refused(tmp_path, GOOD.replace("sigma", "usability").replace("0.02", value))
    assert message.startswith(": row 3, column usability: usability exp(-sigma) lies in (0, 1], got ")


def test_rows_that_contradict_each_other_are_refused_and_replicates_are_not(tmp_path):
    text = "halide,sigma\nMAI,0.5\nMAI,0.4\nFAI,0.1\nMABr,0.2\n"
    message = refused(tmp_path, text)
    assert message.startswith(": rows 2 and 3 have equal factors but different sigma")
    assert "column `replicate`" in message
    numbered = "halide,replicate,sigma\nMAI,1,0.5\nMAI,2,0.4\nFAI,1,0.1\nMABr,1,0.2\n"
    assert len(table(tmp_path, numbered).rows) == 4
    twice = table(tmp_path, "halide,sigma\nMAI,0.5\nMAI,0.5\nFAI,0.1\nMABr,0.2\n")
    assert len(twice.rows) == 3
    assert twice.notes == ("row 3 repeats row 2 and counts once",)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("", ": the table is empty"),
        ("halide,sigma\n", ": the table is empty"),
        ("halide,sigma\nMAI,0.5\n", ": 1 measured row(s); a prediction needs at least 3 recipes"),
        ("halide,sigma\nMAI,\nFAI,\n", ": 0 measured row(s)"),
        ("replicate,sigma\n1,0.5\n2,0.4\n", ": has no factor of fabrication beside 'sigma'"),
    ],
)
def test_a_table_that_is_too_small_is_refused(tmp_path, text, rest):
    assert refused(tmp_path, text).startswith(rest)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "table.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("table.csv", "absent.csv"):
        with pytest.raises(BadTable, match=rf"{name}: cannot be read as a CSV file"):
            read_table(tmp_path / name)
