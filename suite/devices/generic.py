"""Additive Gaussian noise in units of the array's largest weight: w' = w + noise max|w| z, z ~ N(0, 1) per cell.

The form in which most tools and papers state weight noise, among them Joshi et al., Nature Communications 11, 2473
(2020), and Wan et al., Nature 608, 504 (2022), who train and simulate at 0.1 to 0.3. It speaks of no device. On a
crossbar of conductances each cell of a pair gets it in units of the largest cell, so that weights get sqrt(2) of it;
cells may then fall below 0, where only their difference has a meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NOISE = Level("standard deviation in units of the array's largest |weight|", 0.1, least=0.0)


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal, float32, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and z (realisations, *shape) -> noisy weights (realisations, *shape)."""
    return ProgrammedWeights(targets + NOISE.check(condition.level("noise")) * targets.abs().max() * noise)


def ideal(condition: Condition) -> bool:
    """Whether nothing is added."""
    return condition.level("noise") == 0.0


DEVICE = Device(
    title="additive Gaussian noise in units of the largest weight",
    source="Joshi et al., Nature Communications 11, 2473 (2020)",
    draw=draw,
    program=program,
    ideal=ideal,
    levels={"noise": NOISE},
)
