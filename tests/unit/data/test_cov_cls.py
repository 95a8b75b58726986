"""The CoV source: what is dropped and counted, a split by sequence, and the split as published."""

import os
from collections import defaultdict

import pytest
from sequence_files import cov_rows, write_cov

from suite.contract import DataCorrupt
from suite.data import load

DATA = pytest.mark.skipif(not os.environ.get("SUITE_DATA"), reason="SUITE_DATA names no data root with the CoV table")


def parts(splits):
    return {"train": splits.train, "validation": splits.validation, **splits.tests}


def antibodies(dataset):
    return {letters[:436].numpy().tobytes() for letters, _ in dataset}


def test_sequences_are_split_once_each_and_what_is_dropped_is_counted(tmp_path):
    rows = cov_rows()
    write_cov(tmp_path, rows)
    content = load("cov_cls", tmp_path)
    labels = defaultdict(set)
    for antibody, _, label, _ in rows:
        labels[antibody].add(label)
    clear = {antibody for antibody, found in labels.items() if len(found) == 1}
    firsts = [row[0] for row in rows[::3]]
    assert content.dropped == {
        "rows_of_other_variants": 120,
        "sequences_with_two_labels": len(labels) - len(clear),
        "duplicate_rows": sum(antibody in clear for antibody in firsts) - len(clear),
    }
    assert min(content.dropped.values()) > 0
    found = [part for dataset in parts(content.splits("reference")).values() for part in antibodies(dataset)]
    assert len(found) == len(set(found)) == len(clear)


def test_one_variant_serves_all_pairs(tmp_path):
    write_cov(tmp_path)
    for dataset in parts(load("cov_cls", tmp_path).splits("reference")).values():
        assert len({letters[436:].numpy().tobytes() for letters, _ in dataset}) == 1


def test_the_published_split_keeps_every_row_and_leaks(tmp_path):
    rows = cov_rows(200)
    write_cov(tmp_path, rows)
    found = parts(load("cov_cls", tmp_path).published_splits("paper"))
    assert list(found) == ["train", "validation", "seen", "unseen"]
    assert sum(map(len, found.values())) == len(rows)
    assert len(found["unseen"]) == 15
    assert len(found["seen"]) == len(found["validation"]) == 585 // 20
    assert antibodies(found["train"]) & antibodies(found["seen"])


def test_every_call_gives_the_same_rows(tmp_path):
    write_cov(tmp_path)
    content = load("cov_cls", tmp_path)
    for split in (content.splits, content.published_splits):
        for one, other in zip(parts(split("ci")).values(), parts(split("ci")).values(), strict=True):
            assert one.tensors[0].equal(other.tensors[0])
            assert one.tensors[1].equal(other.tensors[1])


def test_an_unknown_letter_is_named_with_its_row(tmp_path):
    rows = cov_rows()
    rows[40] = ("AC*", *rows[40][1:])
    path = write_cov(tmp_path, rows)
    with pytest.raises(DataCorrupt, match=rf"{path}: row 42, column antibody_seq: unknown letter '\*'"):
        load("cov_cls", tmp_path)


@DATA
def test_the_published_table_is_recognised_and_what_is_dropped_is_what_the_card_says():
    content = load("cov_cls", None)
    assert content.source == "cov_cls:deepaai"
    assert content.dropped == {
        "rows_of_other_variants": 120_408,
        "sequences_with_two_labels": 133,
        "duplicate_rows": 667,
    }
    labels = content.sequences[1]
    assert (len(labels), labels.sum()) == (2_918, 1_685)
    clean, leaky = content.splits("paper"), content.published_splits("paper")
    assert [len(part) for part in parts(clean).values()] == [2_044, 437, 437]
    assert [len(part) for part in parts(leaky).values()] == [108_568, 6_031, 6_031, 3_930]
