"""Weights of a few bits: the nearest of 2^bits - 1 evenly spaced values from -max|w| to max|w|, 0 among them.

On a crossbar with a circuit the cells themselves have levels (`levels` of the crossbar). Source: plain uniform
quantisation; what is quantised here is one array as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Numbers in [0, 1), float32, (*shape), at which `program` does not look: nothing is random."""
    import torch

    return torch.rand(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) -> the same rounded weights in every realisation (realisations, *shape)."""
    step = float(targets.abs().max()) / max(1.0, 2 ** (condition.level("bits") - 1) - 1)
    rounded = (targets / step).round_().mul_(step) if step else targets
    return ProgrammedWeights(rounded.expand(noise.shape))


DEVICE = Device(
    title="uniformly quantised weights",
    source="textbook",
    draw=draw,
    program=program,
    levels={"bits": Level("bits of a weight, sign included, 2 or more", 3.0)},
)
