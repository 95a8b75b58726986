"""Where objects stand, by packaged statistics of KITTI's labels: `synthetic:lidar`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.rotated import intersections
from suite.data.lidar.constants import APART, AZIMUTH_LIMIT, FARTHEST, HEADING, KINDS, NEAREST, TRIES, Kind
from suite.data.lidar.ground import Ground

Floats = NDArray[np.float64]

NO_AREA = 1e-9  # what rounding leaves of nothing


@dataclass(frozen=True)
class Layout:
    """kinds: (n,) classes as labels write them; boxes: (n, 7) x y z l w h yaw in lidar coordinates."""

    kinds: tuple[str, ...]
    boxes: Floats

    def standing(self, ground: Ground) -> Layout:
        """The same objects, each with its bottom on the ground below its centre."""
        boxes = self.boxes.copy()
        boxes[:, 2] = ground.height(boxes[:, 0], boxes[:, 1]) + boxes[:, 5] / 2
        return Layout(self.kinds, boxes)


def placed(generator: np.random.Generator) -> Layout:
    """A random layout without overlaps; heights are not set yet."""
    kinds: list[str] = []
    boxes = np.zeros((0, 7))
    for name, kind in KINDS.items():
        for _ in range(generator.poisson(kind.count)):
            for _ in range(TRIES):
                box = _box(kind, generator)
                if _free(box, boxes):
                    kinds.append(name)
                    boxes = np.vstack([boxes, box])
                    break
    return Layout(tuple(kinds), boxes)


def _box(kind: Kind, generator: np.random.Generator) -> Floats:
    spread = np.clip(generator.standard_normal(3), -2, 2)
    height, width, length = np.array(kind.size) + spread * kind.spread
    x = np.clip(generator.gamma(*kind.distance), NEAREST, FARTHEST - 5)
    beside = generator.choice((-1, 1)) * generator.choice(kind.lanes) + generator.normal(0, kind.astray)
    limit = x * np.tan(np.radians(AZIMUTH_LIMIT))
    if generator.random() < kind.along:
        yaw = generator.choice((0, np.pi)) + np.radians(generator.normal(0, HEADING))
    else:
        yaw = generator.uniform(-np.pi, np.pi)
    return np.array([x, np.clip(beside, -limit, limit), 0, length, width, height, yaw])


def _free(box: Floats, others: Floats) -> bool:
    mine = np.broadcast_to(box[[0, 1, 3, 4, 6]] + np.array([0, 0, APART, APART, 0]), (len(others), 5))
    return bool((intersections(mine, others[:, [0, 1, 3, 4, 6]]) < NO_AREA).all())
