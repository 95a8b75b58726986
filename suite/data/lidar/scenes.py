"""Scenes by number: the same seed, split and number give the same sweep and labels, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.clouds import in_picture
from suite.data.kitti.labels import Objects
from suite.data.lidar.background import background
from suite.data.lidar.camera import CALIBRATION, SIZE
from suite.data.lidar.ground import Ground
from suite.data.lidar.labelling import labels_of
from suite.data.lidar.layouts import Layouts
from suite.data.lidar.placement import Layout, placed
from suite.data.lidar.rays import BACKGROUND, Sweep
from suite.data.lidar.sensor import points
from suite.data.lidar.shapes import body_of
from suite.data.lidar.solids import Body

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Scene:
    """cloud: (n, 4) float32 x, y, z, reflectance, in lidar coordinates, all in the camera's picture; labels: of KITTI's
    form, with DontCare regions."""

    cloud: NDArray[np.float32]
    labels: Objects


def generator_of(seed: int, split: str, number: int) -> np.random.Generator:
    """The stream of one scene: splits never share one."""
    return np.random.default_rng(np.random.SeedSequence([seed, SPLITS.index(split), number]))


def scene(generator: np.random.Generator, layouts: Layouts | None = None) -> Scene:
    """A scene with objects placed by packaged statistics, or as in one of the layouts."""
    ground = Ground.drawn(generator)
    layout = (placed(generator) if layouts is None else layouts.drawn(generator)).standing(ground)
    sweep = Sweep()
    ground.draw(sweep, generator)
    for body, window in _unhiding(background(ground, generator), layout, sweep):
        sweep.meet(window, BACKGROUND, body.met(_within(sweep, window), generator))
    possible = np.zeros(len(layout.kinds), np.int64)
    for number, window in enumerate(sweep.rays.windows(layout.boxes)):
        met = body_of(layout.kinds[number], layout.boxes[number], generator).met(_within(sweep, window), generator)
        possible[number] = np.isfinite(met.range).sum()
        sweep.meet(window, number, met)
    cloud, owner = points(sweep, generator)
    seen = in_picture(cloud, CALIBRATION, SIZE)
    count = len(layout.kinds)
    reached, returned = (np.bincount(of[of >= 0], minlength=count) for of in (sweep.owner, owner[seen]))
    return Scene(cloud[seen], labels_of(layout, reached, possible, returned))


def _within(sweep: Sweep, window: NDArray[np.int64]) -> NDArray[np.float64]:
    return sweep.rays.directions[window[0] : window[1], window[2] : window[3]].reshape(-1, 3)


def _unhiding(bodies: list[Body], layout: Layout, sweep: Sweep) -> list[tuple[Body, NDArray[np.int64]]]:
    """Bodies with their windows, without those that would stand in an object or, being broad, hide one."""
    boxes = np.array([body.box for body in bodies])
    windows, others = sweep.rays.windows(boxes), sweep.rays.windows(layout.boxes)
    radius = np.hypot(boxes[:, 3], boxes[:, 4]) / 2
    distance, own = np.hypot(boxes[:, 0], boxes[:, 1]), np.hypot(layout.boxes[:, 0], layout.boxes[:, 1])
    overlap = (windows[:, None, 2] < others[:, 3]) & (windows[:, None, 3] > others[:, 2])
    hides = overlap & (distance[:, None] - radius[:, None] < own) & (radius[:, None] > 1.5)
    apart = np.hypot(*(boxes[:, None, :2] - layout.boxes[:, :2]).T).T
    stands = apart < radius[:, None] * (radius[:, None] <= 1.5) + np.hypot(layout.boxes[:, 3], layout.boxes[:, 4]) / 2
    kept = ~(hides | stands).any(1) & (windows[:, 1] > windows[:, 0]) & (windows[:, 3] > windows[:, 2])
    return [(body, window) for body, window, keep in zip(bodies, windows, kept, strict=True) if keep]
