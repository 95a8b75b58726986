"""Cells stuck at zero conductance: a cell works with probability u, the usability, and else reads 0.

The yield model of crossbar fabrication in its simplest form: failures are independent of each other and of the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Uniform in [0, 1), (*shape): a cell that fails at one usability fails at every lower one."""
    import torch

    return torch.rand(shape, generator=generator)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and draws (realisations, *shape) -> weights (realisations, *shape), some of them 0."""
    return ProgrammedWeights(targets * (noise < condition.usability))


DEVICE = Device(title="cells stuck at zero", source="textbook yield model", draw=draw, program=program)
