"""Ternary weights: sgn(w) where |w| lies above a threshold, else 0; the threshold is the quantile of a share of zeros.

Where many weights are equal more of them become zero than the share asks for: what is reached is told by observations
of the programmed weights. For crossbars of plain weights. Source: M. Cotteret et al., Neural Computation 36(4), 2024,
arXiv:2212.01196.
"""

from __future__ import annotations

import math
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
    """Targets (*shape) -> the same -1, 0 or 1 in every realisation (realisations, *shape)."""
    sizes = targets.abs()
    rank = min(sizes.numel(), max(1, math.ceil(condition.level("zeros") * sizes.numel())))
    kept = sizes > sizes.flatten().kthvalue(rank).values
    return ProgrammedWeights((targets.sign() * kept).expand(noise.shape))


DEVICE = Device(
    title="ternary weights by a threshold",
    source="Cotteret et al., arXiv:2212.01196",
    draw=draw,
    program=program,
    levels={"zeros": Level("share of the weights that are to be 0", 0.9)},
)
