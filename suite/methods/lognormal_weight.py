"""Training under the device's own noise: what a crossbar will do to the weights, at every level up to a tuned one.

Every array W, the output layer's included, becomes W exp(sigma z) with z ~ N(0, 1) per cell, once per training step,
off in evaluation mode; sigma is drawn uniformly from [0, sigma_max] in every step, one for all arrays, so that one
network serves all levels. As on the device the factor's mean is exp(sigma²/2), not 1 (arXiv:2412.02779). Training under
the variation of the device is older: Liu et al., "Vortex: variation-aware training for memristor X-bar", DAC 2015; the
mixture of levels is this suite's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from suite.contract import Handle, Method, NotApplicable, Range, disturb_arrays, redraw

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def space(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, Range]:
    """`sigma_max`: the highest standard deviation of ln(w'/w) in training (no unit)."""
    _check(arrays)
    return {"sigma_max": Range(0.0, 1.5, probe=0.5)}


def attach(
    network: nn.Module, arrays: Mapping[str, Tensor], params: Mapping[str, float], generator: torch.Generator
) -> Sequence[Handle]:
    """Puts the noise on; `generator` gives sigma, then z array by array, step by step."""
    import torch

    _check(arrays)

    def draw() -> list[Tensor]:
        sigma = params["sigma_max"] * torch.rand((), generator=generator, device=generator.device)
        return [
            torch.randn(array.shape, generator=generator, device=generator.device).mul_(sigma).exp_()
            for array in arrays.values()
        ]

    return disturb_arrays(network, list(arrays), draw, lambda weight, noise: weight * noise)


def _check(arrays: Mapping[str, Tensor]) -> None:
    if not arrays:
        raise NotApplicable("lognormal_weight: the network has no array on crossbars to disturb")


METHOD = Method(
    title="Log-normal weight noise",
    source="device noise of arXiv:2412.02779; after Liu et al., DAC 2015",
    space=space,
    attach=attach,
    on_step=redraw,
)
