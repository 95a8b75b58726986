"""Training under additive Gaussian weight noise, in units of the largest weight of each array.

Every array W, the output layer's included, becomes W + s max|W| z with z ~ N(0, 1), once per training step, off in
evaluation mode; gradients go to W, and max|W| is a unit, not a path of the gradient. The relative standard deviation s
is tuned. Joshi et al., "Accurate deep neural network inference using computational phase-change memory", Nature
Communications 11, 2473 (2020), who fix s to the noise of their cells and also clip weights, which is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from suite.contract import Handle, Method, NotApplicable, Range, disturb_arrays, redraw

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def space(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, Range]:
    """`relative_std`: s, one for all arrays (no unit)."""
    _check(arrays)
    return {"relative_std": Range(0.005, 0.5, probe=0.05, log=True)}


def attach(
    network: nn.Module, arrays: Mapping[str, Tensor], params: Mapping[str, float], generator: torch.Generator
) -> Sequence[Handle]:
    """Puts the noise on; `generator` is consumed array by array, step by step."""
    import torch

    _check(arrays)

    def draw() -> list[Tensor]:
        return [
            torch.randn(array.shape, generator=generator, device=generator.device).mul_(params["relative_std"])
            for array in arrays.values()
        ]

    return disturb_arrays(network, list(arrays), draw, _disturbed)


def _disturbed(weight: Tensor, noise: Tensor) -> Tensor:
    return weight + weight.detach().abs().amax() * noise


def _check(arrays: Mapping[str, Tensor]) -> None:
    if not arrays:
        raise NotApplicable("gaussian_weight: the network has no array on crossbars to disturb")


METHOD = Method(
    title="Gaussian weight noise", source="doi:10.1038/s41467-020-16108-9", space=space, attach=attach, on_step=redraw
)
