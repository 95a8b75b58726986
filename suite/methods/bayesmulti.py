"""BayesMulti: training under multiplicative multinomial noise whose rates are found by Bayesian optimisation.

Noise: P(0) = p, P(1/2) = P(1) = (1 - p) / 2, divided by its mean 3 (1 - p) / 4, so that the mean is 1 and the variance
(10/9) / (1 - p) - 1 (arXiv:2412.02779; the family of the authors' published code). Off in evaluation mode.

Option `target`: "activation" disturbs the outputs of noise points, anew for every sample and element (what the
authors' code does); "weight" disturbs every array but the output layer's, once per training step (what their theorem
speaks of). Option `placement`: "all" hidden layers, or those of the "authors", where the network names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract import Handle, Method, NotApplicable, Range, default_arrays, noise_points

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

# At p = 1 the mean is 0. The authors search [0, 1]; 0.9 is where the variance already is 10.
HIGHEST_RATE = 0.9
# Search dimensions: more than six hidden layers share rates, neighbours together.
MOST_RATES = 6


def space(network: nn.Module, target: str = "activation", placement: str = "all") -> dict[str, Range]:
    """One rate p per place (noise point or array), at most six in all: `rate_1` is nearest to the input."""
    count = min(MOST_RATES, len(_places(network, target, placement)))
    return {f"rate_{number}": Range(0.0, HIGHEST_RATE, probe=0.5) for number in range(1, count + 1)}


def attach(
    network: nn.Module,
    params: Mapping[str, float],
    generator: torch.Generator,
    target: str = "activation",
    placement: str = "all",
) -> Sequence[Handle]:
    """Puts the noise on; `generator` is consumed in the order of training."""
    places = _places(network, target, placement)
    count = min(MOST_RATES, len(places))
    rates = [params[f"rate_{index * count // len(places) + 1}"] for index in range(len(places))]
    disturb = _disturb_output if target == "activation" else _disturb_weight
    return [disturb(network, place, rate, generator) for place, rate in zip(places, rates, strict=True)]


def on_step(network: nn.Module, step: int, steps: int, params: Mapping[str, float], generator: torch.Generator) -> None:
    """A new draw for every disturbed array: an array that one step reads several times keeps its noise throughout."""
    for module in network.modules():
        if redraw := getattr(module, "redraw_multinomial", None):
            redraw()


def multinomial(shape: Sequence[int], rate: float, generator: torch.Generator) -> Tensor:
    """Factors of mean 1, independent, float32 on the generator's device; one uniform draw each.

    Raises ValueError for a rate outside [0, 1), whose mean would be 0 or less.
    """
    import torch

    if not 0.0 <= rate < 1.0:
        raise ValueError(f"a multinomial rate lies in [0, 1), not {rate}")
    uniform = torch.rand(tuple(shape), generator=generator, device=generator.device)
    # (0, p] -> 0, (p, (1 + p) / 2] -> 1, above -> 2: the number of halves
    halves = uniform.sub_(rate).mul_(2 / (1 - rate)).ceil_().clamp_min_(0)
    return halves.mul_(0.5 / (0.75 * (1 - rate)))


def _places(network: nn.Module, target: str, placement: str) -> tuple[str, ...]:
    """Module names (target "activation") or array names (target "weight") that the noise acts on, input first."""
    if target == "weight" and placement == "authors":
        raise NotApplicable("bayesmulti: placement 'authors' is about activations, target is 'weight'; use 'all'")
    if target == "weight":
        places = tuple(default_arrays(network))[:-1]
    elif placement == "authors":
        places = tuple(getattr(network, "authors_noise_points", ()))
    else:
        places = noise_points(network)
    if not places:
        reason = f"the network names no place for target={target!r}, placement={placement!r}"
        raise NotApplicable(f"bayesmulti: {reason}; give it noise_points (authors_noise_points), or use other options")
    return places


def _disturb_output(network: nn.Module, name: str, rate: float, generator: torch.Generator) -> Handle:
    def hook(module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        return output * multinomial(output.shape, rate, generator) if module.training else None

    return network.get_submodule(name).register_forward_hook(hook)


def _disturb_weight(network: nn.Module, name: str, rate: float, generator: torch.Generator) -> Handle:
    from torch import nn
    from torch.nn.utils import parametrize

    class Noise(nn.Module):
        def __init__(self, shape: Sequence[int]) -> None:
            super().__init__()
            self.shape = shape
            self.redraw_multinomial()

        def redraw_multinomial(self) -> None:
            self.factors = multinomial(self.shape, rate, generator)

        def forward(self, weight: Tensor) -> Tensor:
            return weight * self.factors if self.training else weight

    owner, _, tensor = name.rpartition(".")
    module = network.get_submodule(owner)
    order = [parameter for parameter, _ in module.named_parameters(recurse=False)]
    # unsafe: the safe way runs the noise once to inspect its output
    parametrize.register_parametrization(module, tensor, Noise(getattr(module, tensor).shape), unsafe=True)
    return _Parametrised(module, tensor, order)


@dataclass(frozen=True)
class _Parametrised:
    """The handle of a disturbed array."""

    module: nn.Module
    tensor: str
    order: Sequence[str]

    def remove(self) -> None:
        """Puts the plain parameter back, in its old place among the module's parameters."""
        from torch.nn.utils import parametrize

        parametrize.remove_parametrizations(self.module, self.tensor, leave_parametrized=False)
        for name in self.order:
            parameter = getattr(self.module, name)
            delattr(self.module, name)
            self.module.register_parameter(name, parameter)


METHOD = Method(
    title="BayesMulti",
    source="arXiv:2412.02779",
    space=space,
    attach=attach,
    on_step=on_step,
    options={"target": ("activation", "weight"), "placement": ("all", "authors")},
)
