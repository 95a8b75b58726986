"""Labelled sweeps as samples and batches: (cloud, boxes of the three classes, frame), and their random variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data.kitti.boxes import lidar_boxes
from suite.data.kitti.calibration import Calibration
from suite.data.kitti.folder import Frame
from suite.data.kitti.labels import Objects
from suite.data.kitti.moves import flipped, scaled, turned
from workloads.shared.pointpillars import anchors
from workloads.shared.pointpillars.pillars import collated
from workloads.shared.pointpillars.sizes import CLASSES, Size

Floats = NDArray[np.float64]

# Of training sweeps: flipped or not, turned by as much at most (radians), scaled between these.
MOST_TURN, SCALES = np.pi / 8, (0.95, 1.05)


@dataclass(frozen=True)
class Truth:
    """What detections of a sweep are scored by: all its labels, and what turns a box into a picture box."""

    name: str
    labels: Objects
    calibration: Calibration
    size: tuple[int, int]


# Cloud (points, 4); boxes (n, 8), class number and x y z l w h yaw; truth; what the detector looks at.
Sample = tuple[NDArray[np.float32], Floats, Truth, Size]
# Points and their pillars; truths; what is wanted of the anchors.
Batch = tuple[tuple[Tensor, Tensor], list[Truth], Mapping[str, Tensor]]


@dataclass(frozen=True)
class Samples:
    """Frames as samples, each made when it is first asked for, and kept."""

    frames: Sequence[Frame]
    size: Size
    _made: dict[int, Sample] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, number: int) -> Sample:
        if number not in self._made:
            self._made[number] = sample(self.frames[number], self.size)
        return self._made[number]


def sample(frame: Frame, size: Size) -> Sample:
    """Neighbouring classes (Van, Person_sitting) are no boxes, DontCare regions never."""
    labels = frame.labels.where(np.isin(frame.labels.kinds, CLASSES))
    kinds = np.array([CLASSES.index(kind) for kind in labels.kinds], np.float64)
    boxes = np.column_stack([kinds, lidar_boxes(labels, frame.calibration)])
    return frame.cloud, boxes, Truth(frame.name, frame.labels, frame.calibration, frame.size), size


def varied(samples: Sequence[Sample], generator: torch.Generator) -> list[Sample]:
    """Each flipped or not, turned and scaled, boxes with their points."""
    draws = torch.rand(len(samples), 3, generator=generator).numpy().astype(np.float64)
    return [_varied(one, *draw) for one, draw in zip(samples, draws, strict=True)]


def _varied(one: Sample, flip: float, turn: float, scale: float) -> Sample:
    cloud, kinds, boxes = one[0], one[1][:, :1], one[1][:, 1:]
    if flip < 0.5:
        cloud, boxes = flipped(cloud, boxes)
    cloud, boxes = turned(cloud, boxes, MOST_TURN * (2 * turn - 1))
    cloud, boxes = scaled(cloud, boxes, SCALES[0] + (SCALES[1] - SCALES[0]) * scale)
    return cloud.astype(np.float32), np.concatenate([kinds, boxes], 1), *one[2:]


def batch_of(samples: Sequence[Sample]) -> Batch:
    """What `PointPillars` reads, what scores need, and what `loss` wants (see `_wanted`)."""
    clouds, boxes, truths, (size, *_) = zip(*samples, strict=True)
    return collated(clouds, size), list(truths), _wanted(boxes, size)


def _wanted(frames: Sequence[Floats], size: Size) -> dict[str, Tensor]:
    """positive: numbers of the positive anchors in the batch, and of each its `frame`, `kind` of object, `code` (7) and
    `direction`; ignored: numbers of those that have no loss of classes."""
    grid = anchors.anchors(size)
    parts = []
    for number, frame in enumerate(frames):
        inside = frame[anchors.within(frame[:, 1:], size)]
        kinds, boxes = inside[:, 0].astype(np.int64), inside[:, 1:]
        positive, of, ignored = anchors.matched(kinds, boxes, size)
        parts.append(
            {
                "positive": positive + number * len(grid),
                "frame": np.full(len(positive), number),
                "kind": kinds[of],
                "code": anchors.encoded(boxes[of], grid[positive]).astype(np.float32),
                "direction": anchors.directions(boxes[of]),
                "ignored": ignored + number * len(grid),
            }
        )
    return {name: torch.from_numpy(np.concatenate([part[name] for part in parts])) for name in parts[0]}
