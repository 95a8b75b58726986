"""What the classes look like, in the unit coordinates of their boxes: x ahead, y left, z up, each from -1 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.constants import (
    CLOTHES,
    GLASS,
    GLASS_LOSS,
    LEAF_SPREAD,
    LEAVES,
    PAINT,
    PAINT_LOSS,
    RIM,
    SPOKES,
    TYRE,
)
from suite.data.lidar.solids import Body, Ellipsoids, Polyhedron

Floats = NDArray[np.float64]

# Faces: how many times x, y, z at most how much. Glass is every face of a cabin but its roof, the first one.
BOX = ((0, 0, 1, 1), (0, 0, -1, 1), (1, 0, 0, 1), (-1, 0, 0, 1), (0, 1, 0, 1), (0, -1, 0, 1))
BODY = ((0, 0, 1, 0.2), (0, 0, -1, 0.7), *BOX[2:], (1, 0, 0.25, 1), (-1, 0, 0.2, 1))
ROUNDED = ((1, 0.35, 0, 1.25), (1, -0.35, 0, 1.25), (-1, 0.2, 0, 1.17), (-1, -0.2, 0, 1.17))
SIDES = ((0, 1, 0.2, 1), (0, -1, 0.2, 1), (0, 0, -1, -0.1))
WINDSCREEN = (1, 0, 0.55, 0.52)
# Saloon, hatchback, estate.
REARS = ((-1, 0, 0.5, 0.85), (-1, 0, 0.25, 1.02), (-1, 0, 0.1, 1))
AXLES, WHEELS = (0.6, -0.62), ((0, 1, 0, 1), (0, -1, 0, 1), (0, 0, 1, -0.45), (0, 0, -1, 1))
VAN_SIDES = ((0, 1, 0.08, 0.94), (0, -1, 0.08, 0.94), (-1, 0, 0.03, 0.97))
VAN = (BOX[0], (0, 0, -1, 0.75), BOX[2], (1, 0, 0.35, 1.1), *VAN_SIDES)

# Ellipsoids: centre and radii. The stride and swing of a walker are set by a draw from -1 to 1.
HEAD, TORSO = ((0, 0, 0.86), (0.26, 0.32, 0.13)), ((0, 0, 0.36), (0.42, 0.64, 0.42))
STRIDE, SWING = 0.45, 0.35
RIDER = (
    ((0.05, 0, 0.42), (0.27, 0.85, 0.44)),
    ((0.16, 0, 0.86), (0.12, 0.32, 0.14)),
    ((0.02, 0.35, -0.22), (0.17, 0.28, 0.42)),
    ((0.08, -0.35, -0.15), (0.17, 0.28, 0.42)),
    ((0.28, 0.7, 0.38), (0.24, 0.2, 0.2)),
    ((0.28, -0.7, 0.38), (0.24, 0.2, 0.2)),
    ((0.46, 0, 0.12), (0.05, 0.9, 0.05)),
)
BICYCLE = (
    ((0.61, 0, -0.61), (0.39, 0.10, 0.39)),
    ((-0.61, 0, -0.61), (0.39, 0.10, 0.39)),
    ((0, 0, -0.40), (0.45, 0.12, 0.25)),
)


def polyhedron(faces: tuple[tuple[float, ...], ...], reflectance: float, material: str = "rough") -> Polyhedron:
    """Faces of one material: rough; leaves, which stop some rays, at some depth; paint; glass, all but the first."""
    planes = np.array(faces)
    smooth = material in ("paint", "glass")
    values, lost = np.full(len(planes), reflectance), np.full(len(planes), PAINT_LOSS if smooth else 0)
    if material == "glass":
        values[1:], lost[1:] = GLASS, GLASS_LOSS
    through = (LEAVES, LEAF_SPREAD) if material == "leaves" else (1.0, 0.0)
    return Polyhedron(planes[:, :3], planes[:, 3], values, lost, *through)


def body_of(kind: str, box: Floats, generator: np.random.Generator) -> Body:
    """An object of a class, as labels name it, in its box (x y z l w h yaw); of an unknown class a plain box."""
    if kind == "Car":
        return Body(box, _car(generator))
    if kind in ("Pedestrian", "Person_sitting"):
        return Body(box, ellipsoids=_walker(generator))
    if kind == "Cyclist":
        return Body(box, ellipsoids=_rider(generator))
    paint = generator.uniform(*PAINT)
    return Body(box, (polyhedron(VAN if kind == "Van" else BOX, paint, "paint"),))


def _car(generator: np.random.Generator) -> tuple[Polyhedron, ...]:
    paint, rear = generator.uniform(*PAINT), REARS[generator.integers(len(REARS))]
    wheels = tuple(polyhedron((*WHEELS, (1, 0, 0, x + 0.16), (-1, 0, 0, 0.16 - x)), TYRE, "paint") for x in AXLES)
    cabin = polyhedron(((0, 0, 1, 1), WINDSCREEN, rear, *SIDES), paint, "glass")
    return (polyhedron((*BODY, *ROUNDED), paint, "paint"), cabin, *wheels)


def _walker(generator: np.random.Generator) -> Ellipsoids:
    stride, swing = STRIDE * generator.uniform(-1, 1), SWING * generator.uniform(-1, 1)
    legs = [((way * stride, way * 0.3, -0.5), (0.28, 0.28, 0.52)) for way in (-1, 1)]
    arms = [((-way * swing, way * 0.82, 0.3), (0.2, 0.16, 0.42)) for way in (-1, 1)]
    parts = np.array([HEAD, TORSO, *legs, *arms])
    shirt, trousers, skin = generator.uniform(*CLOTHES, 3)
    return Ellipsoids(parts[:, 0], parts[:, 1], np.array([skin, shirt, *[trousers] * 2, *[shirt] * 2]), np.ones(6))


def _rider(generator: np.random.Generator) -> Ellipsoids:
    parts = np.array([*RIDER, *BICYCLE])
    shirt, trousers, skin = generator.uniform(*CLOTHES, 3)
    values = np.array([shirt, skin, trousers, trousers, shirt, shirt, RIM, RIM, RIM, RIM])
    solidity = np.array([1.0] * len(RIDER) + [SPOKES] * len(BICYCLE))
    return Ellipsoids(parts[:, 0], parts[:, 1], values, solidity)
