"""A cell that keeps half of every weight, whatever its usability, under log-normal noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and draws (realisations, *shape) -> weights (realisations, *shape)."""
    return ProgrammedWeights(0.5 * targets * (condition.sigma_log * noise).exp())


DEVICE = Device(title="half of every weight", source="tests", draw=draw, program=program)
