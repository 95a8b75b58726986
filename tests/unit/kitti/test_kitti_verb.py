"""`suite kitti evaluate`: its table, its CSV, and folders that do not fit together."""

import csv
import io

import pytest
from click.testing import CliRunner

from suite.cli import main
from tests.unit.kitti.kitti_files import frame, text_of, thing


def write(root, **folders):
    """{folder: {file: things}}."""
    for folder, files in folders.items():
        (root / folder).mkdir()
        for name, things in files.items():
            (root / folder / f"{name}.txt").write_text(text_of(frame(*things)))
    return root


@pytest.fixture
def root(tmp_path):
    return write(
        tmp_path,
        label_2={"000000": [thing(), thing("Van")], "000007": [], "000009": [thing("Pedestrian")]},
        data={"000000": [thing("Car", 0.9)], "000007": [], "000009": [thing("Pedestrian", 0.5)]},
    )


def evaluate(root, *options, labels="label_2", detections="data"):
    return CliRunner().invoke(main, ["kitti", "evaluate", str(root / labels), str(root / detections), *options])


def test_csv_has_the_columns_of_the_official_numbers(root):
    printed = evaluate(root, "--csv", "-")
    assert printed.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(printed.output)))
    assert list(rows[0]) == ["overlaps", "metric", "class", "difficulty", "ap_r11", "ap_r40"]
    assert len(rows) == 72
    by_key = {(row["overlaps"], row["metric"], row["class"], row["difficulty"]): row for row in rows}
    assert by_key["strict", "3d", "car", "easy"]["ap_r11"] == "9.090909"
    assert by_key["strict", "3d", "car", "easy"]["ap_r40"] == "0.000000"
    assert by_key["loose", "aos", "cyclist", "hard"]["ap_r40"] == ""
    written = evaluate(root, "--csv", str(root / "ap.csv"))
    assert written.exit_code == 0
    assert (root / "ap.csv").read_text() == printed.output


def test_the_table_tells_what_few_objects_do(root):
    output = evaluate(root).output
    assert "strict  3d   car" in output
    assert "car easy: 1 objects count; of fewer than 41 even all found give R40 0.0; all-point AP, 3d: 100.00" in output
    assert "cyclist hard: 0 objects count\n" in output


def test_frames_choose_a_split(root):
    (root / "val.txt").write_text("000000\n000009\n")
    (root / "data" / "000007.txt").unlink()
    assert evaluate(root, "--frames", str(root / "val.txt")).exit_code == 0
    (root / "val.txt").write_text("000003\n")
    refused = evaluate(root, "--frames", str(root / "val.txt"))
    assert refused.exit_code == 2 and "000003.txt: no such file, and " in refused.output


def test_detections_of_a_frame_without_labels_are_refused(root):
    for name in ("000001", "000002"):
        (root / "data" / f"{name}.txt").write_text("")
    refused = evaluate(root)
    assert refused.exit_code == 2
    assert "000001.txt (and 1 others): no labels for it in" in refused.output


def test_a_labelled_frame_without_detections_is_refused(root):
    (root / "data" / "000007.txt").unlink()
    refused = evaluate(root)
    assert refused.exit_code == 2
    assert "000007.txt: no such file for a labelled frame; write an empty one" in refused.output


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        ({"labels": "label_3"}, "label_3: no such folder; give one with a file NNNNNN.txt per frame"),
        ({"detections": "."}, "no file NNNNNN.txt in it; give the folder of the files itself"),
        ({"labels": "data", "detections": "label_2"}, "16 fields where a label has 15"),
    ],
)
def test_other_folders_are_refused(root, folders, message):
    refused = evaluate(root, **folders)
    assert refused.exit_code == 2 and message in refused.output


def test_a_label_row_of_14_fields_is_named(root):
    path = root / "label_2" / "000009.txt"
    path.write_text(path.read_text().rsplit(" ", 1)[0] + "\n")
    refused = evaluate(root)
    assert refused.exit_code == 2
    assert f"{path}: line 1: 14 fields where a label has 15" in refused.output
