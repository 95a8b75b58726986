"""BayesFT: training under Bernoulli dropout whose rates, one per hidden layer, are found by Bayesian optimisation.

Noise: every output of a noise point is 0 with probability p, else divided by 1 - p, so that its mean is kept; anew for
every sample and element. Off in evaluation mode. Ye et al., "BayesFT: Bayesian optimization for fault tolerant neural
network architecture", DAC 2021 (arXiv:2210.01795), who search p in [0.2, 0.8]; here 0 is in reach, which is plain
training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from suite.contract import Handle, Method, NotApplicable, Range, disturb_output, grouped, noise_points

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

HIGHEST_RATE = 0.8


def space(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, Range]:
    """One rate p per noise point, at most six in all: `rate_1` is nearest to the input."""
    count = max(grouped(_places(network)))
    return {f"rate_{number}": Range(0.0, HIGHEST_RATE, probe=0.5) for number in range(1, count + 1)}


def attach(
    network: nn.Module, arrays: Mapping[str, Tensor], params: Mapping[str, float], generator: torch.Generator
) -> Sequence[Handle]:
    """Puts the noise on; `generator` is consumed in the order of training."""
    places = _places(network)
    rates = [params[f"rate_{group}"] for group in grouped(places)]
    return [
        disturb_output(network, place, partial(bernoulli, rate=rate, generator=generator))
        for place, rate in zip(places, rates, strict=True)
    ]


def bernoulli(shape: Sequence[int], rate: float, generator: torch.Generator) -> Tensor:
    """Factors 0 with probability `rate`, else 1 / (1 - rate): mean 1, variance rate / (1 - rate), float32.

    Independent, on the generator's device. Raises ValueError for a rate outside [0, 1).
    """
    import torch

    if not 0.0 <= rate < 1.0:
        raise ValueError(f"a dropout rate lies in [0, 1), not {rate}")
    uniform = torch.rand(tuple(shape), generator=generator, device=generator.device)
    return uniform.ge(rate).float().mul_(1 / (1 - rate))


def _places(network: nn.Module) -> tuple[str, ...]:
    if not (places := noise_points(network)):
        raise NotApplicable("dropout: the network has no activation; give it the attribute noise_points")
    return places


METHOD = Method(title="BayesFT dropout", source="arXiv:2210.01795", space=space, attach=attach)
