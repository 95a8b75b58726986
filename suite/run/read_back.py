"""Whether a state dict holds all that a network has learned: a fresh network with it must give the same outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from suite.contract import SuiteError, Workload
from suite.crossbar.frozen import changed
from suite.plan.context import Context
from suite.plan.rehearsal import called, check_reproducible, few, layer_called
from suite.plan.units import Contestant
from suite.sweep.engine.agreement import agree
from suite.sweep.engine.batches import to_device
from suite.training.loop import Progress
from suite.training.stopping import copied, plain_state

# What torch itself keeps in every module.
_TORCH_OWN = frozenset(vars(nn.Module()))
MOST_NAMED = 8


class NotInState(SuiteError):
    """What a network has learned is not all in its state dict: it would be lost as the state is stored."""


class OtherTensors(NotInState):
    """A fresh network does not have the tensors of the trained one."""


class FrozenChanged(NotInState):
    """Training has changed what no state holds."""


@dataclass(frozen=True)
class ReadBack:
    """what: of whom messages speak; build(): the network as training starts from it; batch: a few samples."""

    what: str
    workload: Workload
    build: Callable[[], nn.Module]
    batch: Any

    @staticmethod
    def of(context: Context, contestant: Contestant, seed: int) -> ReadBack:
        """On validation samples: what a network learns of its training data shows on others too."""
        name, workload = contestant.workload, context.workload(contestant.workload)
        batch = few(workload, context.splits(name, seed).validation)
        what = f"{name} {contestant.label}, seed {seed}"
        return ReadBack(what, workload, lambda: context.initial_network(name, seed), batch)

    def watching(self, then: Progress | None) -> Progress:
        """A progress callback that checks after the first epoch, so that the others are not in vain, and hands on."""

        def progress(epoch: int, epochs: int, loss: float, network: nn.Module) -> None:
            if epoch == 1:
                # What a method puts on a network may be under names of its own until it is taken off.
                with _in_evaluation(network), suppress(OtherTensors):
                    self.check(network)
            if then:
                then(epoch, epochs, loss, network)

        return progress

    def check(self, network: nn.Module) -> None:
        """network: in evaluation mode. Raises NotInState, with the layer, or NotReproducible."""
        device = next((tensor.device for tensor in network.state_dict().values()), torch.device("cpu"))
        fresh, batch = self.build().to(device).eval(), to_device(self.batch, device)
        beside = list(_beside_state(network, fresh))
        if other := changed(self.workload, fresh, plain_state(network, fresh)):
            raise FrozenChanged(
                f"{self.what}: training has changed {_listed(other)}, which `frozen` names and so no state holds: keep "
                "its layer in evaluation mode (batch normalisation gathers statistics), or leave it out of `frozen`"
            )
        try:
            copied(network, fresh)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise OtherTensors(
                f"{self.what}: a fresh network does not take the trained state dict: {reason}"
            ) from error
        expected = check_reproducible(self.workload, network, batch)
        if not agree(called(self.workload, fresh, batch), expected):
            raise NotInState(
                f"{self.what}: a fresh network with the trained state dict gives other outputs than the trained one: "
                f"{_named(beside)}"
            )


def _named(beside: list[str]) -> str:
    if not beside:
        return (
            "no layer keeps anything beside it, so look for what forward reads outside of the network, and for a "
            "`network(generator)` that builds another network each time"
        )
    return f"{_listed(beside)}; keep what is learned in a parameter or buffer (register_buffer)"


def _listed(names: list[str]) -> str:
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{rest}"


def _beside_state(network: nn.Module, fresh: nn.Module) -> Iterator[str]:
    """What layers keep outside their state dict and is not as it was built; what was there from the start first."""
    built = dict(fresh.named_modules())
    pairs = [(path, _kept(module), _kept(built[path])) for path, module in network.named_modules() if path in built]
    for there in (True, False):
        for path, now, before in pairs:
            for name, value in now.items():
                if (name in before) == there and not _alike(value, before.get(name)):
                    yield f"{layer_called(network, path)} keeps `{name}`{_change(before.get(name), value)}"


def _kept(module: nn.Module) -> dict[str, Any]:
    """Attributes and buffers of a module that its state dict leaves out."""
    own = {name: value for name, value in vars(module).items() if name not in _TORCH_OWN}
    return own | {name: module._buffers[name] for name in sorted(module._non_persistent_buffers_set)}


def _alike(value: Any, before: Any) -> bool:
    try:
        return agree(value, before)
    except (RecursionError, ValueError):  # attributes may be anything, also a way back to the network
        return True


def _change(before: Any, now: Any) -> str:
    numbers = all(isinstance(value, (int, float)) for value in (before, now))
    return f" ({before:g} as built, {now:g} now)" if numbers else ""


@contextmanager
def _in_evaluation(network: nn.Module) -> Iterator[None]:
    """Every module's own mode comes back afterwards."""
    before = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
