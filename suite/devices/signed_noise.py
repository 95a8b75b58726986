"""One-bit weights under noise: w' = sgn(w) + level z, z ~ N(0, 1) per cell; a weight of 0 has no sign.

For crossbars of plain weights: the cells of a pair hold no signs (`binary_pairs` does this with them). Source: M.
Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196.
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
    """Targets (*shape) and z (realisations, *shape) -> signs under noise (realisations, *shape)."""
    return ProgrammedWeights((noise * condition.level("noise")).add_(targets.sign()))


DEVICE = Device(
    title="signs of weights with additive noise",
    source="Cotteret et al., arXiv:2212.01196",
    draw=draw,
    program=program,
    levels={"noise": Level("standard deviation, signs being +1 and -1", 2.0)},
)
