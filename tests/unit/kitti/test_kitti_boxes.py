"""Lidar boxes against camera labels: bottoms and centres, headings, corners, picture boxes."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from suite.data.kitti.boxes import (
    alpha,
    camera_labels,
    corners,
    cut,
    inside,
    lidar_boxes,
    picture_boxes,
    wrapped,
)
from suite.data.kitti.folder import Folder
from suite.data.kitti.labels import parsed
from tests.unit.kitti.kitti_files import CALIBRATION, SIZE, frame, real_data, thing

BOXES = np.array([[15, 3, -0.9, 4, 1.6, 1.5, 0.3], [30, -8, -0.7, 0.8, 0.6, 1.8, -2.5], [8, 1, -0.8, 1.8, 0.6, 1.7, 3]])


def test_angles_are_wrapped_by_full_turns():
    angles = np.linspace(-20, 20, 2001)
    found = wrapped(angles)
    assert found.min() > -np.pi and found.max() <= np.pi
    np.testing.assert_allclose(np.exp(1j * found), np.exp(1j * angles), atol=1e-12)
    assert wrapped(np.array([-np.pi, np.pi, 3 * np.pi])).tolist() == [np.pi] * 3


def test_a_label_lies_on_the_bottom_of_its_box():
    label = frame(thing(location=(0, 1.6, 20), size=(1.5, 1.6, 4)))
    box = lidar_boxes(label, CALIBRATION)[0]
    bottom = CALIBRATION.lidar(np.array([[0, 1.6, 20.0]]))[0]
    np.testing.assert_allclose(box[:3], bottom + np.array([0, 0, 0.75]), rtol=0, atol=1e-12)
    assert box[3:6].tolist() == [4, 1.6, 1.5]


@pytest.mark.parametrize(("rotation", "heading"), [(0, (0, -1)), (-np.pi / 2, (1, 0)), (np.pi / 2, (-1, 0))])
def test_a_heading_of_zero_looks_to_the_right_and_turns_towards_the_driver(rotation, heading):
    yaw = lidar_boxes(frame(thing(rotation_y=rotation)), CALIBRATION)[0, 6]
    np.testing.assert_allclose([np.cos(yaw), np.sin(yaw)], heading, atol=1e-12)


def test_labels_and_boxes_there_and_back_again():
    found = camera_labels(np.array(["Car"] * 3), BOXES, np.array([0.9, 0.5, 0.1]), CALIBRATION, SIZE)
    np.testing.assert_allclose(lidar_boxes(found, CALIBRATION), BOXES, rtol=0, atol=1e-9)
    assert found.score.tolist() == [0.9, 0.5, 0.1]
    assert found.kinds.tolist() == ["car"] * 3
    np.testing.assert_allclose(found.alpha, alpha(found.rotation_y, found.location))


def test_no_boxes_are_no_labels():
    found = camera_labels(np.array([], dtype=str), np.zeros((0, 7)), np.zeros(0), CALIBRATION, SIZE)
    assert len(found) == 0
    assert lidar_boxes(found, CALIBRATION).shape == (0, 7)


def test_alpha_is_the_heading_less_the_direction_of_view():
    location = np.array([[0, 1, 10.0], [10, 1, 10], [-10, 1, 10], [0, 1, 10]])
    found = alpha(np.array([0.5, 0.5, -3, 4]), location)
    np.testing.assert_allclose(found, [0.5, 0.5 - np.pi / 4, -3 + np.pi / 4, 4 - 2 * np.pi], atol=1e-12)


def test_corners_are_where_the_box_ends():
    found = corners(np.array([[10, 2, 0, 4, 2, 1.5, np.pi / 2]]))[0]
    assert found[:, 0].min() == pytest.approx(9) and found[:, 0].max() == pytest.approx(11)
    assert found[:, 1].min() == pytest.approx(0) and found[:, 1].max() == pytest.approx(4)
    np.testing.assert_allclose(found[:4, 2], -0.75)
    np.testing.assert_allclose(found[4:, 2], 0.75)
    assert inside(found * 0.999 + np.array([10, 2, 0]) * 0.001, np.array([[10, 2, 0, 4, 2, 1.5, np.pi / 2]])).all()


def test_points_are_inside_up_to_the_faces():
    box = np.array([[10, 2, 0, 4, 2, 1.5, 0.4]])
    generator = np.random.default_rng(0)
    local = generator.uniform(-1.2, 1.2, (1000, 3)) * (2, 1, 0.75)
    cos, sin = np.cos(0.4), np.sin(0.4)
    points = local @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + (10, 2, 0)
    np.testing.assert_array_equal(inside(points, box)[0], (np.abs(local) <= (2, 1, 0.75)).all(1))
    assert inside(points, np.zeros((0, 7))).shape == (0, 1000)


def test_a_picture_box_surrounds_the_projected_corners():
    at = CALIBRATION.rectified(corners(BOXES).reshape(-1, 3))
    shown = CALIBRATION.picture(at).reshape(3, 8, 3)[..., :2]
    found = picture_boxes(corners(BOXES), CALIBRATION)
    np.testing.assert_allclose(found, np.concatenate([shown.min(1), shown.max(1)], 1), rtol=0, atol=1e-9)


def test_a_box_beside_the_camera_fills_its_side_and_one_behind_has_none():
    beside, behind = np.array([[0.5, 2.5, -0.9, 4, 1.6, 1.5, 0], [-9, 0, -0.9, 4, 1.6, 1.5, 0]])
    found = picture_boxes(corners(np.stack([beside, behind])), CALIBRATION)
    assert found[0, 0] < -1000 and 0 < found[0, 2] < 621
    assert 187 < found[0, 1] < 375 < found[0, 3]
    assert np.isnan(found[1]).all()
    assert cut(found[:1], SIZE)[0, 0] == 0


def test_all_official_labels_have_the_alpha_of_their_heading_and_place():
    archive = zipfile.ZipFile(real_data("kitti") / "label_2_all.zip")
    frames = [parsed(archive.read(name).decode(), 15, Path(name)).real for name in archive.namelist()]
    assert sum(map(len, frames)) == 40_570
    for labels in frames:
        ahead = labels.where(labels.location[:, 2] > 0)
        seen_from_lidar = alpha(ahead.rotation_y, ahead.location + np.array([0, 0, 0.27]))
        assert np.abs(wrapped(seen_from_lidar - ahead.alpha)).max(initial=0) < 0.03
        far = ahead.where(np.hypot(*ahead.location[:, [0, 2]].T) > 20)
        assert np.abs(wrapped(alpha(far.rotation_y, far.location) - far.alpha)).max(initial=0) < 0.02


def test_points_of_real_cars_lie_in_their_boxes_and_nowhere_else():
    folder = Folder(real_data("kitti"))
    counts, mirrored, swapped = [], [], []
    for read in map(folder.frame, folder.names()):
        labels = read.labels.where((read.labels.kinds == "car") & (read.labels.occlusion == 0))
        ahead = labels.where((labels.location[:, 2] > 10) & (labels.location[:, 2] < 20))
        boxes = lidar_boxes(ahead, read.calibration)
        counts += inside(read.cloud, boxes).sum(1).tolist()
        mirrored += inside(read.cloud, boxes * (1, 1, 1, 1, 1, 1, -1)).sum(1).tolist()
        swapped += inside(read.cloud, boxes[:, [0, 1, 2, 4, 3, 5, 6]]).sum(1).tolist()
    assert len(counts) > 40
    assert np.median(counts) > 500
    assert np.sum(swapped) < 0.7 * np.sum(counts)
    assert np.sum(mirrored) < np.sum(counts)


def test_picture_boxes_of_real_objects_are_those_of_their_labels():
    folder = Folder(real_data("kitti"))
    errors = []
    for read in map(folder.frame, folder.names()):
        labels = read.labels.real.where(read.labels.real.truncation == 0)
        boxes = picture_boxes(corners(lidar_boxes(labels, read.calibration)), read.calibration)
        errors.append(np.abs(cut(boxes, read.size) - labels.picture))
    assert np.median(np.concatenate(errors), 0).max() < 0.2
