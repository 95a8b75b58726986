"""Pairs of two-state cells: the cell of a pair that is asked for more is in its low resistance state, the other in its
high one, each with a relative spread of its own; a pair that is asked for nothing has both in the high one.

Conductances: 20 uS, spread 20 %, and 1 uS, spread 50 %, times the level `spread`; Gaussian, none below 0. These numbers
are our own choice for filamentary cells, no measurement; source: the form of two-state arrays in general.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

LOW_OHM_US, LOW_OHM_SPREAD = 20.0, 0.2
HIGH_OHM_US, HIGH_OHM_SPREAD = 1.0, 0.5


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal z of one array in one realisation, float32, (*shape)."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Conductances (2, *shape) of pairs and z (realisations, 2, *shape) -> those of two-state cells, uS."""
    import torch

    on = targets > targets.flip(0)
    mean = torch.where(on, LOW_OHM_US, HIGH_OHM_US)
    spread = torch.where(on, LOW_OHM_US * LOW_OHM_SPREAD, HIGH_OHM_US * HIGH_OHM_SPREAD)
    return ProgrammedWeights((noise * (spread * condition.level("spread"))).add_(mean).clamp_(min=0))


DEVICE = Device(
    title="pairs of two-state cells",
    source="our own choice of two states",
    draw=draw,
    program=program,
    levels={"spread": Level("times the spreads of 20 and 50 %", 1.0)},
    conductances=True,
)
