"""Sweeps as the network reads them: ten numbers of each point, and the pillar in which it lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workloads.shared.pointpillars.sizes import Size

Cloud = NDArray[np.float32]
Floats = NDArray[np.float64]
Cells = NDArray[np.int64]

NUMBERS = 10


def pillars(cloud: Cloud, size: Size) -> tuple[NDArray[np.float32], Cells]:
    """(n, 4) x, y, z, reflectance -> (m, 10) numbers and (m,) pillars, row by row, of the points that `size` looks at.

    The numbers: x, y, z, reflectance; offset to the mean of the pillar's points; offset to the pillar's centre. Upper
    borders lie outside, and so do points that are not finite.
    """
    rows, columns = size.grid
    points = cloud.astype(np.float64)
    with np.errstate(invalid="ignore"):
        column, row = ((points[:, axis] - (size.x, size.y)[axis][0]) / size.pillar for axis in (0, 1))
        seen = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        seen &= (points[:, 2] >= size.z[0]) & (points[:, 2] < size.z[1]) & np.isfinite(points[:, 3])
    points = points[seen]
    at = np.column_stack([column[seen], row[seen]]).astype(np.int64)
    cell: Cells = at[:, 1] * columns + at[:, 0]
    if size.most_points is not None:
        kept = _place(cell) < size.most_points
        points, at, cell = points[kept], at[kept], cell[kept]
    corner = np.array([size.x[0], size.y[0]])
    centre = np.column_stack([corner + (at + 0.5) * size.pillar, np.full(len(at), sum(size.z) / 2)])
    numbers = np.concatenate([points, points[:, :3] - _mean(points, cell), points[:, :3] - centre], 1)
    return numbers.astype(np.float32), cell


def collated(clouds: Sequence[Cloud], size: Size) -> tuple[Tensor, Tensor]:
    """Points of several sweeps (points, 10), and the pillar of each (points,), those of one sweep after another's."""
    found = [pillars(cloud, size) for cloud in clouds]
    numbers, cells = zip(*found, strict=True)
    area = size.grid[0] * size.grid[1]
    shifted = [cell + number * area for number, cell in enumerate(cells)]
    return torch.from_numpy(np.concatenate(numbers)), torch.from_numpy(np.concatenate(shifted))


def _mean(points: Floats, cell: Cells) -> Floats:
    """(n, 3): of the points that share each one's pillar."""
    count = np.bincount(cell)[cell]
    sums: Floats = np.stack([np.bincount(cell, points[:, axis])[cell] for axis in range(3)], 1)
    return sums / count[:, None]


def _place(cell: Cells) -> Cells:
    """(n,): of each point among those of its pillar, in the order of the sweep."""
    order = np.argsort(cell, kind="stable")
    place = np.empty(len(cell), np.int64)
    ranked = cell[order]
    place[order] = np.arange(len(cell)) - np.searchsorted(ranked, ranked)
    return place
