"""Finding a rod in a cloud of points: the sensor has seen rods on one side alone, and must find them all around.

Data: clouds of 30 to 60 points in the plane, 24 of them on a rod and the others clutter, made here (synthetic); the box
of a cloud is the rod's centre and direction. Rods for training lie in one direction from the sensor, those of the other
splits in all: the training clouds are turned about the sensor, each with its box. Expected clean score: 0.88 of the
rods found, from `quick` training; 0.2 without turns, and 0.1 where clouds are turned and boxes are not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SIDE, ON_ROD, LENGTH = 12, 24, 0.8
# A rod is found within this distance of its centre and this angle (radians) of its direction.
REACH, ANGLE = 0.2, math.pi / 8


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """A list of (cloud (points, 2), box (3,): x, y, direction in radians) per split."""
    import torch

    generator = torch.Generator().manual_seed(seed)

    def cloud() -> tuple[Tensor, Tensor]:
        box = torch.tensor([0.5, 0.0, 0.0]) + torch.tensor([0.2, 0.1, 0.5]) * torch.randn(3, generator=generator)
        along = LENGTH * (torch.rand(ON_ROD, 1, generator=generator) - 0.5)
        rod = box[:2] + along * torch.stack([box[2].cos(), box[2].sin()])
        count = int(torch.randint(6, 37, (), generator=generator))
        return torch.cat([rod, 2 * torch.rand(count, 2, generator=generator) - 1]), box

    train, validation, test = ([cloud() for _ in range(count)] for count in (400, 100, 100))
    splits = (turned_about(validation, generator), turned_about(test, generator))
    return Splits(train, splits[0], {"test": splits[1]}, "synthetic:rods", augment=turned_about)


def turned_about(samples: Sequence[tuple[Tensor, Tensor]], generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Every cloud turned about the sensor by an angle of its own, and its box with it."""
    import torch

    angles = 2 * math.pi * torch.rand(len(samples), generator=generator)
    return [turned(cloud, box, float(angle)) for (cloud, box), angle in zip(samples, angles, strict=True)]


def turned(cloud: Tensor, box: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    """By an angle in radians, from x to y."""
    import torch

    turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return cloud @ turn, torch.cat([box[:2] @ turn, box[2:] + angle])


def collate(samples: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Points per cell of the plane (N, SIDE * SIDE), and boxes (N, 3)."""
    import torch

    counts = torch.zeros(len(samples), SIDE * SIDE)
    for row, (cloud, _) in zip(counts, samples, strict=True):
        places = ((cloud + 1.5) / 3 * SIDE).long().clamp(0, SIDE - 1)
        row.index_add_(0, places[:, 1] * SIDE + places[:, 0], torch.ones(len(cloud)))
    return counts, torch.stack([box for _, box in samples])


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Counts (N, SIDE * SIDE) -> x, y and the cosine and sine of twice the direction (N, 4)."""
    from torch import nn

    with seeded(generator):
        return nn.Sequential(nn.Linear(SIDE * SIDE, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 4))


def loss(found: Tensor, boxes: Tensor) -> Tensor:
    """Mean square of what the network gives for each box."""
    import torch
    from torch.nn import functional

    twice = 2 * boxes[:, 2]
    return functional.mse_loss(found, torch.stack([boxes[:, 0], boxes[:, 1], twice.cos(), twice.sin()], 1))


def scores(outputs: Tensor, targets: Sequence[Tensor]) -> Mapping[str, float]:
    """Share of rods found; one whose output is not finite is not."""
    import torch

    boxes = torch.stack(list(targets))
    away = (outputs[:, :2] - boxes[:, :2]).norm(dim=1)
    twice = torch.atan2(outputs[:, 3], outputs[:, 2]) - 2 * boxes[:, 2]
    off = torch.atan2(twice.sin(), twice.cos()).abs() / 2
    right = (away <= REACH) & (off <= ANGLE) & torch.isfinite(outputs).all(1)
    return {"found": float(right.float().mean())}


WORKLOAD = Workload(
    title="Rods in clouds of points, turned for training",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=15 if scale == "ci" else 40, batch=32, learning_rate=3e-3, test_block=100),
    measures={"found": Score("Rods found", chance=0.0)},
    scores=scores,
    floor=("found", 0.5),
    loss=loss,
    collate=collate,
    standin=True,
)
