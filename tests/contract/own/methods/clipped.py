"""Weights clipped before every step to two of their standard deviations, so that no cell has to hold an outlier.

V. Joshi et al., "Accurate deep neural network inference using computational phase-change memory", Nature Communications
11, 2473 (2020), who do so beside training under noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from suite.contract import Method

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

WIDTH = 2.0


def clip(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    step: int,
    steps: int,
    params: Mapping[str, float],
    generator: torch.Generator,
) -> None:
    """In place."""
    for array in arrays.values():
        bound = WIDTH * float(array.std())
        array.clamp_(-bound, bound)


METHOD = Method(title="Clipped weights", source="doi:10.1038/s41467-020-16108-9", on_step=clip)
