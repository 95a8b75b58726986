"""Sweeps as the detector reads them: which points, in which pillars, and what of each."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from workloads.shared.pointpillars.network import PointPillars
from workloads.shared.pointpillars.pillars import collated, pillars
from workloads.shared.pointpillars.sizes import PUBLISHED, SCALED


def cloud(*points):
    return np.array([(*point, 0.5) for point in points], np.float32).reshape(-1, 4)


@pytest.mark.parametrize("size", [SCALED, PUBLISHED])
def test_upper_borders_lie_outside_and_lower_ones_within(size):
    (x0, x1), (y0, y1), (z0, z1) = size.x, size.y, size.z
    # float32, as sweeps are.
    below, first = (np.nextafter(np.float32(border), np.float32(0)) for border in (x1, y0))
    numbers, cell = pillars(cloud((x0, first, z0), (x1, 0, 0), (1, y1, 0), (1, 0, z1), (below, 0, 0)), size)
    assert len(numbers) == 2
    rows, columns = size.grid
    assert cell.tolist() == [0, rows // 2 * columns + columns - 1]


def test_points_that_are_not_finite_are_left_out():
    points = cloud((5, 0, 0), (np.nan, 0, 0), (5, np.inf, 0), (5, 0, np.nan))
    points = np.concatenate([points, [[5, 0, 0, np.nan]]]).astype(np.float32)
    assert len(pillars(points, SCALED)[0]) == 1


def test_numbers_of_a_point_are_place_reflectance_and_offsets():
    numbers, cell = pillars(cloud((10.1, 0.1, -1), (10.2, 0.2, -0.5), (20, 3, 0)), SCALED)
    assert cell[0] == cell[1] != cell[2]
    assert_allclose(numbers[0], [10.1, 0.1, -1, 0.5, -0.05, -0.05, -0.25, -0.025, -0.025, 0], atol=1e-5)
    assert_allclose(numbers[2, 4:7], 0, atol=1e-6)


def test_a_pillar_takes_its_first_points_where_there_is_a_limit():
    points = cloud(*[(10.01, 0.01, z) for z in np.linspace(-2, 0, 40)], (30, 3, 0))
    numbers, _ = pillars(points, PUBLISHED)
    assert len(numbers) == PUBLISHED.most_points + 1
    assert_allclose(numbers[:32, 2], points[:32, 2])
    assert len(pillars(points, SCALED)[0]) == 41


def test_an_empty_sweep_is_an_empty_picture():
    network = PointPillars(SCALED).eval()
    empty = np.zeros((0, 4), np.float32)
    some = cloud((10, 1, 0), (12, -3, 0))
    with torch.no_grad():
        said = network(*collated([empty, some, empty], SCALED), 3)
    assert said.shape == (3, 96 * 96 * 6, 12)
    assert torch.isfinite(said).all()
    assert_allclose(said[0], said[2])
    assert not torch.equal(said[0], said[1])


def test_sweeps_of_a_batch_do_not_see_each_other():
    sweeps = [cloud((10, 1, 0), (12, -3, 0)), cloud((30, 1, -1)), cloud((5, 0, 0), (5.1, 0, 0))]
    network = PointPillars(SCALED).eval()
    with torch.no_grad():
        together = network(*collated(sweeps, SCALED), 3)
        alone = [network(*collated([sweep], SCALED), 1)[0] for sweep in sweeps]
    for one, other in zip(together, alone, strict=True):
        assert_allclose(one, other, atol=1e-5)
