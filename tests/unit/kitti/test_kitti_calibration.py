"""Lidar, rectified camera, picture: axes, round trips, and files that cannot be a calibration."""

import numpy as np
import pytest

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.calibration import Calibration, read_calibration
from tests.unit.kitti.kitti_files import CALIBRATION, calibration_text

POINTS = np.random.default_rng(0).uniform((1, -40, -3), (70, 40, 3), (500, 3))


def test_ahead_left_and_up_become_depth_left_and_up():
    camera = CALIBRATION.rectified(np.array([[10.0, 0, 0], [10, 5, 0], [10, 0, 1]]))
    np.testing.assert_allclose(camera[0], [0, 0, 10], atol=0.4)
    np.testing.assert_allclose(camera[1] - camera[0], [-5, 0, 0], atol=0.15)
    np.testing.assert_allclose(camera[2] - camera[0], [0, -1, 0], atol=0.05)


def test_there_and_back_again():
    rectified = CALIBRATION.rectified(POINTS)
    np.testing.assert_allclose(CALIBRATION.lidar(rectified), POINTS, rtol=0, atol=1e-9)
    np.testing.assert_allclose(CALIBRATION.from_picture(CALIBRATION.picture(rectified)), rectified, rtol=0, atol=1e-9)


def test_the_formula_is_the_official_one():
    homogeneous = np.append(POINTS[7], 1)
    rectified = CALIBRATION.R0_rect @ (CALIBRATION.Tr_velo_to_cam @ homogeneous)
    np.testing.assert_allclose(CALIBRATION.rectified(POINTS)[7], rectified, rtol=0, atol=1e-12)
    u, v, depth = CALIBRATION.P2 @ np.append(rectified, 1)
    np.testing.assert_allclose(CALIBRATION.picture(rectified[None])[0], [u / depth, v / depth, depth], rtol=1e-12)


def test_the_rectifying_rotation_and_the_fourth_column_matter():
    plain = Calibration(CALIBRATION.P2, np.eye(3), CALIBRATION.Tr_velo_to_cam)
    moved = np.linalg.norm(plain.rectified(np.array([[50.0, 0, 0]])) - CALIBRATION.rectified(np.array([[50.0, 0, 0]])))
    assert 0.3 < moved < 0.6
    ahead = np.array([[0.0, 0, 10]])
    centred = ahead @ CALIBRATION.P2[:, :3].T
    shift = CALIBRATION.picture(ahead)[0, 0] - centred[0, 0] / centred[0, 2]
    assert shift * 10 / 721.5377 == pytest.approx(0.06, abs=0.003)


def test_a_file_is_read_and_tells_the_size_of_the_picture(tmp_path):
    path = tmp_path / "000001.txt"
    path.write_text("P0: 1 2 3\n" + calibration_text() + "\n")
    found = read_calibration(path)
    np.testing.assert_allclose(found.P2, CALIBRATION.P2)
    np.testing.assert_allclose(found.Tr_velo_to_cam, CALIBRATION.Tr_velo_to_cam)
    assert found.size == (1242, 375)
    assert Calibration(found.P2 * 0.5, found.R0_rect, found.Tr_velo_to_cam).size is None


def swapped(matrix):
    """From camera to lidar in place of the other way."""
    return np.column_stack([matrix[:, :3].T, -matrix[:, :3].T @ matrix[:, 3]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("R0_rect", "R_rect"), "no entry R0_rect, only P2, R_rect, Tr_velo_to_cam"),
        (lambda text: "", "no entry P2, only none at all"),
        (lambda text: text.replace("P2: 7", "P2: x7"), "P2: not all of it are numbers"),
        (lambda text: text.replace("P2: 7", "P2: 1 7"), "P2: 13 numbers where 12 finite ones were expected"),
        (lambda text: text.replace("P2: 7", "P2: nan 7").replace("2.745884000000e-03\n", "\n"), "P2: 12 numbers where"),
        (lambda text: text.replace("9.999421", "8.999421"), "R0_rect is no rotation"),
        (lambda text: text.replace("P2: 7", "P2: -7"), "P2 is no projection"),
    ],
)
def test_a_wrong_calibration_is_named(tmp_path, change, message):
    path = tmp_path / "000001.txt"
    path.write_text(change(calibration_text()))
    with pytest.raises(DataCorrupt, match=f"{path}: {message}.*; put the frame's file"):
        read_calibration(path)


def test_a_transformation_the_other_way_round_is_refused(tmp_path):
    path = tmp_path / "000001.txt"
    path.write_text(
        calibration_text(Calibration(CALIBRATION.P2, CALIBRATION.R0_rect, swapped(CALIBRATION.Tr_velo_to_cam)))
    )
    with pytest.raises(DataCorrupt, match="Tr_velo_to_cam does not turn x ahead, y left, z up"):
        read_calibration(path)


def test_a_missing_calibration_is_named(tmp_path):
    with pytest.raises(DataMissing, match=r"000009.txt: no such file; each frame has its own"):
        read_calibration(tmp_path / "000009.txt")
