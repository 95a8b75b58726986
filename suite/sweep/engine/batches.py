"""Test sets as blocks of stacked tensors, made once per sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import TensorDataset, default_collate

from suite.contract import Workload


def blocks_of(workload: Workload, dataset: Any, block: int, device: torch.device) -> list[Any]:
    """The whole set as batches of `block` samples (the last one may be smaller), on `device`."""
    starts = range(0, len(dataset), block)
    if isinstance(dataset, TensorDataset) and workload.collate is None:
        return [to_device(tuple(tensor[i : i + block] for tensor in dataset.tensors), device) for i in starts]
    collate = workload.collate or default_collate
    ends = [min(i + block, len(dataset)) for i in starts]
    return [
        to_device(collate([dataset[j] for j in range(i, end)]), device) for i, end in zip(starts, ends, strict=True)
    ]


def to_device(value: Any, device: torch.device) -> Any:
    """Tensors anywhere in lists, tuples and mappings moved; everything else as it is."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, Mapping):
        return {key: to_device(item, device) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        moved = [to_device(item, device) for item in value]
        return type(value)(*moved) if hasattr(value, "_fields") else type(value)(moved)
    return value


def joined(parts: Sequence[Any]) -> Any:
    """Blocks of outputs or targets as one: tensors are concatenated and brought to the CPU, sequences chained."""
    if all(isinstance(part, Tensor) for part in parts):
        return torch.cat(list(parts)).cpu()
    return [item for part in parts for item in part]


def count_nonfinite(outputs: Any) -> int:
    """Samples whose output holds a NaN or an infinity; outputs are (N, ...) or a sequence of N items."""
    if isinstance(outputs, Tensor):
        # A sum of finite terms may overflow, but one that is finite has no other: a tenth of looking at each.
        if torch.isfinite(outputs.sum()):
            return 0
        return len(outputs) - int(torch.isfinite(outputs).flatten(1).all(1).sum())
    return sum(not _finite(item) for item in outputs)


def _finite(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_finite(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(_finite(item) for item in value)
    if isinstance(value, (str, bytes)) or value is None:
        return True
    return bool(torch.isfinite(torch.as_tensor(value)).all())
