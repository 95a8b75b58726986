"""Phase-change memory: programming noise, drift and read noise of doped Ge2Sb2Te5 cells up to 25 uS.

With g = G_T / 25 uS of the target G_T, t the seconds since programming and z standard normal:

    programmed  G_P = G_T + max(-1.1731 g^2 + 1.9650 g + 0.2635, 0) uS z, and 0 where that is below 0
    drifted     G(t) = G_P (t / 20 s)^-nu,   nu ~ N(clip(-0.0155 ln g + 0.0244, 0.049, 0.1),
                                                    clip(-0.0125 ln g - 0.0059, 0.008, 0.045))
    read        standard deviation G(t) Q sqrt(ln((t + 250 ns) / 500 ns)),   Q = min(0.0088 / g^0.65, 0.2)

Each read draws its noise anew (`read_noise: false` leaves it out). Cells are first read 20 s after programming, which
is t = 0 of AIHWKit's `t_inference`; earlier times are refused.

Source: Joshi et al., "Accurate deep neural network inference using computational phase-change memory", Nature
Communications 11, 2473 (2020); Nandakumar et al., "Precision of synaptic weights programmed in phase-change memory
devices for deep learning inference", IEDM (2020).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Level, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

G_MAX_US, FIRST_S, READ_S = 25.0, 20.0, 250e-9
# What keeps the logarithm of a cell at rest finite: there, all that depends on it has reached its bound.
_SMALLEST = 1e-7
SECONDS = Level("since programming, s", 86400.0, least=FIRST_S)
SETTINGS = {"read_noise": True}


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normals of programming and of drift, float32, (2, *shape)."""
    import torch

    return torch.randn((2, *shape), generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Conductances (*shape) in uS and draws (realisations, 2, *shape) -> what is read, (realisations, *shape)."""
    seconds = SECONDS.check(condition.level("seconds"))
    relative = (targets / G_MAX_US).clamp(_SMALLEST, 1)
    programmed = (targets + programming_sd(relative) * noise[:, 0]).clamp_(min=0)
    mean, spread = drift(relative)
    found = programmed * ((mean + spread * noise[:, 1]) * -math.log(seconds / FIRST_S)).exp_()
    if not {**SETTINGS, **dict(condition.settings)}["read_noise"]:
        return ProgrammedWeights(found)
    return ProgrammedWeights(found, found * read_share(relative, seconds))


def programming_sd(relative: Tensor) -> Tensor:
    """uS, of g = G_T / 25 uS in (0, 1]."""
    return (-1.1731 * relative**2 + 1.9650 * relative + 0.2635).clamp_(min=0)


def drift(relative: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of nu, of g in (0, 1]."""
    log = relative.log()
    return (-0.0155 * log + 0.0244).clamp_(0.049, 0.1), (-0.0125 * log - 0.0059).clamp_(0.008, 0.045)


def read_share(relative: Tensor, seconds: float) -> Tensor:
    """Standard deviation from read to read as a share of the conductance, of g in (0, 1]."""
    return (0.0088 / relative**0.65).clamp_(max=0.2) * math.sqrt(math.log((seconds + READ_S) / (2 * READ_S)))


DEVICE = Device(
    title="phase-change memory with drift and read noise",
    source="Joshi et al., Nature Communications 11, 2473 (2020); Nandakumar et al., IEDM (2020)",
    draw=draw,
    program=program,
    settings=SETTINGS,
    levels={"seconds": SECONDS},
    conductances=True,
    most_uS=G_MAX_US,
)
