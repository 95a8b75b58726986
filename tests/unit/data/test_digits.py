"""The digits of scikit-learn: strict reading, an honest label, a fixed stratified split."""

import gzip

import numpy as np
import pytest

from suite.contract import DataCorrupt, SuiteError
from suite.data import load
from suite.data.datasets import get, statuses
from suite.data.sources.digits import read


def row(pixel=3, label=1, columns=64):
    return ",".join([str(pixel)] * columns + [str(label)])


def written(folder, *rows):
    path = folder / "digits.csv.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return path


def test_the_package_ships_1797_digits():
    digits = load("digits", None)
    assert digits.source == "digits:sklearn"
    assert digits.images.shape == (1797, 64)
    assert digits.images.max() == 16
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_they_are_those_that_scikit_learn_gives():
    from sklearn.datasets import load_digits

    theirs, ours = load_digits(), load("digits", None)
    np.testing.assert_array_equal(ours.images, theirs.data)
    np.testing.assert_array_equal(ours.labels, theirs.target)


def test_parts_are_disjoint_whole_stratified_and_the_same_every_time():
    five = load("digits", None).of(5)
    parts, again = five.parts(150, 300), five.parts(150, 300)
    assert [len(part.labels) for part in parts] == [451, 150, 300]
    images = [{image.tobytes() for image in part.images} for part in parts]
    assert len(set.union(*images)) == 901
    for part, same in zip(parts, again, strict=True):
        np.testing.assert_array_equal(part.images, same.images)
        assert np.ptp(np.bincount(part.labels, minlength=5)) <= 5


def test_other_digits_are_another_source(tmp_path):
    assert read(written(tmp_path, row(), row(label=2))).source.startswith("digits:sklearn-")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(pixel=17)], "a pixel that is not"),
        ([row(pixel=1.5)], "a pixel that is not"),
        ([row(label=10)], "a label that is not"),
        ([row(columns=63)], "was expected"),
        ([row(), row(columns=63)], "inhomogeneous"),
        ([row(pixel="x")], "could not convert"),
        ([row(pixel="nan")], "a pixel that is not"),
        ([], "was expected"),
    ],
)
def test_a_table_that_is_none_is_named_with_its_fix(tmp_path, rows, message):
    path = written(tmp_path, *rows)
    with pytest.raises(DataCorrupt, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "pip install --force-reinstall scikit-learn" in str(caught.value)


def test_a_torn_file_is_named(tmp_path):
    path = written(tmp_path, row())
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataCorrupt, match=r"digits\.csv\.gz"):
        read(path)


def test_there_is_nothing_to_download(tmp_path):
    with pytest.raises(SuiteError, match="comes with the package sklearn"):
        get("digits", tmp_path)
    (status,) = [status for status in statuses(tmp_path) if status.name == "digits"]
    assert (status.state, status.note) == ("packaged", "all of it, in the package sklearn")
