"""How large the detector is: the published one, and one that two processor cores train in minutes."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("car", "pedestrian", "cyclist")
HEADINGS = 2
# Of a class and a heading at a cell; what a network says of each: classes, box, direction.
ANCHORS = len(CLASSES) * HEADINGS
CODE, DIRECTIONS = 7, 2
SAID = len(CLASSES) + CODE + DIRECTIONS


@dataclass(frozen=True)
class Size:
    """x, y, z: what is looked at, in metres; pillar: side of a pillar in metres; most_points: that a pillar takes
    (None: all); features: channels of a pillar; blocks: (channels, convolutions) of each block of the backbone, the
    first of which halves the picture; upsampled: channels to which each block is brought; momentum: of batch
    normalisation; bottoms: z of the anchors' undersides; most_candidates, most_boxes: of a sweep, before and after
    suppression.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]
    pillar: float
    most_points: int | None
    features: int
    blocks: tuple[tuple[int, int], ...]
    upsampled: int
    momentum: float
    bottoms: tuple[float, float, float]
    most_candidates: int
    most_boxes: int

    @property
    def grid(self) -> tuple[int, int]:
        """Pillars along y and along x: rows and columns of the picture."""
        return round((self.y[1] - self.y[0]) / self.pillar), round((self.x[1] - self.x[0]) / self.pillar)

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns at which there are anchors: the first block's."""
        return self.grid[0] // 2, self.grid[1] // 2


# As in OpenPCDet's configuration for KITTI (pointpillar.yaml, commit 8cacccec). Its limit on pillars, 40,000 in a test,
# is above what a sweep within the picture has.
PUBLISHED = Size(
    x=(0.0, 69.12),
    y=(-39.68, 39.68),
    z=(-3.0, 1.0),
    pillar=0.16,
    most_points=32,
    features=64,
    blocks=((64, 4), (128, 6), (256, 6)),
    upsampled=128,
    momentum=0.01,
    bottoms=(-1.78, -0.6, -0.6),
    most_candidates=4096,
    most_boxes=500,
)
# Trainings are short: statistics follow faster, and the anchors of people stand on the ground, where the objects are.
SCALED = Size(
    x=(0.0, 48.0),
    y=(-24.0, 24.0),
    z=(-3.0, 1.0),
    pillar=0.25,
    most_points=None,
    features=16,
    blocks=((16, 3), (32, 4), (64, 4)),
    upsampled=24,
    momentum=0.1,
    bottoms=(-1.78, -1.73, -1.73),
    most_candidates=1024,
    most_boxes=128,
)
