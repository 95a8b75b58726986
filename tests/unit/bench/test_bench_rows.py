"""Figures against their bars."""

import csv
from dataclasses import replace

import pytest
from click.testing import CliRunner

from suite.cli import main
from tests.bench.rows import measured, table
from tests.bench.tables import read, write


@pytest.mark.parametrize(
    ("value", "bar", "holds"),
    [(3.0, ">= 3", "pass"), (2.9, ">= 3", "short"), (10.0, "<= 10", "pass"), (10.1, "<= 10", "short"), (1.0, "", "")],
)
def test_a_figure_is_held_against_its_bar(value, bar, holds):
    assert measured("sweep", "MLP", value, "x", bar).holds == holds


def test_a_bar_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="'at least 3'"):
        measured("sweep", "MLP", 1.0, "x", "at least 3")


def test_rows_are_a_table_and_a_file(tmp_path):
    rows = [measured("sweep", "MLP", 3.14159, "x", ">= 3"), measured("orchestration", "planning", 12.0, "s", "<= 10")]
    lines = table(rows).splitlines()
    assert len(lines) == 4
    assert lines[1].split() == ["sweep", "MLP", "3.142", "x", ">=", "3", "pass"]
    assert lines[2].endswith("short")
    assert rows[0].processor in lines[-1]
    write(rows, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        assert [row["holds"] for row in csv.DictReader(file)] == ["pass", "short"]


def test_a_figure_takes_the_place_of_the_same_one_on_the_same_processor(tmp_path):
    path = tmp_path / "rows.csv"
    own, other = measured("sweep", "MLP", 1.0, "x"), measured("sweep", "LeNet", 2.0, "x")
    elsewhere = replace(own, processor="another", value=3.0)
    for rows in ([own, other], [elsewhere], [replace(own, value=4.0)]):
        write(rows, path)
    found = [(row["name"], row["processor"], float(row["value"])) for row in read(path)]
    here = own.processor
    assert found == [("MLP", here, 4.0), ("LeNet", here, 2.0), ("MLP", "another", 3.0)]


def test_another_file_is_refused_before_anything_is_measured(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("side,seconds\n1,2\n")
    for arguments, told in (
        (["--csv", str(path)], "not a table of benches"),
        (["--csv", str(tmp_path / "no" / "rows.csv")], "there is no folder"),
        (["--csv", str(tmp_path / "rows.csv"), "--quick"], "leave out --quick or --csv"),
    ):
        done = CliRunner().invoke(main, ["bench", "sweep", *arguments])
        assert done.exit_code != 0 and told in str(done.exception) + done.output
    assert path.read_text() == "side,seconds\n1,2\n"


def test_no_rows_are_no_error():
    assert "nothing" in table([])
