"""Log-normal conductance error: w' = w * exp(sigma z), z ~ N(0, 1) per cell, and sigma = -ln(usability).

Source: Ye et al., "Synergistic Development of Perovskite Memristors and Algorithms for Robust Analog Computing",
arXiv:2412.02779. The factor's mean is exp(sigma^2 / 2), which the paper leaves in; `mean_preserving` divides by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SETTINGS = {"mean_preserving": False}


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal z of one array in one realisation, float32, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and z (realisations, *shape) -> noisy weights (realisations, *shape)."""
    sigma = condition.sigma_log
    exponent = noise * sigma
    if {**SETTINGS, **dict(condition.settings)}["mean_preserving"]:
        exponent -= sigma**2 / 2
    return ProgrammedWeights(exponent.exp_().mul_(targets))


def ideal(condition: Condition) -> bool:
    """Whether every factor is 1: it is at sigma_log = 0, mean_preserving or not."""
    return condition.sigma_log == 0.0


DEVICE = Device(
    title="log-normal programming noise",
    source="Ye et al., arXiv:2412.02779",
    draw=draw,
    program=program,
    settings=SETTINGS,
    ideal=ideal,
)
