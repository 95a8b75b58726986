"""Rays against primitives: exact entries, windows that miss nothing, what stands in front, what the ground is."""

import numpy as np
import pytest

from suite.data.kitti.boxes import inside
from suite.data.lidar.ground import Ground
from suite.data.lidar.rays import BACKGROUND, NOTHING, Sweep, rays
from suite.data.lidar.rays import GROUND as ON_GROUND
from suite.data.lidar.shapes import BOX, body_of, polyhedron
from suite.data.lidar.solids import Body, Ellipsoids

AHEAD = np.array([[1.0, 0, 0]])
ALL = np.array([0, len(rays().elevations), 0, len(rays().azimuths)])
FLAT = Ground(0, 0, 0, 0, 6, 0.3, 0.3)


def generator(seed=0):
    return np.random.default_rng(seed)


def ball(radius, *, solidity=1.0, spread=0.0):
    return Ellipsoids(np.zeros((1, 3)), np.ones((1, 3)), np.array([radius]), np.array([solidity]), spread)


def test_the_rays_are_those_of_the_sensor_within_the_picture():
    found = rays()
    assert found.directions.shape == (49, 474, 3)
    np.testing.assert_allclose(np.linalg.norm(found.directions, axis=2), 1)
    assert np.degrees(found.elevations[[0, -1]]) == pytest.approx([2, -16.83], abs=0.01)
    assert (np.diff(found.elevations) < 0).all() and (np.diff(found.azimuths) < 0).all()
    assert np.degrees(np.diff(found.azimuths)).mean() == pytest.approx(-0.173, abs=1e-3)


@pytest.mark.parametrize(
    ("yaw", "reach", "cosine"), [(0, 8, 1), (np.pi / 2, 9, 1), (np.pi, 8, 1), (np.pi / 4, 10 - 2**0.5, 0.5**0.5)]
)
def test_a_box_is_entered_at_its_face(yaw, reach, cosine):
    met = Body(np.array([10, 0, 0, 4, 2, 2, yaw]), (polyhedron(BOX, 0.4),)).met(AHEAD, generator())
    assert (met.range[0], met.cosine[0], met.reflectance[0]) == pytest.approx((reach, cosine, 0.4))


def test_an_ellipsoid_is_entered_at_its_surface():
    body = Body(np.array([10, 0, 0, 6, 2, 4, 0.0]), ellipsoids=ball(0.3))
    sideways = np.array([[10, 0.5, 0], [10, 3, 0], [-10, 0, 0], [10, 0, 1.0]])
    directions = np.concatenate([AHEAD, sideways / np.linalg.norm(sideways, axis=1, keepdims=True)])
    met = body.met(directions, generator())
    hit = np.isfinite(met.range)
    points = np.where(hit, met.range, 0)[:, None] * directions
    assert hit.tolist() == [True, True, False, False, True]
    assert met.range[0] == pytest.approx(7)
    assert met.cosine[0] == pytest.approx(1)
    on_surface = (((points[hit] - (10, 0, 0)) / (3, 1, 2)) ** 2).sum(1)
    np.testing.assert_allclose(on_surface, 1)
    normal = (points[1] - (10, 0, 0)) / np.array([9, 1, 4])
    assert met.cosine[1] == pytest.approx(abs(normal @ directions[1]) / np.linalg.norm(normal))


@pytest.mark.parametrize("kind", ["Car", "Van", "Pedestrian", "Person_sitting", "Cyclist", "Truck", "Misc"])
def test_windows_hold_every_ray_that_meets_a_body_and_its_points_lie_in_its_box(kind):
    draw = generator(3)
    for _ in range(8):
        place = draw.uniform((5, -5, -1.3), (40, 5, -0.7))
        size = draw.uniform((0.7, 0.6, 1.4), (4.5, 2, 2))
        box = np.array([*place, *size, draw.uniform(-4, 4)])
        body = body_of(kind, box, generator(1))
        everywhere = body.met(rays().directions.reshape(-1, 3), generator(2)).range
        first, last, left, right = rays().windows(box[None])[0]
        within = np.zeros(rays().directions.shape[:2], bool)
        within[first:last, left:right] = True
        hit = np.isfinite(everywhere)
        assert hit.any() and not (hit & ~within.ravel()).any()
        points = everywhere[hit, None] * rays().directions.reshape(-1, 3)[hit]
        assert inside(points, box[None] * (1, 1, 1, 1.001, 1.001, 1.001, 1)).mean() > 0.97


def test_a_box_behind_the_sensor_or_aside_has_no_window():
    boxes = np.array([[30.0, 60, 0, 4, 2, 2, 0], [10, 0, 30, 4, 2, 2, 0]])
    rows, columns = rays().windows(boxes)[:, [1, 3]].T - rays().windows(boxes)[:, [0, 2]].T
    assert columns[0] <= 0 and rows[1] <= 0


@pytest.mark.parametrize(("solidity", "share"), [(1, 1), (0.7, 0.7), (0.45, 0.45)])
def test_leaves_and_spokes_let_rays_through(solidity, share):
    many = np.broadcast_to(AHEAD, (4000, 3))
    met = Body(np.array([10, 0, 0, 2, 2, 2, 0.0]), ellipsoids=ball(0.3, solidity=solidity, spread=0.35)).met(
        many, generator()
    )
    hit = np.isfinite(met.range)
    assert hit.mean() == pytest.approx(share, abs=0.03)
    assert 9 <= met.range[hit].min() < 9.02 and 9.33 < met.range[hit].max() <= 9.35


def test_what_is_nearer_hides_what_is_behind_whatever_the_order():
    near = Body(np.array([10, 0, 0, 1, 1, 1, 0.0]), (polyhedron(BOX, 0.1),))
    far = Body(np.array([20, 0, 0, 1, 4, 4, 0.0]), (polyhedron(BOX, 0.2),))
    for order in ([near, far], [far, near]):
        sweep = Sweep()
        for body in order:
            sweep.meet(ALL, int(body.box[0]), body.met(sweep.rays.directions.reshape(-1, 3), generator()))
        column = np.abs(sweep.rays.azimuths).argmin()
        row = np.abs(sweep.rays.elevations).argmin()
        assert sweep.owner[row, column] == 10 and sweep.reflectance[row, column] == 0.1
        assert {NOTHING, 10, 20} == set(np.unique(sweep.owner))
        assert sweep.range[sweep.owner == 20].min() > 19


def test_flat_ground_lies_under_the_sensor_and_the_verge_higher():
    sweep = Sweep()
    FLAT.draw(sweep, generator())
    points = sweep.range[..., None] * sweep.rays.directions
    met = sweep.owner == ON_GROUND
    x, y, z = points[met].T
    np.testing.assert_allclose(z[np.abs(y) < 5.7], -1.73)
    assert z[np.abs(y) > 6.3].mean() == pytest.approx(-1.63, abs=0.01)
    kerb = z[(np.abs(y) > 5.95) & (np.abs(y) < 6.05) & (x < 15)]
    assert kerb.min() < -1.7 and kerb.max() > -1.65
    assert not np.isfinite(sweep.range[sweep.rays.elevations > 0]).any()
    assert BACKGROUND not in sweep.owner


def test_points_of_a_tilted_and_curved_road_lie_on_it():
    ground = Ground(0.01, -0.02, 2e-4, 0.5, 500, 0.3, 0.3)
    sweep = Sweep()
    ground.draw(sweep, generator())
    met = np.isfinite(sweep.range)
    x, y, z = (sweep.range[met][:, None] * sweep.rays.directions[met]).T
    np.testing.assert_allclose(z, ground.height(x, y), atol=1e-9)
    assert x.max() > 40
