"""Missing synapses: a share of the weights, at random, is 0; those of a share are among those of every larger one.

Source: a synapse that was not formed or has failed open, as in fault studies of neuromorphic hardware; the pattern is
uniform here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """One number in [0, 1) per cell of one array in one realisation, float32, (*shape)."""
    import torch

    return torch.rand(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and numbers (realisations, *shape) -> weights with zeros (realisations, *shape)."""
    return ProgrammedWeights(targets * (noise >= condition.level("missing")))


DEVICE = Device(
    title="missing synapses",
    source="a uniform share of zeros",
    draw=draw,
    program=program,
    levels={"missing": Level("share of the weights that are 0", 0.5)},
    ideal=lambda condition: condition.level("missing") == 0.0,
)
