"""Sweeps and the official folder: damaged files, the crop rule, checksums."""

import hashlib
import struct

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.clouds import checked, in_picture, read_cloud
from suite.data.kitti.folder import Folder, read_split
from tests.unit.kitti.kitti_files import CALIBRATION, SIZE, calibration_text, real_data

CLOUD = np.random.default_rng(0).uniform((-60, -60, -2, 0), (60, 60, 2, 1), (3000, 4)).astype("<f4")


def write_folder(root, names=("000000", "000003"), reduced=False):
    """An official folder of random points."""
    kind = "velodyne_reduced" if reduced else "velodyne"
    for folder in (kind, "label_2", "calib"):
        (root / "training" / folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        cloud = CLOUD[in_picture(CLOUD, CALIBRATION, SIZE)] if reduced else CLOUD
        (root / "training" / kind / f"{name}.bin").write_bytes(cloud.tobytes())
        (root / "training" / "label_2" / f"{name}.txt").write_text("")
        (root / "training" / "calib" / f"{name}.txt").write_text(calibration_text())
    return Folder(root)


def test_a_cloud_is_read(tmp_path):
    path = tmp_path / "000000.bin"
    path.write_bytes(CLOUD.tobytes())
    np.testing.assert_array_equal(read_cloud(path), CLOUD)


def with_nan():
    cloud = CLOUD.copy()
    cloud[17, 1] = cloud[40, 3] = np.nan
    return cloud.tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CLOUD.tobytes()[:-4], "47996 bytes, which is no whole number of points of 16 bytes: cut short"),
        (b"", "0 bytes, which is no whole number of points"),
        (with_nan(), "2 of 3000 points are not finite, the first in row 17"),
        (
            (CLOUD * np.float32([1, 1, 1, 255])).tobytes(),
            "reflectance from 0.* to 25.* where 0 to 1 was",
        ),
    ],
)
def test_a_damaged_cloud_is_named(tmp_path, content, message):
    path = tmp_path / "000000.bin"
    path.write_bytes(content)
    with pytest.raises(DataCorrupt, match=f"{path}: {message}"):
        read_cloud(path)
    with pytest.raises(DataMissing, match=r"000001.bin: no such file"):
        read_cloud(tmp_path / "000001.bin")


def test_the_camera_sees_what_falls_on_its_picture():
    seen = in_picture(CLOUD, CALIBRATION, SIZE)
    rectified = CALIBRATION.rectified(CLOUD[:, :3].astype(float))
    column, row, _ = CALIBRATION.picture(rectified).T
    ahead = rectified[:, 2] >= 0
    assert seen[ahead & (column > 0) & (column < 1241.9) & (row > 0) & (row < 374.9)].all()
    assert not seen[~ahead].any()
    assert not seen[(column < 0) | (column >= 1242) | (row < 0) | (row >= 375)].any()
    assert 100 < seen.sum() < 1500


def test_borders_of_the_picture_belong_to_it_on_one_side_alone():
    places = np.array([[0, 0, 10], [1241.99, 374.99, 10], [1242.01, 100, 10], [100, 375.01, 10], [-0.01, 100, 10]])
    points = CALIBRATION.lidar(CALIBRATION.from_picture(places + np.array([1e-6, 1e-6, 0])))
    assert in_picture(points, CALIBRATION, SIZE).tolist() == [True, True, False, False, False]


def test_of_no_points_none_is_seen():
    assert in_picture(np.zeros((0, 4), np.float32), CALIBRATION, SIZE).shape == (0,)


@pytest.mark.parametrize("reduced", [False, True])
def test_full_and_reduced_sweeps_give_the_same_frame(tmp_path, reduced):
    folder = write_folder(tmp_path, reduced=reduced)
    assert folder.names() == ["000000", "000003"]
    read = folder.frame("000003")
    np.testing.assert_array_equal(read.cloud, CLOUD[in_picture(CLOUD, CALIBRATION, SIZE)])
    assert read.size == SIZE and len(read.labels) == 0


def test_the_size_of_a_picture_comes_from_the_picture_where_it_is(tmp_path):
    folder = write_folder(tmp_path)
    picture = tmp_path / "training" / "image_2" / "000000.png"
    picture.parent.mkdir()
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1224, 370))
    assert folder.frame("000000").size == (1224, 370)
    picture.write_bytes(b"JFIF")
    with pytest.raises(DataCorrupt, match="no PNG picture"):
        folder.frame("000000")


def test_a_calibration_of_another_frame_is_told_from_points_outside_the_picture(tmp_path):
    folder = write_folder(tmp_path, reduced=True)
    path = tmp_path / "training" / "calib" / "000000.txt"
    path.write_text(path.read_text().replace("7.215377", "9.215377").replace("6.095593", "6.195593"))
    picture = tmp_path / "training" / "image_2" / "000000.png"
    picture.parent.mkdir()
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", *SIZE))
    with pytest.raises(DataCorrupt, match=r"points lie outside the picture of 1242 x 375 pixels; put the frame's own"):
        folder.frame("000000")


@pytest.mark.parametrize("absent", ["calib", "label_2", "velodyne"])
def test_a_folder_without_one_of_its_parts_is_named(tmp_path, absent):
    folder = write_folder(tmp_path)
    (tmp_path / "training" / absent).rename(tmp_path / "elsewhere")
    with pytest.raises(DataMissing, match=rf"training.*{absent}: no frames there; unpack the KITTI object set"):
        folder.names()


def test_a_split_names_frames_that_are_there(tmp_path):
    folder = write_folder(tmp_path)
    lists = tmp_path / "ImageSets"
    with pytest.raises(DataMissing, match=r"val.txt: no such file; it lists the frames of a split"):
        folder.split("val")
    lists.mkdir()
    (lists / "val.txt").write_text("000003\n")
    assert folder.split("val") == ["000003"]
    (lists / "val.txt").write_text("000003\n000001\n000002\n")
    with pytest.raises(DataMissing, match=r"velodyne: 2 frames of val have no sweep, the first 000001"):
        folder.split("val")
    (lists / "val.txt").write_text("000003\n000003\n")
    with pytest.raises(DataCorrupt, match="2 frames, 1 of them distinct; name each frame once"):
        read_split(lists / "val.txt")


def test_checksums_tell_what_was_altered(tmp_path):
    folder = write_folder(tmp_path)
    with pytest.raises(DataMissing, match=r"training_sha256.parquet: no such file"):
        folder.altered(["000000"])
    files = sorted(path for path in (tmp_path / "training").rglob("*.*"))
    rows = {
        "path": [str(path.relative_to(tmp_path)) for path in files],
        "sha256": [hashlib.sha256(path.read_bytes()).digest() for path in files],
    }
    parquet.write_table(pa.table(rows), tmp_path / "training_sha256.parquet")
    assert folder.altered(["000000", "000003"]) == []
    path = tmp_path / "training" / "velodyne" / "000003.bin"
    path.write_bytes(path.read_bytes()[:-16])
    assert folder.altered(["000000", "000003"]) == ["training/velodyne/000003.bin"]
    assert checked(["training/calib/000003.txt"], tmp_path, tmp_path / "training_sha256.parquet") == []


def test_real_frames_are_the_published_ones_and_their_crop_is_exact():
    folder = Folder(real_data("kitti"))
    names = folder.names()
    assert folder.altered(names) == []
    full = sorted((folder.training / "velodyne").glob("*.bin"))
    assert full
    for path in full:
        read = folder.frame(path.stem)
        whole = read_cloud(path)
        assert (
            whole[in_picture(whole, read.calibration, read.size)].tobytes()
            == (folder.training / "velodyne_reduced" / path.name).read_bytes()
        )
    split = {name for kind in ("train", "val") for name in read_split(folder.root / "ImageSets" / f"{kind}.txt")}
    assert len(split) == 7481 and set(names) <= split
