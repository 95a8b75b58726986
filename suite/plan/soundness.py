"""Networks that the engine would score wrongly are refused as they are built, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from suite.contract import SuiteError, Workload
from suite.contract.seeds import torch_generator
from suite.crossbar.arrays import crossbar_arrays, is_made, places, programmed, tensors_at
from suite.crossbar.frozen import frozen_names
from suite.crossbar.settings import Crossbar
from suite.plan.rehearsal import called, check_reproducible, layer_called
from suite.sweep.engine.agreement import agree

# Standard deviation of what is added to the arrays of a network as built: they may start at 0.
SPREAD = 0.1


class Unsound(SuiteError):
    """A network that cannot be stored, programmed or evaluated as what it is."""


def check_network(workload: Workload, build: Callable[[], nn.Module], batch: Any) -> None:
    """build(): the network as training starts from it; batch: a few samples.

    Raises Unsound, UnknownArray, UnknownFrozen or NotReproducible with the layer and the fix.
    """
    network = build().eval()
    _check_tensors(network)
    frozen = frozen_names(workload, network)
    if frozen and workload.trainable and frozen.issuperset(name for name, _ in network.named_parameters()):
        raise Unsound("every parameter is frozen, so there is nothing to train: say trainable=False")
    arrays = crossbar_arrays(workload, network, Crossbar())
    for name, array in arrays.items():
        if not array.is_floating_point():
            raise Unsound(f"{_owner(network, name)}: {_last(name)} is {array.dtype}; arrays are floating point")
    check_reproducible(workload, network, batch)
    # What a network makes is read where it is put, or nowhere: there is nothing of its own to read instead.
    held = {name: array for name, array in arrays.items() if not is_made(network, name)}
    spread = {name: array + SPREAD * _normal(name, array) for name, array in held.items()}
    if spread and not _reach(workload, network, build().eval(), spread, batch):
        unread = (n for n, w in spread.items() if not _reach(workload, network, build().eval(), {n: w}, batch))
        name = next(unread, next(iter(spread)))
        raise Unsound(
            f"{_owner(network, name)}: what is programmed into {_last(name)} does not reach the outputs: the network "
            "reads a copy, a view or a reference of it that it keeps elsewhere; read the layer's own tensor in every "
            "forward (tied layers: one parameter, `self.b.weight = self.a.weight`)"
        )


def _check_tensors(network: nn.Module) -> None:
    for name, parameter in network.named_parameters():
        if is_lazy(parameter):
            raise Unsound(
                f"{_owner(network, name)}: {_last(name)} has no shape yet; call the network once on a sample in "
                "`network(generator)`, inside `with seeded(generator):`, or give the layer its sizes"
            )
        if parameter.is_complex():
            raise Unsound(
                f"{_owner(network, name)}: {_last(name)} is {parameter.dtype}; cells hold real numbers: keep real and "
                "imaginary part as two real parameters"
            )
    for name, value in network.state_dict().items():
        if not isinstance(value, Tensor):
            said = "get_extra_state returns" if _last(name) == "_extra_state" else f"its state has {_last(name)},"
            raise Unsound(
                f"{_owner(network, name)}: {said} a {type(value).__name__}; the store keeps tensors alone: return a "
                "tensor, or keep what it holds in buffers (register_buffer)"
            )
        if value.layout is not torch.strided or value.is_quantized:
            raise Unsound(f"{_owner(network, name)}: {_last(name)} is sparse or quantised; make it a plain tensor")


def _reach(workload: Workload, network: nn.Module, fresh: nn.Module, weights: Mapping[str, Tensor], batch: Any) -> bool:
    """Whether weights put in place for one evaluation do what the same weights loaded into a fresh network do."""
    held, state = tensors_at(network), network.state_dict()
    named = {".".join(filter(None, place)): weights[name] for name in weights for place in places(held, name)}
    fresh.load_state_dict({**state, **{name: weight for name, weight in named.items() if name in state}})
    # What the network has only while it is programmed has no place in a state.
    rest = {name: weight for name, weight in named.items() if name not in state}
    with programmed(network, weights):
        found = called(workload, network, batch)
    with programmed(fresh, rest):
        return agree(found, called(workload, fresh, batch))


def _normal(name: str, array: Tensor) -> Tensor:
    return torch.randn(array.shape, generator=torch_generator(0, "rehearsal", name)).to(array)


def _owner(network: nn.Module, name: str) -> str:
    return layer_called(network, name.rpartition(".")[0])


def _last(name: str) -> str:
    return name.rpartition(".")[2]
