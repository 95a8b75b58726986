"""Anchors: which are wanted for which box, and boxes there and back again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from suite.data.kitti.boxes import wrapped
from suite.data.kitti.rotated import ious
from workloads.shared.pointpillars.anchors import (
    NEGATIVE,
    POSITIVE,
    SIZES,
    anchors,
    decoded,
    directions,
    encoded,
    matched,
    within,
)
from workloads.shared.pointpillars.sizes import PUBLISHED, SCALED

GRID = anchors(SCALED)


def boxes(count=12, seed=0):
    """Random classes and boxes within the scaled range, of about their class's size."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, 3, count)
    place = np.column_stack(
        [random.uniform(0, 48, count), random.uniform(-24, 24, count), random.uniform(-1.5, 0, count)]
    )
    size = SIZES[kinds] * random.uniform(0.8, 1.25, (count, 3))
    return kinds, np.column_stack([place, size, random.uniform(-np.pi, np.pi, count)])


@pytest.mark.parametrize("size", [SCALED, PUBLISHED])
def test_there_are_six_anchors_a_cell_and_they_stand_on_their_bottoms(size):
    found = anchors(size)
    assert len(found) == size.cells[0] * size.cells[1] * 6
    assert_allclose(found[:6, 2] - found[:6, 5] / 2, np.repeat(size.bottoms, 2))
    assert_allclose(found[:6, 3:6], SIZES[[0, 0, 1, 1, 2, 2]])
    assert_allclose(found[6, 0] - found[0, 0], 2 * size.pillar)
    assert within(found, size).all()


def test_all_headings_of_a_fine_circle_come_back_from_either_anchor():
    headings = wrapped(np.linspace(-np.pi, np.pi, 7201)[:-1] + 1e-4)
    for anchor in GRID[[0, 1]]:
        truth = np.tile(anchor, (len(headings), 1))
        truth[:, 6] = headings
        at = np.tile(anchor, (len(headings), 1))
        found = decoded(encoded(truth, at), directions(truth), at)
        assert np.abs(wrapped(found[:, 6] - headings)).max() < 1e-6


def test_a_code_that_is_half_a_turn_off_gives_the_same_box():
    # The loss sees the sine of the error alone: the direction decides.
    truth = np.tile(GRID[0], (8, 1))
    truth[:, 6] = np.arange(8) * np.pi / 4 - 3
    codes = encoded(truth, GRID[[0] * 8])
    codes[:, 6] += np.pi
    assert_allclose(decoded(codes, directions(truth), GRID[[0] * 8]), truth, atol=1e-9)


def test_boxes_come_back_from_their_codes():
    _, truth = boxes(50)
    at = GRID[np.random.default_rng(1).integers(0, len(GRID), 50)]
    assert_allclose(decoded(encoded(truth, at), directions(truth), at), truth, atol=1e-9)


def test_no_code_gives_a_size_that_nothing_can_hold():
    found = decoded(np.full((1, 7), 1e4), np.array([0]), GRID[:1])
    assert np.isfinite(found).all() and (found[0, 3:6] < 300).all()


def test_every_object_has_a_positive_anchor_and_two_classes_never_share_one():
    for seed in range(20):
        kinds, truth = boxes(12, seed)
        positive, of, ignored = matched(kinds, truth, SCALED)
        assert set(of) == set(range(12))
        assert len(set(positive)) == len(positive)
        assert (positive // 2 % 3 == kinds[of]).all()
        assert not set(positive) & set(ignored)


def test_two_objects_in_one_place_have_an_anchor_each():
    kinds, truth = np.array([2, 2, 2]), np.tile([10.2, 0.1, -0.8, 1.7, 0.6, 1.7, 0.1], (3, 1))
    _, of, _ = matched(kinds, truth, SCALED)
    assert set(of) == {0, 1, 2}


def test_anchors_are_positive_ignored_or_negative_by_their_overlap():
    for seed in range(5):
        kinds, truth = boxes(1, seed)
        quarter = np.round(truth[0, 6] / (np.pi / 2)) * np.pi / 2
        flat = np.array([*truth[0, [0, 1, 3, 4]], quarter])
        positive, _, ignored = matched(kinds, truth, SCALED)
        own = np.flatnonzero(np.arange(len(GRID)) // 2 % 3 == kinds[0])
        overlap = ious(np.tile(flat, (len(own), 1)), GRID[own][:, [0, 1, 3, 4, 6]])
        sure = np.abs(overlap[:, None] - [POSITIVE[kinds[0]], NEGATIVE[kinds[0]]]).min(1) > 1e-9
        wanted = overlap >= POSITIVE[kinds[0]]
        wanted[overlap.argmax()] = True
        between = (overlap >= NEGATIVE[kinds[0]]) & ~wanted
        assert set(own[wanted & sure]) <= set(positive) and set(positive) <= set(own[wanted | ~sure])
        assert set(own[between & sure]) <= set(ignored) and set(ignored) <= set(own[between | ~sure])


def test_the_matching_axes_of_a_box_are_the_nearest():
    for yaw, heading in ((0.1, 0), (-0.1, 0), (np.pi - 0.1, 0), (1.5, 1), (-1.6, 1)):
        truth = np.array([[20.25, 0.25, -1, 3.9, 1.6, 1.56, yaw]])
        positive, _, _ = matched(np.array([0]), truth, SCALED)
        assert set(positive % 2) == {heading}


def test_no_objects_want_no_anchors():
    positive, of, ignored = matched(np.zeros(0, int), np.zeros((0, 7)), SCALED)
    assert len(positive) == len(of) == len(ignored) == 0
