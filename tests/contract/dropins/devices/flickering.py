"""Cells that flicker: from read to read each varies about the conductance it drifted to, the more the later it is read.

The law of Joshi et al. (Nature Communications 11, 2473, 2020) for phase-change cells in a plainer form: the standard
deviation is a share q of the conductance, q = 0.02 sqrt(ln((t + 1 us) / 1 us)), t seconds after programming.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SHARE, READ_S = 0.02, 1e-6
DRIFT, SPREAD, START_S = 0.03, 0.01, 20.0


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal, (*shape): how fast a cell drifts."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) in uS and draws (realisations, *shape) -> conductances and read_sd, (realisations, *shape)."""
    seconds = condition.level("seconds")
    folds = math.log((seconds + START_S) / START_S)
    conductances = targets * ((DRIFT + SPREAD * noise) * -folds).exp()
    return ProgrammedWeights(conductances, SHARE * math.sqrt(math.log((seconds + READ_S) / READ_S)) * conductances)


DEVICE = Device(
    title="flickering cells",
    source="Joshi et al., Nature Communications 11, 2473, simplified",
    draw=draw,
    program=program,
    levels={"seconds": Level("since programming, s", 3600.0)},
    conductances=True,
)
