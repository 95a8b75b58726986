"""What stands along a street and is no object: walls, hedges, poles with crowns, bushes, boxes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suite.data.lidar.constants import (
    BESIDE_ROAD,
    BOXES,
    BUSHES,
    CROWNS,
    FARTHEST,
    HEDGES,
    HIGH_WALL,
    HIGH_WALLS,
    LEAF_REFLECTANCE,
    LEAF_SPREAD,
    LEAVES,
    LOW_WALL,
    POLES,
    THING_REFLECTANCE,
    WALL_DEPTH,
    WALL_DISTANCE,
    WALL_GAP,
    WALL_LENGTH,
    WALL_REFLECTANCE,
)
from suite.data.lidar.ground import Ground
from suite.data.lidar.shapes import BOX, polyhedron
from suite.data.lidar.solids import Body, Ellipsoids

Floats = NDArray[np.float64]


def background(ground: Ground, generator: np.random.Generator) -> list[Body]:
    """The solids on both sides of the road."""
    return [*_rows(ground, generator), *_things(ground, generator)]


def _rows(ground: Ground, generator: np.random.Generator) -> Iterator[Body]:
    for side in (-1, 1):
        distance, x = generator.uniform(*WALL_DISTANCE), generator.uniform(-10, 5)
        while x < FARTHEST:
            length, depth = generator.uniform(*WALL_LENGTH), generator.uniform(*WALL_DEPTH)
            which, turn = generator.random(), generator.normal(0, 0.03)
            away = distance + generator.normal(0, 0.5) + depth / 2
            leaves = HIGH_WALLS < which < HIGH_WALLS + HEDGES
            height = generator.uniform(*(HIGH_WALL if which < HIGH_WALLS else LOW_WALL))
            value = generator.uniform(*(LEAF_REFLECTANCE if leaves else WALL_REFLECTANCE))
            box = _standing(ground, x + length / 2, ground.middle + side * away, (length, depth, height), turn)
            yield Body(box, (polyhedron(BOX, value, "leaves" if leaves else "rough"),))
            x += length + generator.uniform(*WALL_GAP)


def _things(ground: Ground, generator: np.random.Generator) -> Iterator[Body]:
    for _ in range(generator.poisson(POLES)):
        x, y = _beside(ground, generator)
        thickness, height = generator.uniform(0.1, 0.4), generator.uniform(2.5, 8)
        pole = _standing(ground, x, y, (thickness, thickness, height), 0)
        yield Body(pole, (polyhedron(BOX, generator.uniform(*THING_REFLECTANCE)),))
        if generator.random() < CROWNS:
            size = generator.uniform(1.5, 5, 2)[[0, 0, 1]]
            yield _leafy(np.array([x, y, pole[2] + height / 2, *size, 0]), generator)
    for _ in range(generator.poisson(BUSHES)):
        size = generator.uniform((0.5, 0.5, 0.5), (2.5, 2.5, 2.0))
        yield _leafy(_standing(ground, *_beside(ground, generator), size, 0), generator)
    for _ in range(generator.poisson(BOXES)):
        size, turn = generator.uniform((0.3, 0.3, 0.6), (2.0, 1.2, 1.8)), generator.uniform(0, np.pi)
        box = _standing(ground, *_beside(ground, generator), size, turn)
        yield Body(box, (polyhedron(BOX, generator.uniform(*THING_REFLECTANCE)),))


def _leafy(box: Floats, generator: np.random.Generator) -> Body:
    value = np.array([generator.uniform(*LEAF_REFLECTANCE)])
    return Body(box, ellipsoids=Ellipsoids(np.zeros((1, 3)), np.ones((1, 3)), value, np.array([LEAVES]), LEAF_SPREAD))


def _beside(ground: Ground, generator: np.random.Generator) -> tuple[float, float]:
    side = generator.choice((-1, 1))
    return generator.uniform(4, 60), ground.middle + side * (ground.half + generator.uniform(*BESIDE_ROAD))


def _standing(ground: Ground, x: float, y: float, size: Floats | tuple[float, ...], turn: float) -> Floats:
    length, width, height = size
    bottom = float(ground.height(x, y))
    return np.array([x, y, bottom + height / 2, length, width, height, turn])
