"""A workload's network called on a few samples, as every evaluation calls it, and refused where equal calls differ.

Scores must not hang on streams that nobody keys: a forward that draws in evaluation mode draws from the generator that
its workload's `outputs` gets.
"""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Subset

from suite.contract import SuiteError, Workload
from suite.contract.seeds import torch_generator
from suite.sweep.engine.agreement import agree
from suite.sweep.engine.batches import blocks_of

SAMPLES = 8


class NotReproducible(SuiteError):
    """A network whose outputs are no function of its weights and its inputs."""


def few(workload: Workload, dataset: Any, device: str = "cpu") -> Any:
    """A batch of SAMPLES samples or fewer, evenly chosen."""
    chosen = range(0, len(dataset), -(-len(dataset) // SAMPLES))
    return blocks_of(workload, Subset(dataset, chosen), len(chosen), torch.device(device))[0]


def called(workload: Workload, network: nn.Module, batch: Any) -> Any:
    """The outputs of a network in evaluation mode; global random streams stay where they were."""
    with _streams_kept():
        return _call(workload, network, batch)


def check_reproducible(workload: Workload, network: nn.Module, batch: Any) -> Any:
    """The outputs of a network in evaluation mode. Raises NotReproducible, with the layer, where equal calls differ."""
    with _streams_kept():
        first = _call(workload, network, batch)
        before = _streams()
        second = _call(workload, network, batch)
        drew = _streams() != before
        if agree(second, first) and not drew:
            return first
        where = _first_to_differ(workload, network, batch)
    if drew:
        raise NotReproducible(
            f"{where} draws from a global random stream in evaluation mode, which no seed keys: give the workload "
            "`outputs(network, batch, generator)` and draw from the generator that `outputs` gets (layers that take "
            "none: inside `with seeded(generator):`), or draw in training mode alone"
        )
    raise NotReproducible(
        f"{where} gives other outputs when it is called again with the same inputs in evaluation mode: what it keeps "
        "from call to call (a counter, a generator, statistics) must change in training mode alone"
    )


def layer_called(network: nn.Module, path: str) -> str:
    """How messages call a module."""
    kind = type(network.get_submodule(path)).__name__
    return f"layer {path} ({kind})" if path else f"the network ({kind})"


def _call(workload: Workload, network: nn.Module, batch: Any) -> Any:
    generator = torch_generator(0, "rehearsal")
    with torch.no_grad():
        if workload.prepare is not None:
            workload.prepare(network)
        return network(batch[0]) if workload.outputs is None else workload.outputs(network, batch, generator)


def _first_to_differ(workload: Workload, network: nn.Module, batch: Any) -> str:
    """The layer that ends first of those whose outputs differ between two calls."""
    one, other = (_layers_outputs(workload, network, batch) for _ in range(2))
    differing = (path for (path, found), (_, again) in zip(one, other, strict=False) if not agree(again, found))
    return layer_called(network, next(differing, ""))


def _layers_outputs(workload: Workload, network: nn.Module, batch: Any) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(path: str) -> Any:
        return lambda module, inputs, output: seen.append((path, copy.deepcopy(output)))

    handles = [module.register_forward_hook(note(path)) for path, module in network.named_modules()]
    try:
        _call(workload, network, batch)
    finally:
        for handle in handles:
            handle.remove()
    return seen


def _streams() -> bytes:
    """Where the global streams are that a forward may draw from."""
    return pickle.dumps((torch.get_rng_state().numpy(), np.random.get_state(), random.getstate()))  # noqa: NPY002


@contextmanager
def _streams_kept() -> Iterator[None]:
    legacy, plain = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        np.random.set_state(legacy)  # noqa: NPY002
        random.setstate(plain)
