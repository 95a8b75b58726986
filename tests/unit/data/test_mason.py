"""The HER2 source: sequences of two labels are dropped and counted, a split by sequence, strict reading."""

import os

import pytest
from sequence_files import chains, write_mason

from suite.contract import DataCorrupt
from suite.data import load


def loops(count, seed):
    return [chain[:10] for chain in chains(count, 10, seed)]


def test_sequences_of_both_files_are_dropped_and_counted(tmp_path):
    binding, other = loops(60, 1), loops(200, 2)
    write_mason(tmp_path, [*binding, binding[0], other[3]], other)
    content = load("mason", tmp_path)
    assert content.source.startswith("mason:custom-")
    assert content.dropped == {"sequences_with_two_labels": 1, "duplicate_rows": 1}
    labelled = dict(zip(content.sequences, content.labels.tolist(), strict=True))
    assert labelled == {**dict.fromkeys(binding, 1), **dict.fromkeys(set(other) - {other[3]}, 0)}


def test_the_split_is_disjoint_stratified_and_the_same_every_time(tmp_path):
    write_mason(tmp_path, loops(100, 1), loops(300, 2))
    first, again = load("mason", tmp_path).splits("paper"), load("mason", tmp_path).splits("paper")
    datasets = (first.train, first.validation, first.tests["test"])
    assert [len(part) for part in datasets] == [280, 60, 60]
    assert [int(part.tensors[1].sum()) for part in datasets] == [70, 15, 15]
    inputs = [letters.numpy().tobytes() for part in datasets for letters, _ in part]
    assert len(set(inputs)) == 400
    for one, other in zip(datasets, (again.train, again.validation, again.tests["test"]), strict=True):
        assert one.tensors[0].equal(other.tensors[0])


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        ("ACDEFGHIK", "row 3, column AASeq: 9 letters where 10 were expected"),
        ("", "row 3, column AASeq: 0 letters"),
        ("ACDEFGHIKX", "row 3, column AASeq: unknown letter 'X'"),
        ("ACDEFGHIKa", "row 3, column AASeq: unknown letter 'a'"),
    ],
)
def test_a_bad_sequence_is_named_with_its_row(tmp_path, sequence, message):
    folder = write_mason(tmp_path, [loops(1, 1)[0], sequence], loops(5, 2))
    with pytest.raises(DataCorrupt, match=rf"{folder}/mHER_H3_AgPos\.csv: {message}"):
        load("mason", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0\n", ",2\n", "row 2, column AgClass: label '2' where 0 was expected"),
        ("AASeq", "Seq", "no column 'AASeq'"),
    ],
)
def test_another_label_or_a_missing_column_is_named(tmp_path, old, new, message):
    path = write_mason(tmp_path, loops(5, 1), loops(5, 2)) / "mHER_H3_AgNeg.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataCorrupt, match=f"{path}: {message}"):
        load("mason", tmp_path)


def test_a_file_without_rows_is_named(tmp_path):
    write_mason(tmp_path, [], loops(5, 2))
    with pytest.raises(DataCorrupt, match=r"AgPos\.csv: no rows"):
        load("mason", tmp_path)


@pytest.mark.skipif(not os.environ.get("SUITE_DATA"), reason="SUITE_DATA names no data root with the HER2 binders")
def test_the_published_files_are_recognised_and_what_is_dropped_is_what_the_card_says():
    content = load("mason", None)
    assert content.source == "mason:published"
    assert content.dropped == {"sequences_with_two_labels": 2_342, "duplicate_rows": 106}
    assert (len(content.labels), content.labels.sum()) == (34_049, 8_935)
    splits = content.splits("reference")
    assert [len(part) for part in (splits.train, splits.validation, splits.tests["test"])] == [23_835, 5_107, 5_107]
