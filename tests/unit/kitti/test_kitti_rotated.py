"""Rotated rectangles: areas against exact clipping and against shapely, and what must not change them."""

from fractions import Fraction

import numpy as np
import pytest

from suite.data.kitti.rotated import intersections, ious, near, rectangle_corners


def pairs(count=400, seed=0):
    """Random rectangles, and others near them."""
    generator = np.random.default_rng(seed)
    one = np.column_stack(
        [generator.normal(0, 2, (count, 2)), generator.uniform(0.3, 5, (count, 2)), generator.uniform(-4, 4, count)]
    )
    other = np.column_stack(
        [
            one[:, :2] + generator.normal(0, 1.5, (count, 2)),
            generator.uniform(0.3, 5, (count, 2)),
            generator.uniform(-4, 4, count),
        ]
    )
    return one, other


def clipped_area(subject, window):
    """Area of a convex polygon within another, both counter-clockwise: Sutherland and Hodgman, in exact fractions."""
    polygon = [tuple(map(Fraction, corner)) for corner in subject.tolist()]
    window = [tuple(map(Fraction, corner)) for corner in window.tolist()]
    for (ax, ay), (bx, by) in zip(window, window[1:] + window[:1], strict=True):
        sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in polygon]
        kept = []
        for i, (x, y) in enumerate(polygon):
            j = (i + 1) % len(polygon)
            if sides[i] >= 0:
                kept.append((x, y))
            if sides[i] * sides[j] < 0:
                share = sides[i] / (sides[i] - sides[j])
                kept.append((x + share * (polygon[j][0] - x), y + share * (polygon[j][1] - y)))
        polygon = kept
    turned = polygon[1:] + polygon[:1]
    return float(sum(x * v - u * y for (x, y), (u, v) in zip(polygon, turned, strict=True)) / 2)


def test_areas_are_those_of_exact_clipping():
    one, other = pairs(150)
    exact = [clipped_area(*both) for both in zip(rectangle_corners(one), rectangle_corners(other), strict=True)]
    np.testing.assert_allclose(intersections(one, other), exact, rtol=0, atol=1e-13)
    assert np.count_nonzero(exact) > 75


def test_areas_are_those_of_shapely():
    shapely = pytest.importorskip("shapely")
    one, other = pairs(20_000)
    polygons = [shapely.polygons(rectangle_corners(rectangles)) for rectangles in (one, other)]
    expected = shapely.area(shapely.intersection(*polygons))
    np.testing.assert_allclose(intersections(one, other), expected, rtol=0, atol=1e-13)


def test_a_rectangle_has_all_of_itself_whatever_way_it_is_turned():
    one, _ = pairs()
    for turn in (0, 1e-16, 1e-13, np.pi, -2 * np.pi):
        np.testing.assert_allclose(ious(one, one + np.array([0, 0, 0, 0, turn])), 1, rtol=0, atol=1e-11)
    quarter = one[:, [0, 1, 3, 2, 4]] + np.array([0, 0, 0, 0, np.pi / 2])
    np.testing.assert_allclose(ious(one, quarter), 1, rtol=0, atol=1e-12)


def test_overlap_is_symmetric_and_rigid_motion_does_not_change_it():
    one, other = pairs()
    before = ious(one, other)
    np.testing.assert_allclose(ious(other, one), before, rtol=0, atol=1e-13)
    angle, cos, sin = 0.7, np.cos(0.7), np.sin(0.7)

    def moved(rectangles):
        u, v = rectangles[:, 0], rectangles[:, 1]
        place = [u * cos - v * sin + 31, u * sin + v * cos - 17]
        return np.column_stack([*place, rectangles[:, 2:4], rectangles[:, 4] + angle])

    np.testing.assert_allclose(ious(moved(one), moved(other)), before, rtol=0, atol=1e-12)


@pytest.mark.parametrize("angle", [0, 0.3, np.pi / 4, np.pi / 2, 2])
@pytest.mark.parametrize(
    ("shift", "sizes", "area"),
    [
        ((4, 0), (4, 2), 0),  # touching along an edge
        ((4, 2), (4, 2), 0),  # touching in a corner
        ((3, 0), (4, 2), 2),
        ((0, 0), (1, 1), 1),  # contained
        ((1.5, 0.5), (1, 1), 1),  # contained in a corner
        ((9, 0), (4, 2), 0),
    ],
)
def test_parallel_rectangles(angle, shift, sizes, area):
    cos, sin = np.cos(angle), np.sin(angle)
    place = shift[0] * cos - shift[1] * sin, shift[0] * sin + shift[1] * cos
    one, other = np.array([[0, 0, 4, 2, angle]]), np.array([[*place, *sizes, angle]])
    assert intersections(one, other)[0] == pytest.approx(area, abs=1e-12)
    assert intersections(other, one)[0] == pytest.approx(area, abs=1e-12)


def test_what_is_not_near_has_nothing_in_common():
    one, other = pairs(5_000)
    close = near(one, other)
    assert 0 < close.sum() < len(close)
    np.testing.assert_allclose(intersections(one, other)[~close], 0, atol=1e-12)


def test_no_pairs_are_no_areas():
    nothing = np.zeros((0, 5))
    assert intersections(nothing, nothing).shape == (0,)
