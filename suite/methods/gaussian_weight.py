"""Training under additive Gaussian weight noise, in units of the largest weight of each array.

Every array W, the output layer's included, becomes W + s max|W| z with z ~ N(0, 1), once per training step, off in
evaluation mode; gradients go to W, and max|W| is a unit, not a path of the gradient. The relative standard deviation s
is tuned. Joshi et al., "Accurate deep neural network inference using computational phase-change memory", Nature
Communications 11, 2473 (2020), who fix s to the noise of their cells and also clip weights, which is left out here.

Options, as Wan et al. (NeuRRAM, Nature 608, 504-512, 2022) train: `bias: same` disturbs the biases beside an array by
the same standard deviation, as they lie on the same crossbar; `unit: clip` takes for max|W| what the network's
`weight_clip` says its weights are clipped to. `unit: bound` takes what bounds them: the clip where there is one, else
max|W| with the gradient going through it, so that the largest weight pays for the noise that it brings to all others
and is pushed down to them. That the authors' gradient does is told by their stored weights: max|W| is 1.1 to 2.0
standard deviations where they trained under noise, 3.1 to 5.3 where they did not, and many lie just below it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from suite.contract import Handle, Method, NotApplicable, Range, disturb_arrays, redraw

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def space(network: nn.Module, arrays: Mapping[str, Tensor], bias: str = "none", unit: str = "max") -> dict[str, Range]:
    """`relative_std`: s, one for all arrays (no unit)."""
    _check(network, arrays, unit)
    return {"relative_std": Range(0.005, 0.5, probe=0.05, log=True)}


def attach(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    params: Mapping[str, float],
    generator: torch.Generator,
    bias: str = "none",
    unit: str = "max",
) -> Sequence[Handle]:
    """Puts the noise on; `generator` is consumed array by array, step by step, biases after all arrays."""
    import torch

    _check(network, arrays, unit)
    beside = biases(network, arrays) if bias == "same" else {}
    named = dict(network.named_parameters())
    disturbed = {**arrays, **{name: named[name].detach() for name in beside}}
    learned = unit == "bound" and not hasattr(network, "weight_clip")

    def scale(name: str) -> Tensor:
        array = arrays[beside.get(name, name)].detach()
        return array.abs().amax() if unit == "max" or learned else array.new_tensor(getattr(network, "weight_clip"))  # noqa: B009

    def draw(names: Collection[str], scaled: bool) -> list[Tensor]:
        noise = [
            torch.randn(disturbed[name].shape, generator=generator, device=generator.device).mul_(
                params["relative_std"]
            )
            for name in names
        ]
        return [values.mul_(scale(name)) for name, values in zip(names, noise, strict=True)] if scaled else noise

    own = list(beside if learned else disturbed)
    handles = disturb_arrays(network, own, partial(draw, own, True), lambda weight, noise: weight + noise)
    if not learned:
        return handles
    unscaled = partial(draw, arrays, False)
    return [*handles, *disturb_arrays(network, list(arrays), unscaled, lambda w, noise: w + w.abs().amax() * noise)]


def biases(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, str]:
    """{bias: the array that it lies beside}: parameters of the array's own module whose name begins as the array's
    does, with `bias` for `weight`."""
    found: dict[str, str] = {}
    for array in arrays:
        path, _, attribute = array.rpartition(".")
        start = attribute.replace("weight", "bias")
        for name, parameter in network.get_submodule(path).named_parameters(recurse=False):
            if parameter.ndim == 1 and name.startswith(start):
                found.setdefault(f"{path}.{name}" if path else name, array)
    return found


def _check(network: nn.Module, arrays: Mapping[str, Tensor], unit: str) -> None:
    if not arrays:
        raise NotApplicable("gaussian_weight: the network has no array on crossbars to disturb")
    if unit == "clip" and not hasattr(network, "weight_clip"):
        raise NotApplicable(
            "gaussian_weight: unit 'clip' asks for the network's weight_clip, which it has not; use unit: max"
        )


METHOD = Method(
    title="Gaussian weight noise",
    source="doi:10.1038/s41467-020-16108-9",
    space=space,
    attach=attach,
    on_step=redraw,
    options={"bias": ("none", "same"), "unit": ("max", "clip", "bound")},
)
