"""BayesMulti: training under multiplicative multinomial noise whose rates are found by Bayesian optimisation.

Noise: P(0) = p, P(1/2) = s (1 - p), P(1) = (1 - s) (1 - p), divided by its mean (1 - s/2) (1 - p), so that the mean is
1 (arXiv:2412.02779). Off in evaluation mode.

Options. `rates`: "one" searches p with s = 1/2, the family of the authors' published code, whose variance is
(10/9) / (1 - p) - 1; "two" searches p and s, all of the simplex that the theorem speaks of. `target`: "activation"
disturbs the outputs of noise points, anew for every sample and element (what the authors' code does); "weight" disturbs
arrays, once per training step (what their theorem speaks of). `placement`: "all" hidden layers; those of the "authors",
where the network names them; or "with_output", which adds the output layer's array, so that no cell is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from suite.contract import (
    MOST_DIMENSIONS,
    Handle,
    Method,
    NotApplicable,
    Range,
    disturb_arrays,
    disturb_output,
    grouped,
    multinomial,
    noise_points,
    redraw,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

# At p = 1 the mean is 0. The authors search [0, 1]; 0.9 is where the variance already is 10.
HIGHEST_RATE = 0.9
# s = 0 would be dropout, a method of its own.
LOWEST_SHARE = 0.01


def space(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    target: str = "activation",
    placement: str = "all",
    rates: str = "one",
) -> dict[str, Range]:
    """Rate p (and share s) per place (noise point or array), at most six dimensions: `rate_1` is nearest to the input.

    With two rates per place, three groups of places.
    """
    count = max(_groups(_places(network, arrays, target, placement), rates))
    found = {f"rate_{number}": Range(0.0, HIGHEST_RATE, probe=0.5) for number in range(1, count + 1)}
    if rates == "two":
        found |= {f"half_share_{number}": Range(LOWEST_SHARE, 1.0, probe=0.5) for number in range(1, count + 1)}
    return found


def attach(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    params: Mapping[str, float],
    generator: torch.Generator,
    target: str = "activation",
    placement: str = "all",
    rates: str = "one",
) -> Sequence[Handle]:
    """Puts the noise on; `generator` is consumed in the order of training."""
    places = _places(network, arrays, target, placement)
    shares = "half_share_{}" if rates == "two" else None
    factors = [
        partial(
            multinomial,
            rate=params[f"rate_{group}"],
            generator=generator,
            half_share=params[shares.format(group)] if shares else 0.5,
        )
        for group in _groups(places, rates)
    ]
    if target == "activation":
        return [disturb_output(network, place, draw) for place, draw in zip(places, factors, strict=True)]
    shapes = [arrays[place].shape for place in places]

    def draw() -> list[Tensor]:
        return [factor(shape) for factor, shape in zip(factors, shapes, strict=True)]

    return disturb_arrays(network, places, draw, lambda weight, noise: weight * noise)


def _groups(places: Sequence[str], rates: str) -> list[int]:
    return grouped(places, MOST_DIMENSIONS // 2 if rates == "two" else MOST_DIMENSIONS)


def _places(network: nn.Module, arrays: Mapping[str, Tensor], target: str, placement: str) -> tuple[str, ...]:
    """Module names (target "activation") or array names (target "weight") that the noise acts on, input first."""
    if (target, placement) in (("weight", "authors"), ("activation", "with_output")):
        about = {"authors": "activations", "with_output": "arrays"}[placement]
        raise NotApplicable(f"bayesmulti: placement {placement!r} is about {about}, target is {target!r}; use 'all'")
    if target == "weight":
        places = tuple(arrays) if placement == "with_output" else tuple(arrays)[:-1]
    elif placement == "authors":
        places = tuple(getattr(network, "authors_noise_points", ()))
    else:
        places = noise_points(network)
    if not places:
        reason = f"the network names no place for target={target!r}, placement={placement!r}"
        raise NotApplicable(f"bayesmulti: {reason}; give it noise_points (authors_noise_points), or use other options")
    return places


METHOD = Method(
    title="BayesMulti",
    source="arXiv:2412.02779",
    space=space,
    attach=attach,
    on_step=redraw,
    options={
        "target": ("activation", "weight"),
        "placement": ("all", "authors", "with_output"),
        "rates": ("one", "two"),
    },
)
