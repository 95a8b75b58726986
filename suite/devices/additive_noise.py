"""Additive noise: w' = w + level std(w) z, z ~ N(0, 1) per cell, whatever the cell holds.

Source: plain Gaussian weight noise. M. Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196, add it to
one-bit weights (`signed_noise`); here it is in units of the array's own standard deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal z of one array in one realisation, float32, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and z (realisations, *shape) -> noisy weights (realisations, *shape)."""
    spread = condition.level("noise") * float(targets.std(correction=0))
    return ProgrammedWeights((noise * spread).add_(targets))


DEVICE = Device(
    title="additive Gaussian noise",
    source="Cotteret et al., arXiv:2212.01196",
    draw=draw,
    program=program,
    levels={"noise": Level("standard deviation over that of the array's weights", 2.0)},
    ideal=lambda condition: condition.level("noise") == 0.0,
)
