"""Outputs, scores and bytes of a workload computed in the most obvious way, without the sweep engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from suite.contract import Workload


def batches(workload: Workload, dataset: Any, size: int) -> list[Any]:
    """The dataset in order, `size` samples at a time."""
    collate = workload.collate or default_collate
    return [
        collate([dataset[index] for index in range(start, min(start + size, len(dataset)))])
        for start in range(0, len(dataset), size)
    ]


def outputs(workload: Workload, network: nn.Module, dataset: Any, generator: torch.Generator | None = None) -> Any:
    """(N, ...) tensor, or a list of N items, over the whole dataset."""
    generator = generator or torch.Generator().manual_seed(0)
    with torch.no_grad():
        if workload.prepare is not None:
            workload.prepare(network)
        found = [
            network(batch[0]) if workload.outputs is None else workload.outputs(network, batch, generator)
            for batch in batches(workload, dataset, workload.recipe("ci").test_block)
        ]
    return _whole(found)


def targets(workload: Workload, dataset: Any) -> Any:
    """One target per sample."""
    return _whole([workload.targets(batch) for batch in batches(workload, dataset, workload.recipe("ci").test_block)])


def score(workload: Workload, network: nn.Module, dataset: Any) -> float:
    """What the floor speaks of, turned so that larger is better."""
    found = workload.scores(outputs(workload, network, dataset), targets(workload, dataset))
    return sign(workload) * float(found[workload.floor[0]])


def sign(workload: Workload) -> float:
    """1 where more of what the floor speaks of is better, else -1."""
    return 1.0 if workload.measures[workload.floor[0]].higher_is_better else -1.0


def _whole(parts: list[Any]) -> Any:
    return torch.cat(parts) if isinstance(parts[0], Tensor) else [item for part in parts for item in part]


def mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Outputs with every floating-point tensor and number in them changed."""
    if isinstance(value, Tensor):
        return change(value) if value.is_floating_point() else value
    if isinstance(value, float):
        return float(change(torch.tensor(value)))
    if isinstance(value, Mapping):
        return {name: mapped(item, change) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(item, change) for item in value)
    return value


def content(value: Any) -> str:
    """A hash of nested tensors, arrays, numbers and text."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def _bytes(value: Any) -> bytes:
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}".encode() + value.tobytes()
    if isinstance(value, Mapping):
        return _bytes([part for pair in value.items() for part in pair])
    if isinstance(value, (list, tuple)):
        return b"[" + b"".join(hashlib.sha256(_bytes(item)).digest() for item in value) + b"]"
    return repr(value).encode()


def samples(dataset: Any) -> list[str]:
    """The hash of every sample, input and target."""
    return [content(dataset[index]) for index in range(len(dataset))]


def inputs(dataset: Any) -> set[str]:
    """The hashes of the inputs."""
    return {content(dataset[index][0]) for index in range(len(dataset))}
