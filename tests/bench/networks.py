"""The two networks that speed is measured on, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Candidate:
    """multiplications: of one image, and those of the first layer among them; block: images per forward pass."""

    name: str
    build: Callable[[], nn.Module]
    multiplications: int
    first: int
    block: int


def mlp() -> nn.Module:
    """784-256-10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def lenet() -> nn.Module:
    """LeNet-5 as in LeCun et al. 1998 with relu and max pooling; 61,706 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


NETWORKS = (
    Candidate("MLP 784-256-10", mlp, 784 * 256 + 256 * 10, first=784 * 256, block=1000),
    Candidate(
        "LeNet-5", lenet, 784 * 150 + 100 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10, first=784 * 150, block=256
    ),
)
