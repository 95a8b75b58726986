"""A measured device: log-normal error on top of a conductance that rises evenly only over a part of its range.

The authors' mapping, per array: level = floor(34 |w| / (max |w| + 1e-8)), w' = w * ratio[level] * exp(sigma z), with
z ~ N(0, 1) per cell. The ratio comes with the condition: 1 where the measured conductance rises with at most two
slips, the relative conductance elsewhere.

Source: Ye et al., arXiv:2412.02779, and the authors' repository github.com/qiaosun22/BayesMulti.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, Device, Programmed, ProgrammedWeights

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# What keeps an array of zeros from dividing by zero.
_SMALLEST = 1e-8


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal z of one array in one realisation, float32, (*shape): the same numbers as of `lognormal`."""
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float32)


def program(targets: Tensor, condition: Condition, noise: Tensor) -> Programmed:
    """Targets (*shape) and z (realisations, *shape) -> noisy weights (realisations, *shape)."""
    mapped = _mapped(targets, condition.level_ratio) if condition.level_ratio else targets
    return ProgrammedWeights((noise * condition.sigma_log).exp_().mul_(mapped))


def _mapped(targets: Tensor, ratio: tuple[float, ...]) -> Tensor:
    """What the cells would hold without noise: each weight times the ratio of its level."""
    size = targets.abs()
    level = ((len(ratio) - 1) * (size / (size.max() + _SMALLEST))).long()
    return targets * targets.new_tensor(ratio)[level]


def ideal(condition: Condition) -> bool:
    """Whether nothing is added and no level loses its value."""
    return condition.sigma_log == 0.0 and all(ratio == 1.0 for ratio in condition.level_ratio)


DEVICE = Device(
    title="measured conductance levels with log-normal programming noise",
    source="Ye et al., arXiv:2412.02779",
    draw=draw,
    program=program,
    ideal=ideal,
)
