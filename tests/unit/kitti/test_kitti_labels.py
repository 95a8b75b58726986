"""Label and detection files: what is read, and every mistake by file, line and fix."""

from pathlib import Path

import numpy as np
import pytest

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.labels import parsed, read_detections, read_labels
from tests.unit.kitti.kitti_files import text_of

LABELS = """Car 0.00 0 -1.67 657.39 190.13 700.07 223.39 1.41 1.58 4.36 3.18 2.27 34.38 -1.58
Person_sitting 0.10 2 0.50 10.00 20.00 30.00 90.50 1.20 0.60 0.80 -3.00 1.50 9.00 0.20
DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10
"""
DETECTIONS = """Car -1.00 -1 -1.67 657.39 190.13 700.07 223.39 1.41 1.58 4.36 3.18 2.27 34.38 -1.58 0.8125
"""


def test_labels_are_read_by_column():
    found = parsed(LABELS, 15, Path("f"))
    assert found.kinds.tolist() == ["car", "person_sitting", "dontcare"]
    assert found.truncation.tolist() == [0, 0.1, -1]
    assert found.occlusion.tolist() == [0, 2, -1]
    assert found.alpha.tolist() == [-1.67, 0.5, -10]
    assert found.picture[0].tolist() == [657.39, 190.13, 700.07, 223.39]
    assert found.size[0].tolist() == [1.41, 1.58, 4.36]
    assert found.location[0].tolist() == [3.18, 2.27, 34.38]
    assert found.rotation_y.tolist() == [-1.58, 0.2, -10]
    assert np.isnan(found.score).all()


def test_a_dont_care_region_is_never_a_box():
    real = parsed(LABELS, 15, Path("f")).real
    assert real.kinds.tolist() == ["car", "person_sitting"]
    assert (real.size > 0).all() and (real.location > -1000).all()


def test_detections_have_a_score_and_an_empty_file_has_none_of_them(tmp_path):
    path = tmp_path / "000001.txt"
    path.write_text(DETECTIONS)
    assert read_detections(path).score.tolist() == [0.8125]
    path.write_text("\n")
    found = read_detections(path)
    assert len(found) == 0 and found.picture.shape == (0, 4) and found.score.shape == (0,)
    assert len(found.real) == 0


@pytest.mark.parametrize(("text", "columns"), [(LABELS, 15), (DETECTIONS, 16), ("", 15)])
def test_what_is_written_is_read_again(text, columns):
    found = parsed(text, columns, Path("f"))
    again = parsed(text_of(found), columns, Path("f"))
    np.testing.assert_array_equal(found.kinds, again.kinds)
    for name in ("truncation", "occlusion", "alpha", "picture", "size", "location", "rotation_y", "score"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            " 0.20\n",
            "\n",
            ": line 2: 14 fields where a label has 15 .type .* rotation_y.; complete the line",
        ),
        (" 0.20\n", " 0.20 0.9\n", ": line 2: 16 fields where a label has 15 .*; these are detections"),
        ("34.38", "far", ": line 1: z is 'far', no finite number; correct it"),
        ("1.58", "nan", ": line 1: w is 'nan', no finite number"),
        ("-1.67", "inf", ": line 1: alpha is 'inf', no finite number"),
        ("DontCare", "Dont Care", ": line 3: 16 fields"),
    ],
)
def test_a_bad_row_is_named(tmp_path, old, new, message):
    path = tmp_path / "000002.txt"
    path.write_text(LABELS.replace(old, new, 1))
    with pytest.raises(DataCorrupt, match=f"^{path}{message}"):
        read_labels(path)


def test_labels_given_as_detections_are_told(tmp_path):
    path = tmp_path / "000002.txt"
    path.write_text(LABELS)
    with pytest.raises(DataCorrupt, match=r"line 1: 15 fields where a detection has 16 .*; these are labels"):
        read_detections(path)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path):
    path = tmp_path / "000003.txt"
    with pytest.raises(DataMissing, match=f"{path}: no such file"):
        read_labels(path)
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(DataCorrupt, match=f"{path}: no text file"):
        read_labels(path)
