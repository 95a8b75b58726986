"""Cells whose conductance drifts: a cell keeps the share (t / 1 s) ** -nu of its value, t seconds after programming.

nu ~ N(0.05, 0.02) per cell, never below 0: the power law of phase-change cells in its simplest form (Le Gallo and
Sebastian, J. Phys. D 53, 213002, 2020). No spread is in it, so it has no usability.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MEAN, SPREAD = 0.05, 0.02


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal, (*shape): a cell that drifts fast does so at every time."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and draws (realisations, *shape) -> weights (realisations, *shape)."""
    folds = math.log(max(condition.level("seconds"), 1.0))
    return ProgrammedWeights(targets * ((MEAN + SPREAD * noise).clamp(min=0) * -folds).exp())


def ideal(condition: Condition) -> bool:
    """Until a second has passed."""
    return condition.level("seconds") <= 1.0


DEVICE = Device(
    title="drifting cells",
    source="Le Gallo and Sebastian, J. Phys. D 53, 213002",
    draw=draw,
    program=program,
    ideal=ideal,
    levels={"seconds": Level("since programming, s", 3600.0)},
)
