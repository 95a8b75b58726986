"""Scenes to count in (`synthetic:shapes`): one to nine discs, squares and triangles of any colours that do not touch.

The area that all shapes of a scene cover together is drawn apart from their number, so that it does not tell it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.contract import numpy_generator

SIZE, MOST = 128, 9
# Shares of the picture that all shapes cover, and of it that one takes against another.
COVERED, SHARES = (0.05, 0.15), (0.6, 1.4)
# Pixels between shapes, and least distance of colours (of 0 to 1, Euclidean).
GAP, CONTRAST = 3.0, 0.4
# Radius of the circle around a shape of unit area: disc, square, triangle.
AROUND = np.sqrt([1 / np.pi, 1 / 2, 4 / (3 * np.sqrt(3))])
DISC, SQUARE, TRIANGLE = range(3)

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scenes:
    """`count` scenes of a split, the same for the same split; number i holds i mod 9 + 1 shapes."""

    split: str
    count: int
    source: str = "synthetic:shapes"

    @property
    def numbers(self) -> NDArray[np.int64]:
        """(count,): how many shapes each holds."""
        return np.arange(self.count) % MOST + 1

    @property
    def key(self) -> str:
        """What the pictures are made of, beside this code."""
        return f"{self.source} {self.split} {self.count}"

    def pictures(self) -> Iterator[Pixels]:
        """Each (128, 128, 3)."""
        return (picture(numpy_generator(0, "shapes", self.split, i), int(n)) for i, n in enumerate(self.numbers))


def picture(generator: np.random.Generator, number: int) -> Pixels:
    """One scene of `number` shapes."""
    shares = generator.uniform(*SHARES, number)
    area = generator.uniform(*COVERED) * SIZE**2 * shares / shares.sum()
    kinds, turns = generator.integers(3, size=number), generator.uniform(0, 2 * np.pi, number)
    radii = AROUND[kinds] * np.sqrt(area)
    ground = generator.uniform(0, 1, 3)
    found = np.broadcast_to(ground, (SIZE, SIZE, 3)).copy()
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    for place, kind, size, turn in zip(_placed(generator, radii), kinds, area, turns, strict=True):
        found[_inside(int(kind), float(size), float(turn), x - place[0], y - place[1])] = _colour(generator, ground)
    return np.round(255 * found).astype(np.uint8)


def _placed(generator: np.random.Generator, radii: Floats) -> Floats:
    """Centres (n, 2) of circles that keep the gap, the largest placed first; anew where one finds no room."""
    places = np.zeros((len(radii), 2))
    while True:
        done: list[int] = []
        for one in np.argsort(-radii):
            free = generator.uniform(radii[one] + 1, SIZE - 1 - radii[one], (60, 2))
            near = np.linalg.norm(free[:, None] - places[done], axis=2) < radii[done] + radii[one] + GAP
            if not len(free := free[~near.any(1)]):
                break
            places[one] = free[0]
            done.append(int(one))
        else:
            return places


def _inside(kind: int, area: float, turn: float, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Pixels of a shape around the origin: those within all its sides."""
    if kind == DISC:
        return x**2 + y**2 <= area / np.pi
    sides = 4 if kind == SQUARE else 3
    inner = AROUND[kind] * np.sqrt(area) * np.cos(np.pi / sides)
    angles = turn + 2 * np.pi * np.arange(sides) / sides
    return np.all([x * np.cos(angle) + y * np.sin(angle) <= inner for angle in angles], axis=0)


def _colour(generator: np.random.Generator, ground: Floats) -> Floats:
    while True:
        colour = generator.uniform(0, 1, 3)
        if np.linalg.norm(colour - ground) > CONTRAST:
            return colour
