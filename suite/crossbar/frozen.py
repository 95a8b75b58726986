"""The parts of a network that come from a file and that no training changes: every network is built with them, so that
no stored state holds them."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from suite.contract import SuiteError, Workload
from suite.crossbar.arrays import places, tensors_at


class UnknownFrozen(SuiteError):
    """A workload calls a tensor frozen that its network does not hold."""


def frozen_names(workload: Workload, network: nn.Module) -> frozenset[str]:
    """Every state-dict name of what is frozen: tied tensors go by several. Raises UnknownFrozen."""
    held, names = tensors_at(network), set[str]()
    for name in workload.frozen(network):
        found = places(held, name)
        if not found:
            raise UnknownFrozen(
                f"workload '{workload.title}': frozen() names '{name}', which is no parameter or buffer of its "
                "network; use names of network.state_dict()"
            )
        names.update(".".join(filter(None, place)) for place in found)
    return frozenset(names)


def freeze(workload: Workload, network: nn.Module) -> None:
    """No gradient reaches what is frozen. Raises UnknownFrozen."""
    names = frozen_names(workload, network)
    for name, parameter in network.named_parameters():
        if name in names:
            parameter.requires_grad_(False)


def learned(workload: Workload, network: nn.Module) -> dict[str, Tensor]:
    """The state dict of a network without what is frozen: what is stored."""
    frozen = frozen_names(workload, network)
    return {name: tensor for name, tensor in network.state_dict().items() if name not in frozen}


def load_learned(workload: Workload, network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Loads a state that may leave out what is frozen, which then stays as it was built.

    Raises RuntimeError where other tensors are missing or too many.
    """
    frozen, own = frozen_names(workload, network), network.state_dict()
    network.load_state_dict({name: own[name] for name in frozen if name in own} | dict(state))


def changed(workload: Workload, network: nn.Module, state: Mapping[str, Tensor]) -> list[str]:
    """Names of what is frozen and has other values in `state`; network: as it was built."""
    frozen = frozen_names(workload, network)
    own = {name: tensor for name, tensor in network.state_dict().items() if name in frozen and name in state}
    return sorted(name for name, tensor in own.items() if not state[name].to(tensor).equal(tensor))
