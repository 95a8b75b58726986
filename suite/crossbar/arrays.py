"""Which tensors of a network lie on crossbars, and putting programmed ones in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from torch import Tensor, nn

from suite.contract import SuiteError, Workload
from suite.crossbar.settings import Crossbar

# Module path and attribute.
Place = tuple[str, str]


class UnknownArray(SuiteError):
    """A workload calls a tensor an array that its network does not hold."""


def crossbar_arrays(workload: Workload, network: nn.Module, crossbar: Crossbar) -> dict[str, Tensor]:
    """{state-dict name: target tensor} of every array that is programmed; one entry per set of cells.

    Raises UnknownArray where the workload names a tensor that is neither parameter nor buffer of the network.
    """
    named, held = dict(workload.arrays(network)), tensors_at(network)
    for name in named:
        if not places(held, name):
            raise UnknownArray(_why_unknown(workload, network, name))
    if crossbar.cells == "all_parameters":
        named.update(dict(network.named_parameters()))
    # Tied weights go by several names: the first one stands for their cells.
    sites: dict[Place, str] = {}
    for name in named:
        sites.update((place, name) for place in places(held, name) if place not in sites)
    return {name: tensor.detach() for name, tensor in named.items() if sites[_place(name)] == name}


def _why_unknown(workload: Workload, network: nn.Module, name: str) -> str:
    path, attribute = _place(name)
    layer = dict(network.named_modules()).get(path)
    own = () if layer is None else (*dict(layer.named_parameters()), *dict(layer.named_buffers()))
    sources = [tensor for tensor in own if tensor.startswith((f"{attribute}_", f"parametrizations.{attribute}."))]
    if sources:
        return (
            f"fold parametrisations first (layer {path or type(layer).__name__}: its {attribute} is no tensor of its "
            f"own but computed from {', '.join(sources)}): remove weight_norm, spectral_norm or prune from what "
            "`network` returns, or name in `arrays` the stored tensors that lie on crossbars"
        )
    return (
        f"workload '{workload.title}': arrays() names '{name}', which is no parameter or buffer of its "
        "network; use names of network.state_dict()"
    )


def tensors_at(network: nn.Module) -> dict[Place, Tensor | None]:
    """{place: parameter or buffer}, tied tensors at each of their places; None where the network has one only while it
    is programmed."""
    return {
        (path, attribute): tensor
        for path, module in network.named_modules(remove_duplicate=False)
        for attribute, tensor in (*module._parameters.items(), *module._buffers.items())
    }


def places(held: Mapping[Place, Tensor | None], name: str) -> list[Place]:
    """Every place of the tensor called `name`: tied weights are one set of cells. held: as of `tensors_at`."""
    own = _place(name)
    tensor = held.get(own)
    if tensor is None:
        return [own] if own in held else []
    return [place for place, other in held.items() if other is tensor]


def is_made(network: nn.Module, name: str) -> bool:
    """Whether a network has the array called `name` only while it is programmed, and else computes without it."""
    own = _place(name)
    held = tensors_at(network)
    return own in held and held[own] is None


def _place(name: str) -> Place:
    path, _, attribute = name.rpartition(".")
    return path, attribute


@contextmanager
def programmed(network: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[nn.Module]:
    """The network with `weights` ({state-dict name: tensor}) in place of its own; its own come back afterwards."""
    # setattr, not a write to _parameters: recurrent modules keep further references that only setattr renews.
    held = tensors_at(network)
    sites = {
        (network.get_submodule(path), attribute): weight
        for name, weight in weights.items()
        for path, attribute in places(held, name)
    }
    before = [(module, attribute, getattr(module, attribute)) for module, attribute in sites]
    try:
        for (module, attribute), weight in sites.items():
            is_parameter = attribute in module._parameters
            setattr(module, attribute, nn.Parameter(weight, requires_grad=False) if is_parameter else weight)
        yield network
    finally:
        for module, attribute, tensor in before:
            setattr(module, attribute, tensor)
