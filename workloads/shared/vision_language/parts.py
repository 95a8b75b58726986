"""What workloads with a projected image before a language model say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor, nn

    from suite.contract import Scale, Settings, Workload


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Weights of the projection N(0, 1 / channels), bias 0."""
    from workloads.shared.vision_language import models

    return models.network(generator, scale, settings)


def step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """See `workloads.shared.vision_language.projection.Projected.loss`."""
    return network.loss(*batch)  # type: ignore[operator]


def arrays(network: nn.Module) -> Mapping[str, Tensor]:
    """By the setting placement."""
    from workloads.shared.vision_language.projection import arrays as of_network

    return of_network(network)


def frozen(network: nn.Module) -> Mapping[str, Tensor]:
    """The language model."""
    from workloads.shared.vision_language.projection import frozen as of_network

    return of_network(network)
