"""What sources of sequences share: letters as numbers, strict sheets."""

import numpy as np
import pytest
from sequence_files import write_sheet

from suite.contract import DataCorrupt
from suite.data.sources._sequences import binary, chain_dataset, encoded, indexed, read_sheet


def test_letters_are_numbered_in_alphabetical_order_and_padded_with_0(tmp_path):
    found = encoded(["ACDEFGHIKLMNPQRSTVWYX", "YX"], 23)
    assert found.dtype == np.uint8
    assert found[0].tolist() == [*range(1, 22), 0, 0]
    assert found[1].tolist() == [20, 21, *[0] * 21]


def test_sequences_are_told_apart_in_order_of_appearance(tmp_path):
    names, index = indexed(tmp_path, "virus_seq", ["MA", "MC", "MA"], 5)
    assert names == ["MA", "MC"]
    assert index.tolist() == [0, 1, 0]


def test_chains_of_a_row_lie_side_by_side():
    first, second = encoded(["A", "CC"], 2), encoded(["DDD"], 3)
    data = chain_dataset(((first, np.array([1, 0])), (second, np.array([0, 0]))), np.array([1, 0]))
    assert data.tensors[0].tolist() == [[2, 2, 3, 3, 3], [1, 0, 3, 3, 3]]
    assert data.tensors[1].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", r"row 3, column virus_seq: an empty sequence"),
        (None, r"row 3, column virus_seq: an empty sequence"),
        (7, r"row 3, column virus_seq: an empty sequence \(7\)"),
        ("MBA", r"row 3, column virus_seq: unknown letter 'B'"),
        ("ma", r"row 3, column virus_seq: unknown letter 'a'"),
        ("MAAAAA", r"row 3, column virus_seq: 6 letters where at most 5 fit"),
    ],
)
def test_a_sequence_that_is_none_is_named_with_its_row(tmp_path, value, message):
    with pytest.raises(DataCorrupt, match=message):
        indexed(tmp_path / "table.xlsx", "virus_seq", ["MA", value], 5)


@pytest.mark.parametrize("label", [2, -1, None, "1", 0.5])
def test_a_label_other_than_0_and_1_is_named_with_its_row(tmp_path, label):
    with pytest.raises(DataCorrupt, match=r"table\.xlsx: row 4, column label: label .* where 0 or 1"):
        binary(tmp_path / "table.xlsx", "label", [0, 1, label])


def test_a_sheet_gives_the_columns_asked_for_in_that_order(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", "S", [(1, 2, 3), (4, 5, 6)], ("x", "y", "z"))
    assert read_sheet(path, path.read_bytes(), "S", ("z", "x")) == [(3, 1), (6, 4)]


def test_a_missing_sheet_column_or_row_is_named(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", "S", [(1, 2)], ("x", "y"))
    with pytest.raises(DataCorrupt, match=r"a\.xlsx: no sheet 'T', only 'S'; replace this file"):
        read_sheet(path, path.read_bytes(), "T", ("x",))
    with pytest.raises(DataCorrupt, match=r"a\.xlsx: sheet 'S' has no column 'z', only \['x', 'y'\]"):
        read_sheet(path, path.read_bytes(), "S", ("x", "z"))
    empty = write_sheet(tmp_path / "b.xlsx", "S", [], ("x", "y"))
    with pytest.raises(DataCorrupt, match=r"b\.xlsx: sheet 'S' has no rows"):
        read_sheet(empty, empty.read_bytes(), "S", ("x",))


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_a_file_that_is_no_workbook_is_named(tmp_path, content):
    with pytest.raises(DataCorrupt, match=r"a\.xlsx: not a sound xlsx file"):
        read_sheet(tmp_path / "a.xlsx", content, "S", ("x",))
