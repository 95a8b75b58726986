"""Additive Gaussian noise on the outputs of noise points, in units of their standard deviation; the scale is tuned.

Noise of one scale for all layers regularises like weight decay on the derivatives (C. Bishop: Training with noise is
equivalent to Tikhonov regularization, Neural Computation 7, 1995). Off in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract import Handle, Method, NotApplicable, Range, noise_points

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def space(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, Range]:
    """One scale, no unit, for all noise points."""
    _points(network)
    return {"scale": Range(0.01, 1.0, probe=0.1, log=True)}


def attach(
    network: nn.Module, arrays: Mapping[str, Tensor], params: Mapping[str, float], generator: torch.Generator
) -> Sequence[Handle]:
    """A hook per noise point."""
    import torch

    def hook(module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        if not module.training:
            return None
        noise = torch.randn(output.shape, generator=generator, device=generator.device)
        return output + params["scale"] * output.detach().std() * noise

    return [network.get_submodule(name).register_forward_hook(hook) for name in _points(network)]


def _points(network: nn.Module) -> tuple[str, ...]:
    if not (points := noise_points(network)):
        raise NotApplicable("gaussian_noise: the network has no activation; give it the attribute noise_points")
    return points


METHOD = Method(title="Gaussian noise", source="Bishop, Neural Computation 7, 1995", space=space, attach=attach)
