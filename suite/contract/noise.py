"""What methods that train under noise share: where noise sits, which places share a rate, and how it is put on and off.

Noise on activations is a hook after a module, drawn anew at every call. Noise on arrays is a parametrisation of the
weight, drawn once per training step, so that an array that one step reads several times keeps its noise throughout.
Either acts in training mode alone and leaves no trace once its handle is removed. Plug-ins reach all this through
`suite.contract`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


# What a method searches has at most so many dimensions: deeper networks share rates.
MOST_DIMENSIONS = 6

# Noise of a shape, for outputs; the noise of all arrays of one step; an array under its noise.
Factors = Callable[[Sequence[int]], "Tensor"]
Draw = Callable[[], Sequence["Tensor"]]
Disturb = Callable[["Tensor", "Tensor"], "Tensor"]


class Handle(Protocol):
    """What `attach` returns: taking the noise off again."""

    def remove(self) -> None:
        """The network is as it was before `attach`."""
        ...


def noise_points(network: nn.Module) -> tuple[str, ...]:
    """Names of the modules whose outputs a method may disturb: the network's own attribute, else every activation."""
    from torch import nn

    activations = (nn.ReLU, nn.LeakyReLU, nn.GELU, nn.ELU, nn.SiLU, nn.Tanh, nn.Sigmoid)
    found = (name for name, module in network.named_modules() if isinstance(module, activations))
    return tuple(getattr(network, "noise_points", None) or found)


def grouped(places: Sequence[str], most: int = MOST_DIMENSIONS) -> list[int]:
    """The group of every place, 1, 2, ... from the input on: `most` groups or fewer, neighbours together."""
    count = min(most, len(places))
    return [index * count // len(places) + 1 for index in range(len(places))]


def multinomial(shape: Sequence[int], rate: float, generator: torch.Generator, half_share: float = 0.5) -> Tensor:
    """Factors 0, 1/2 and 1 with P(0) = rate and P(1/2) = half_share (1 - rate), divided by their mean.

    Independent, float32, on the generator's device; one uniform draw each (arXiv:2412.02779; half_share = 1/2 is the
    family of the authors' code). Raises ValueError for a rate outside [0, 1) or a share outside (0, 1].
    """
    import torch

    if not 0.0 <= rate < 1.0:
        raise ValueError(f"a multinomial rate lies in [0, 1), not {rate}")
    if not 0.0 < half_share <= 1.0:
        raise ValueError(f"a share of halves lies in (0, 1], not {half_share}")
    uniform = torch.rand(tuple(shape), generator=generator, device=generator.device)
    # (0, p] -> 0, the share of halves above it -> 1, the rest -> 2: the number of halves
    halves = uniform.sub_(rate).mul_(1 / (half_share * (1 - rate))).ceil_().clamp_(0, 2)
    return halves.mul_(0.5 / ((1 - half_share / 2) * (1 - rate)))


def disturb_output(network: nn.Module, name: str, factors: Factors) -> Handle:
    """Multiplies the outputs of module `name` by `factors(shape)`, anew at every call."""

    def hook(module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        return output * factors(output.shape) if module.training else None

    return network.get_submodule(name).register_forward_hook(hook)


def disturb_arrays(network: nn.Module, names: Sequence[str], draw: Draw, disturb: Disturb) -> list[Handle]:
    """Trains with `disturb(array, noise)` in place of the arrays called `names` (state-dict names).

    draw() -> the noise of all of them, one tensor per name: now, and at every `redraw`. Tied weights are one array:
    every layer that shares one reads it under the same noise. Handles may be removed in any order.
    """
    step = _StepNoise(draw)
    return [
        _disturbed(module, attribute, step, number, disturb)
        for number, name in enumerate(names)
        for module, attribute in _readers(network, name)
    ]


def redraw(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    step: int,
    steps: int,
    params: Mapping[str, float],
    generator: torch.Generator,
) -> None:
    """The `on_step` of methods that disturb arrays: new noise for the step."""
    found = {id(noise): noise for module in network.modules() if (noise := getattr(module, "step_noise", None))}
    for noise in found.values():
        noise.renew()


@dataclass
class _StepNoise:
    """The noise of a network's arrays during one training step."""

    draw: Draw
    values: Sequence[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.values = self.draw()


def _readers(network: nn.Module, name: str) -> list[tuple[nn.Module, str]]:
    """Every (module, attribute) that holds the tensor called `name`, plain or disturbed."""
    owner, _, attribute = name.rpartition(".")
    tensor = _held(network.get_submodule(owner))[attribute]
    return [(module, own) for module in network.modules() for own, other in _held(module).items() if other is tensor]


def _held(module: nn.Module) -> dict[str, Tensor]:
    """{attribute: tensor as it is stored}."""
    from torch.nn.utils.parametrize import ParametrizationList

    if isinstance(module, ParametrizationList):
        return {}
    disturbed = {name: getattr(own, "original", None) for name, own in _parametrizations(module).items()}
    held = {**module._parameters, **module._buffers, **disturbed}
    return {name: tensor for name, tensor in held.items() if tensor is not None}


def _parametrizations(module: nn.Module) -> dict[str, Any]:
    return dict(getattr(module, "parametrizations", {}))


def _disturbed(module: nn.Module, attribute: str, step: _StepNoise, number: int, disturb: Disturb) -> Handle:
    from torch import nn
    from torch.nn.utils import parametrize

    class Noise(nn.Module):
        step_noise = step
        place_order = _order(module)

        @property
        def noise(self) -> Tensor:
            return step.values[number]

        def forward(self, weight: Tensor) -> Tensor:
            return disturb(weight, self.noise) if self.training else weight

    noise = Noise()
    # unsafe: the safe way runs the noise once to inspect its output
    parametrize.register_parametrization(module, attribute, noise, unsafe=True)
    return _Disturbed(module, attribute, noise)


def _order(module: nn.Module) -> Sequence[str]:
    """The tensors of a module in the order in which it made them: the first disturbed one sees it, the others ask."""
    others = (noise.place_order for own in _parametrizations(module).values() for noise in own if _is_noise(noise))
    return next(others, [*module._parameters, *module._buffers])


def _is_noise(parametrization: nn.Module) -> bool:
    return hasattr(parametrization, "place_order")


@dataclass(frozen=True)
class _Disturbed:
    """The handle of one array in one module."""

    module: nn.Module
    attribute: str
    noise: Any

    def remove(self) -> None:
        """Takes this noise off; with the last one the plain tensor is back in its old place among the module's own."""
        from torch.nn.utils import parametrize

        noises = _parametrizations(self.module)[self.attribute]
        if len(noises) > 1:
            del noises[list(noises).index(self.noise)]
            return
        parametrize.remove_parametrizations(self.module, self.attribute, leave_parametrized=False)
        own: tuple[dict[str, Any], ...] = (self.module._parameters, self.module._buffers)
        for tensors in own:
            for name in self.noise.place_order:
                if name in tensors:
                    tensors[name] = tensors.pop(name)
        # Recurrent layers keep references of their own, which only setattr renews.
        setattr(self.module, self.attribute, getattr(self.module, self.attribute))
