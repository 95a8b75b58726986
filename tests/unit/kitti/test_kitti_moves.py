"""Moves of sweeps and boxes: points stay in their boxes, nothing else is touched."""

import numpy as np
import pytest

from suite.data.kitti.boxes import inside, lidar_boxes
from suite.data.kitti.moves import flipped, scaled, turned
from suite.data.kitti.rotated import ious
from tests.unit.kitti.kitti_files import CALIBRATION, frame, thing

BOXES = np.array([[15, 3, -0.9, 4, 1.6, 1.5, 0.3], [30, -8, -0.7, 0.8, 0.6, 1.8, -2.5], [8, 1, -0.8, 1.8, 0.6, 1.7, 3]])
POINTS = np.random.default_rng(0).uniform((5, -10, -2, 0), (32, 5, 1, 1), (40_000, 4))
GROUND = [0, 1, 3, 4, 6]

COS, SIN = np.cos(0.4), np.sin(0.4)

MOVES = {
    "flipped": (flipped, np.diag([1, -1, 1])),
    "turned": (lambda *both: turned(*both, 0.4), np.array([[COS, SIN, 0], [-SIN, COS, 0], [0, 0, 1]])),
    "scaled": (lambda *both: scaled(*both, 1.05), np.eye(3) * 1.05),
}


@pytest.mark.parametrize("name", MOVES)
def test_points_stay_in_their_boxes(name):
    move, matrix = MOVES[name]
    points, boxes = move(POINTS, BOXES)
    np.testing.assert_allclose(points[:, :3], POINTS[:, :3] @ matrix, atol=1e-12)
    np.testing.assert_array_equal(points[:, 3], POINTS[:, 3])
    before = inside(POINTS, BOXES * (1, 1, 1, 0.999, 0.999, 0.999, 1))
    assert (before.sum(1) > 3).all()
    assert inside(points, boxes)[before].all()
    assert not inside(points, boxes * (1, 1, 1, 0.999, 0.999, 0.999, 1))[~inside(POINTS, BOXES)].any()


def test_a_car_that_turns_left_has_a_larger_yaw_and_one_in_the_mirror_a_smaller():
    assert turned(POINTS, BOXES, 0.2)[1][0, 6] == pytest.approx(0.5)
    assert turned(POINTS, BOXES, 0.2)[1][2, 6] == pytest.approx(3.2 - 2 * np.pi)
    assert flipped(POINTS, BOXES)[1][:, 6] == pytest.approx([-0.3, 2.5, -3])
    assert scaled(POINTS, BOXES, 1.1)[1][0] == pytest.approx([16.5, 3.3, -0.99, 4.4, 1.76, 1.65, 0.3])


@pytest.mark.parametrize("name", ["flipped", "turned"])
def test_overlaps_do_not_change(name):
    move, _ = MOVES[name]
    others = BOXES + np.array([0.3, 0.1, 0, 0.2, 0, 0, 0.1])
    before = ious(BOXES[:, GROUND], others[:, GROUND])
    after = ious(move(POINTS, BOXES)[1][:, GROUND], move(POINTS, others)[1][:, GROUND])
    np.testing.assert_allclose(after, before, atol=1e-12)
    assert (before < 0.95).all()


def test_moves_undo_each_other_and_leave_their_arguments_alone():
    points, boxes = POINTS.copy(), BOXES.copy()
    for there, back in (
        (flipped, flipped),
        (lambda *both: turned(*both, 1), lambda *both: turned(*both, -1)),
        (lambda *both: scaled(*both, 1.25), lambda *both: scaled(*both, 0.8)),
    ):
        found = back(*there(points, boxes))
        np.testing.assert_allclose(found[0], POINTS, atol=1e-12)
        np.testing.assert_allclose(found[1], BOXES, atol=1e-12)
    np.testing.assert_array_equal(points, POINTS)
    np.testing.assert_array_equal(boxes, BOXES)


def test_nothing_can_be_moved():
    for move, _ in MOVES.values():
        points, boxes = move(np.zeros((0, 4), np.float32), np.zeros((0, 7)))
        assert points.shape == (0, 4) and points.dtype == np.float32 and boxes.shape == (0, 7)


def test_all_headings_of_a_fine_circle_come_back():
    headings = np.linspace(-np.pi, np.pi, 721)[1:]
    boxes = lidar_boxes(frame(*[thing(rotation_y=angle) for angle in headings]), CALIBRATION)
    back = np.pi - np.mod(np.pi + boxes[:, 6] + np.pi / 2, 2 * np.pi)
    np.testing.assert_allclose(np.exp(1j * back), np.exp(1j * headings), atol=1e-9)
    assert np.diff(np.unwrap(boxes[:, 6])).max() < 0
