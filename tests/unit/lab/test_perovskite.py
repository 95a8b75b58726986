"""The authors' workbooks, at the data root: their definition, the packaged tables, and every file in one command."""

import csv
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from suite.cli import main
from suite.data.facts import CURVES, WORKBOOKS, perovskite_workbooks
from suite.data.facts.conditions import CONDITIONS
from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.loop import authors_rows
from suite.lab.characterise.perovskite import (
    condition_rows,
    curve_rows,
    measured_workbooks,
    workbook_rows,
    write_table,
)
from suite.lab.characterise.readers import read_devices
from suite.lab.characterise.sweeps import SweepError

ROOT = Path(os.environ.get("SUITE_DATA", "")) / "perovskite"
DATA = pytest.mark.skipif(
    not os.environ.get("SUITE_DATA") or not (ROOT / "devices_43").is_dir(),
    reason="SUITE_DATA names no data root with perovskite/devices_43",
)
# Of these rows of the table of 37 the stored sigma is of another file than the workbooks.
OF_ANOTHER_FILE = {4, 12, 13, 25}


@DATA
@pytest.mark.parametrize("number", range(1, 38))
def test_the_stored_sigmas_and_lengths(number):
    with (ROOT / "files_37.csv").open() as file:
        (row,) = (row for row in csv.DictReader(file) if row["row_of_devices_csv"] == str(number))
    (sweeps,) = read_devices(ROOT / row["file"], gaps=True)
    fit = fit_device(sweeps, "authors").fit
    assert fit.sigma_log == pytest.approx(float(row["sigma_recomputed"]), rel=1e-5)
    assert fit.mono_len == int(row["monotone_length_recomputed"])
    told = [line for line in (*fit.notes, *fit.warnings) if line.startswith("the authors store")]
    (line,) = told
    assert ("that number is of another file than this" in line) == (number in OF_ANOTHER_FILE)
    assert (line in fit.warnings) == (number in OF_ANOTHER_FILE)


@DATA
def test_the_packaged_tables_are_what_the_command_makes(tmp_path):
    found = measured_workbooks(ROOT)
    tables = {WORKBOOKS: workbook_rows(found, ROOT), CURVES: curve_rows(found), CONDITIONS: condition_rows(found, ROOT)}
    for packaged, rows in tables.items():
        write_table(tmp_path / packaged.name, list(rows))
        assert (tmp_path / packaged.name).read_text() == packaged.read_text()


@DATA
def test_a_definition_that_no_workbook_holds_is_refused():
    named = {book.path: book for book in perovskite_workbooks() if book.refused}
    assert len(named) == 2
    for path, book in named.items():
        (sweeps,) = read_devices(ROOT / path)
        with pytest.raises(SweepError) as caught:
            fit_device(sweeps, "authors")
        assert book.refused in str(caught.value)
        assert "leave --compat authors away" in str(caught.value)


@DATA
def test_a_short_loop_is_followed_by_its_negative_branch_and_a_long_one_is_cut():
    for volts, last, zeros in (("3V", -2.3, 2), ("8V_silver_paste", 6.1, 0)):
        (path,) = (ROOT / "devices_43").glob(f"*2.5um*{volts}*")
        loop = authors_rows(*read_devices(path))
        assert (len(loop.voltage), loop.zeros) == (100 - zeros, zeros)
        assert loop.rows[0] == 3 and loop.rows[-1] == 102
        assert loop.voltage[-1] == pytest.approx(last)


@DATA
def test_cycles_with_a_gap_are_left_out_on_request(tmp_path):
    (path,) = (ROOT / "devices_43").glob("*FAI_PMMA*probe_no_wait.xlsx")
    refused = CliRunner().invoke(main, ["device", "fit", str(path), "--out", str(tmp_path)])
    assert refused.exit_code == 2
    assert "leave such cycles out by --leave-out-gaps" in " ".join(refused.output.split())
    done = CliRunner().invoke(main, ["device", "fit", str(path), "--leave-out-gaps", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "warning: row 64, cycle 1: a current is missing in the middle of the cycle" in done.output
