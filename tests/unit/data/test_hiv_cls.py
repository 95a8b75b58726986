"""The HIV source: published splits as they are, tuning apart from every test set, strict reading."""

import os

import numpy as np
import pytest
from sequence_files import hiv_parts, hiv_rows, write_hiv

from suite.contract import DataCorrupt, DataMissing, SuiteError
from suite.contract.seeds import TUNING_SEED
from suite.data import load
from suite.data.datasets import get

DATA = pytest.mark.skipif(not os.environ.get("SUITE_DATA"), reason="SUITE_DATA names no data root with the HIV table")


def rows_of(dataset):
    """Inputs and label of every sample, as bytes."""
    return {(letters.numpy().tobytes(), int(label)) for letters, label in dataset}


def chosen(content, rows):
    """The same for rows of the table."""
    from suite.data.sources._sequences import chain_dataset, encoded

    antibodies, viruses = encoded(content.antibodies, 271), encoded(content.viruses, 912)
    rows = np.asarray(rows)
    both = ((antibodies, content.antibody[rows]), (viruses, content.virus[rows]))
    return rows_of(chain_dataset(both, content.labels[rows]))


def test_a_seed_has_its_published_rows(tmp_path):
    write_hiv(tmp_path)
    content, parts = load("hiv_cls", tmp_path), hiv_parts()
    assert content.source.startswith("hiv_cls:custom-")
    for seed in (0, 7):
        splits = content.splits("reference", seed)
        assert list(splits.tests) == ["seen", "unseen"]
        for part, found in zip(
            ("train_seen", "valid_seen", "test_seen", "test_unseen"),
            (splits.train, splits.validation, *splits.tests.values()),
            strict=True,
        ):
            assert rows_of(found) == chosen(content, parts[f"seed_{seed}_{part}_index"])
    letters, label = splits.train[0]
    assert letters.shape == (271 + 912,)
    assert label in (0, 1)


def test_tuning_reads_no_row_that_any_seed_tests(tmp_path):
    write_hiv(tmp_path)
    content = load("hiv_cls", tmp_path)
    splits = content.splits("reference", TUNING_SEED)
    read = rows_of(splits.train) | rows_of(splits.validation)
    tested = {row for name, index in hiv_parts().items() if "test" in name for row in index.tolist()}
    assert not read & chosen(content, sorted(tested))
    assert len(read) == 100 - len([row for row in tested if row < 100])
    assert not rows_of(splits.train) & rows_of(splits.validation)


@pytest.mark.parametrize("seed", [20, 999])
def test_a_seed_without_a_published_split_is_an_error(tmp_path, seed):
    write_hiv(tmp_path)
    with pytest.raises(SuiteError, match=f"no split is published for seed {seed}; use seeds 0 to 19"):
        load("hiv_cls", tmp_path).splits("ci", seed)


def test_nothing_to_tune_on_is_an_error(tmp_path):
    parts = hiv_parts()
    for seed in range(20):
        tested = np.arange(seed * 5, seed * 5 + 5)
        rest = np.setdiff1d(np.arange(100), tested)
        for part, rows in (("train", rest[:60]), ("valid", rest[60:]), ("test", tested)):
            parts[f"seed_{seed}_{part}_seen_index"] = rows
    write_hiv(tmp_path, parts=parts)
    with pytest.raises(SuiteError, match="none is left to tune on"):
        load("hiv_cls", tmp_path).splits("ci", TUNING_SEED)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (np.array([0, 150]), r"row 150 is out of range, the table has 150 rows"),
        (np.array([0, -1]), r"row -1 is out of range"),
        (np.array([0, 120]), r"row 120 is of the other kind of antibody"),
        (np.array([0.5]), r"\(1,\) float64 where row numbers were expected"),
        (np.zeros((2, 2), np.int64), r"\(2, 2\) int64 where row numbers"),
        (np.array([], np.int64), r"\(0,\) int64 where row numbers"),
    ],
)
def test_a_split_that_does_not_fit_the_table_is_named(tmp_path, index, message):
    folder = write_hiv(tmp_path, parts={**hiv_parts(), "seed_3_train_seen_index": index})
    with pytest.raises(DataCorrupt, match=rf"{folder}/splits\.npz: seed_3_train_seen_index: {message}"):
        load("hiv_cls", tmp_path)


def test_a_row_in_two_parts_is_named(tmp_path):
    parts = hiv_parts()
    shared = parts["seed_5_test_seen_index"][0]
    parts["seed_5_train_seen_index"][0] = shared
    write_hiv(tmp_path, parts=parts)
    with pytest.raises(DataCorrupt, match=f"seed 5: row {shared} is used twice"):
        load("hiv_cls", tmp_path)


def test_a_missing_split_array_and_a_broken_file_are_named(tmp_path):
    parts = hiv_parts()
    del parts["seed_19_valid_seen_index"]
    folder = write_hiv(tmp_path, parts=parts)
    with pytest.raises(DataCorrupt, match=r"splits\.npz: no array seed_19_valid_seen_index"):
        load("hiv_cls", tmp_path)
    (folder / "splits.npz").write_bytes(b"no archive")
    with pytest.raises(DataCorrupt, match=r"splits\.npz: not a sound npz file"):
        load("hiv_cls", tmp_path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, "ACB", r"row 7, column antibody_seq: unknown letter 'B'"),
        (1, None, r"row 7, column virus_seq: an empty sequence"),
        (1, "A" * 913, r"row 7, column virus_seq: 913 letters where at most 912 fit"),
        (2, 3, r"row 7, column label: label 3 where 0 or 1"),
        (3, "train", r"row 7, column split: 'train' where one of \['seen', 'unseen'\]"),
    ],
)
def test_a_bad_cell_is_named_with_its_row(tmp_path, place, value, message):
    rows = hiv_rows()
    rows[5] = (*rows[5][:place], value, *rows[5][place + 1 :])
    folder = write_hiv(tmp_path, rows)
    with pytest.raises(DataCorrupt, match=rf"{folder}/dataset_hiv_cls\.xlsx: {message}"):
        load("hiv_cls", tmp_path)


def test_without_data_it_says_how_to_get_them(tmp_path):
    with pytest.raises(DataMissing, match=r"hiv_cls: hiv_cls/dataset_hiv_cls\.xlsx is not in the data root"):
        load("hiv_cls", tmp_path)


def test_the_index_files_are_not_published_as_one(tmp_path):
    (write_hiv(tmp_path) / "splits.npz").unlink()
    with pytest.raises(
        DataMissing, match=r"splits\.npz could not be fetched.*suite/data/sources/hiv_cls\.py says how it"
    ):
        get("hiv_cls", tmp_path)


@DATA
def test_the_published_table_is_recognised_and_split():
    content = load("hiv_cls", None)
    assert content.source == "hiv_cls:deepaai"
    assert (len(content.antibodies), len(content.viruses), len(content.labels)) == (254, 940, 29_394)
    for seed in (0, 19):
        splits = content.splits("reference", seed)
        assert (len(splits.train), len(splits.validation), len(splits.tests["unseen"])) == (22_359, 1_242, 3_301)
        assert 760 <= len(splits.tests["seen"]) <= 836
    tuning = content.splits("paper", TUNING_SEED)
    assert (len(tuning.train), len(tuning.validation)) == (13_234, 1_242)
    assert len(content.splits("ci", 0).train) == 256
