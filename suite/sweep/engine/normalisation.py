"""Running statistics of batch normalisation, estimated anew on a programmed network.

Drift changes the mean and spread of every feature map, and the statistics of the clean network no longer fit. They are
digital: a chip can run some training samples once after programming and store new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from suite.crossbar.arrays import programmed


def statistics(network: nn.Module) -> dict[str, Tensor]:
    """{state-dict name: running mean or variance} of every batch normalisation that keeps some."""
    return {
        f"{path}.{name}".lstrip("."): getattr(module, name)
        for path, module in _norms(network).items()
        for name in ("running_mean", "running_var")
    }


def recalibrated(network: nn.Module, run: Callable[[], object]) -> dict[str, Tensor]:
    """The statistics that `network` has after `run`: the mean over its blocks, each normalised by its own.

    The network is called by `run` and is as it was before afterwards.
    """
    fresh = {name: torch.zeros_like(tensor) for name, tensor in statistics(network).items()}
    counts = {
        f"{path}.num_batches_tracked".lstrip("."): torch.zeros_like(module.num_batches_tracked)
        for path, module in _norms(network).items()
        if module.num_batches_tracked is not None
    }
    with programmed(network, {**fresh, **counts}), _estimating(network):
        run()
    return fresh


def _norms(network: nn.Module) -> Mapping[str, _BatchNorm]:
    return {
        path: module
        for path, module in network.named_modules()
        if isinstance(module, _BatchNorm) and module.running_mean is not None
    }


@contextmanager
def _estimating(network: nn.Module) -> Iterator[None]:
    """Batch normalisation averages what it sees, with the same weight for every block."""
    norms = list(_norms(network).values())
    before = [(norm.momentum, norm.training) for norm in norms]
    try:
        for norm in norms:
            norm.momentum = None
            norm.train()
        yield
    finally:
        for norm, (momentum, training) in zip(norms, before, strict=True):
            norm.momentum = momentum
            norm.train(training)
