"""The sources of sweeps: the official folder, the sample of 84 frames, the simulator in its two forms."""

import hashlib
import zipfile

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from suite.contract import DataCorrupt, DataMissing, SuiteError
from suite.data import datasets
from suite.data.sources import kitti, lidar
from tests.unit.kitti.kitti_files import calibration_text, frame, real_data, text_of, thing

CAR = thing("Car", location=(-3, 1.7, 15))


def write_frames(root, names, clouds="velodyne_reduced"):
    """Frames of one car each, all points in the picture."""
    training = root / "kitti" / "training"
    for folder in (clouds, "calib", "label_2"):
        (training / folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        cloud = np.array([[20, 0, -1, 0.5], [30, 1, 0, float(name) / 1e6]], "<f4")
        (training / clouds / f"{name}.bin").write_bytes(cloud.tobytes())
        (training / "calib" / f"{name}.txt").write_text(calibration_text())
        (training / "label_2" / f"{name}.txt").write_text(text_of(frame(CAR)))
    return root


SAMPLE = sorted(kitti.SCATTERED + kitti.DRIVE)


def test_the_sample_has_84_frames_of_which_51_are_one_drive():
    assert (len(SAMPLE), len(set(SAMPLE)), len(kitti.DRIVE)) == (84, 84, 51)


def test_frames_that_are_not_the_published_ones_are_told_by_their_hash(tmp_path):
    found = datasets.load("kitti", write_frames(tmp_path, SAMPLE)).sample()
    assert found.source == f"kitti:sample-{found.digest[:8]}"
    assert (len(found), found[3].name, found[3].labels.kinds.tolist()) == (84, "000003", ["car"])
    assert [len(found.scattered()), found.scattered()[26].name] == [33, "000031"]
    (tmp_path / "kitti/training/label_2/000005.txt").write_text("")
    assert datasets.load("kitti", tmp_path).sample().digest != found.digest


def test_whole_sweeps_will_do(tmp_path):
    root = write_frames(tmp_path, SAMPLE, "velodyne")
    assert len(datasets.load("kitti", root).sample()[0].cloud) == 2


def test_a_frame_that_is_missing_is_named(tmp_path):
    root = write_frames(tmp_path, SAMPLE)
    (root / "kitti/training/velodyne_reduced/000031.bin").unlink()
    with pytest.raises(DataMissing, match=r"no sweep 000031.bin"):
        datasets.load("kitti", root).sample()


def test_a_folder_without_calibrations_is_not_whole(tmp_path):
    root = write_frames(tmp_path, SAMPLE)
    for path in (root / "kitti/training/calib").iterdir():
        path.unlink()
    with pytest.raises(DataMissing, match=r"kitti/training/calib/000000.txt is not in the data root"):
        datasets.load("kitti", root)


def test_a_download_is_checked_against_published_hashes(tmp_path):
    root = write_frames(tmp_path, SAMPLE)
    folder = datasets.load("kitti", root).folder
    paths = folder.files(SAMPLE)
    digests = [hashlib.sha256((folder.root / path).read_bytes()).digest() for path in paths]
    for name in ("training_sha256.parquet", "velodyne_reduced_sha256.parquet"):
        table = pyarrow.table({"path": paths, "sha256": pyarrow.array(digests, pyarrow.binary(32))})
        parquet.write_table(table, folder.root / name)
    assert len(datasets.load("kitti", root).sample()) == 84
    (folder.root / paths[0]).write_bytes((folder.root / paths[3]).read_bytes())
    with pytest.raises(DataCorrupt, match=r"velodyne_reduced/000000.bin: not the published file"):
        datasets.load("kitti", root).sample()


def test_the_official_splits_want_every_frame(tmp_path):
    root = write_frames(tmp_path, SAMPLE)
    lists = root / "kitti" / "ImageSets"
    lists.mkdir()
    (lists / "train.txt").write_text("000000\n000001\n")
    (lists / "val.txt").write_text("000002\n")
    train, val = datasets.load("kitti", root).splits()
    assert (train.names, val.names) == (("000000", "000001"), ("000002",))
    assert train.source == val.source == f"kitti-{train.digest[:8]}"
    (lists / "val.txt").write_text("000002\n007480\n")
    with pytest.raises(DataMissing, match=r"1 frames of val have no sweep, the first 007480"):
        datasets.load("kitti", root).splits()


def test_nothing_can_be_downloaded(tmp_path):
    with pytest.raises(SuiteError, match=r"no address has it"):
        datasets.get("kitti", tmp_path)


def test_the_real_sample_is_the_published_one():
    found = datasets.load("kitti", real_data("kitti").parent).sample()
    assert (found.source, len(found)) == ("kitti:sample", 84)


def test_without_files_objects_are_placed_by_statistics(tmp_path):
    found = datasets.load("lidar", tmp_path)
    assert found.source == found.digest == "synthetic:lidar"
    scenes = found.scenes(0, "test", 2)
    assert scenes[0].cloud.tobytes() == found.scenes(0, "test", 9)[0].cloud.tobytes()
    assert scenes[0].cloud.tobytes() != found.scenes(0, "train", 2)[0].cloud.tobytes()
    with pytest.raises(IndexError):
        scenes[2]
    with pytest.raises(DataMissing, match=lidar.ARCHIVE):
        found.as_in_frames()


def write_layouts(root, labels):
    (root / "kitti" / "ImageSets").mkdir(parents=True, exist_ok=True)
    (root / "kitti" / "ImageSets" / "train.txt").write_text("000000\n")
    (root / "kitti" / "ImageSets" / "val.txt").write_text("000001\n")
    with zipfile.ZipFile(root / lidar.ARCHIVE, "w") as archive:
        for name, text in labels.items():
            archive.writestr(f"training/label_2/{name}.txt", text)
    return root


def test_layouts_are_another_source_and_those_of_the_test_are_of_val(tmp_path):
    walker = text_of(frame(thing("Pedestrian", location=(2, 1.6, 12), size=(1.7, 0.6, 0.8))))
    root = write_layouts(tmp_path, {"000000": text_of(frame(CAR)), "000001": walker})
    found = datasets.load("lidar", root).as_in_frames()
    assert found.source.startswith("synthetic:lidar+layouts-")
    kinds = {split: set(found.scenes(0, split, 1)[0].labels.real.kinds) for split in lidar.LISTS}
    assert kinds == {"train": {"car"}, "validation": {"car"}, "test": {"pedestrian"}}
    assert found.by_statistics().source == "synthetic:lidar"
    other = write_layouts(tmp_path, {"000000": walker, "000001": walker})
    assert datasets.load("lidar", other).digest != found.digest


def test_an_archive_that_is_no_zip_and_lists_that_are_missing_are_named(tmp_path):
    root = write_layouts(tmp_path, {"000000": ""})
    (root / lidar.ARCHIVE).write_bytes(b"PK")
    with pytest.raises(DataCorrupt, match=r"label_2_all.zip: no sound zip"):
        datasets.load("lidar", root)
    (root / "kitti/ImageSets/val.txt").unlink()
    with pytest.raises(DataMissing, match=r"val.txt: no such file"):
        datasets.load("lidar", root)


def test_the_real_layouts_are_the_published_ones():
    assert datasets.load("lidar", real_data("kitti").parent).source == "synthetic:lidar+layouts"
