"""The two primitives of which everything is made, convex polyhedra and ellipsoids, and where rays enter them.

Primitives are written in the unit coordinates of a box: -1 to 1 along its length, its width and its height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.rays import Met

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Polyhedron:
    """The points with normal . u <= offset for all faces. normals: (faces, 3); reflectance, lost: (faces,), the latter
    the probability that a pulse does not come back; solidity: share of rays that it stops; spread: how deep they go."""

    normals: Floats
    offsets: Floats
    reflectance: Floats
    lost: Floats
    solidity: float = 1.0
    spread: float = 0.0


@dataclass(frozen=True)
class Ellipsoids:
    """centres, radii: (n, 3); reflectance, solidity: (n,); spread: how deep rays go."""

    centres: Floats
    radii: Floats
    reflectance: Floats
    solidity: Floats
    spread: float = 0.0


@dataclass(frozen=True)
class Body:
    """Primitives in a box (x y z l w h yaw)."""

    box: Floats
    polyhedra: tuple[Polyhedron, ...] = ()
    ellipsoids: Ellipsoids | None = None

    def met(self, directions: Floats, generator: np.random.Generator) -> Met:
        """(rays, 3) directions from the origin -> the nearest entry of each into one of the primitives."""
        half = self.box[3:6] / 2
        cos, sin = np.cos(self.box[6]), np.sin(self.box[6])
        turned = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) / half
        origin, steps = -self.box[:3] @ turned, directions @ turned
        entries = [_polyhedron(solid, origin, steps, half, generator) for solid in self.polyhedra]
        if self.ellipsoids is not None:
            entries.append(_ellipsoids(self.ellipsoids, origin, steps, half, generator))
        return entries[0] if len(entries) == 1 else _nearest(entries)


def _nearest(entries: list[Met]) -> Met:
    ranges = np.stack([entry.range for entry in entries])
    first, column = ranges.argmin(0), np.arange(ranges.shape[1])
    others = (np.stack([getattr(entry, name) for entry in entries]) for name in ("cosine", "reflectance", "lost"))
    return Met(ranges[first, column], *(values[first, column] for values in others))


def _polyhedron(solid: Polyhedron, origin: Floats, steps: Floats, half: Floats, generator: np.random.Generator) -> Met:
    """Entry: the last of the faces that look towards the sensor; exit: the first of the others."""
    slopes = steps @ solid.normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = (solid.offsets - origin @ solid.normals.T) / slopes
    entry = np.where(slopes < 0, reached, -np.inf)
    face = entry.argmax(1)
    rows = np.arange(len(steps))
    start, end = entry[rows, face], np.where(slopes > 0, reached, np.inf).min(1)
    hit = (start <= end) & (start > 0)
    cosine = -slopes[rows, face] / np.linalg.norm(solid.normals / half, axis=1)[face]
    reach = _through(np.where(hit, start, np.inf), solid.solidity, solid.spread, generator)
    return Met(reach, cosine, solid.reflectance[face], solid.lost[face])


def _ellipsoids(solid: Ellipsoids, origin: Floats, steps: Floats, half: Floats, generator: np.random.Generator) -> Met:
    start = (origin - solid.centres) / solid.radii
    step = steps[:, None] / solid.radii
    square, mixed = (step**2).sum(2), (step * start).sum(2)
    root = mixed**2 - square * ((start**2).sum(1) - 1)
    hit = root > 0
    root = np.sqrt(np.where(hit, root, 0))
    reached = (-mixed - root) / square
    reach = np.where(hit & (reached > 0), reached, np.inf)
    if (solid.solidity < 1).any():
        reach = np.where(generator.random(reach.shape) < solid.solidity, reach, np.inf)
    first, rows = reach.argmin(1), np.arange(len(steps))
    normal = (start[first] + reached[rows, first, None] * step[rows, first]) / (solid.radii[first] * half)
    cosine = root[rows, first] / np.linalg.norm(normal, axis=1)
    reach = _through(reach[rows, first], 1, solid.spread, generator)
    return Met(reach, cosine, solid.reflectance[first], np.zeros(len(steps)))


def _through(reach: Floats, solidity: float, spread: float, generator: np.random.Generator) -> Floats:
    """What leaves let through, and how deep the others go into them."""
    if solidity < 1:
        reach = np.where(generator.random(len(reach)) < solidity, reach, np.inf)
    return reach + spread * generator.random(len(reach)) if spread else reach
