"""RRAM conductances 1 s, 1 day and 2 days after write-verify: Gaussian, of a spread that depends on the conductance.

The standard deviation in uS is a polynomial of g / 40 uS, and 0 where that falls below 0; means stay. The coefficients
are those that IBM's AIHWKit fitted to the figure of Wan et al., "A compute-in-memory chip based on resistive
random-access memory", Nature 608, 504 (2022). Real cells of the same range have heavier tails, and lose conductance:
see `rram40`.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

G_MAX_US = 40.0
# seconds: coefficients of (g / G_MAX_US)^0, ^1, ... in uS.
SPREAD_US = {
    1.0: (0.348, 16.030, -43.853, 45.393, -16.815),
    86400.0: (0.701, 22.086, -50.773, 47.095, -16.458),
    172800.0: (0.782, 20.274, -43.507, 37.062, -11.934),
}
SECONDS = Level("since programming, s", 172800.0, only=tuple(SPREAD_US))


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal, float32, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def spread(targets: Tensor, seconds: float) -> Tensor:
    """Standard deviation in uS of cells programmed to `targets` in uS; beyond 40 uS, that of 40 uS."""
    relative = (targets / G_MAX_US).clamp(max=1)
    *lower, highest = SPREAD_US[SECONDS.check(seconds)]
    return reduce(lambda total, term: total * relative + term, reversed(lower), highest + 0 * relative).clamp_(min=0)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Conductances (*shape) in uS and draws (realisations, *shape) -> conductances >= 0, (realisations, *shape)."""
    return ProgrammedWeights((targets + spread(targets, condition.level("seconds")) * noise).clamp_(min=0))


DEVICE = Device(
    title="RRAM of Wan et al. (2022), Gaussian",
    source="Wan et al., Nature 608, 504 (2022); coefficients: AIHWKit",
    draw=draw,
    program=program,
    levels={"seconds": SECONDS},
    conductances=True,
    most_uS=G_MAX_US,
)
