"""Data sets as read-only numpy arrays, which the processes of a node share without copies."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import torch
from torch.utils.data import TensorDataset

from suite.contract import Splits


class _Arrays(tuple[Any, ...]):
    """The tensors of a TensorDataset, as numpy arrays."""

    __slots__ = ()


def shared(splits: Splits) -> Splits:
    """TensorDatasets become numpy arrays (shared by reference); other data sets are pickled as they are."""
    return _mapped(splits, _to_arrays)


def unshared(splits: Splits) -> Splits:
    """The inverse of `shared`; tensors are views of the shared memory and must not be written."""
    return _mapped(splits, _to_tensors)


def _mapped(splits: Splits, change: Any) -> Splits:
    tests = {name: change(dataset) for name, dataset in splits.tests.items()}
    return replace(splits, train=change(splits.train), validation=change(splits.validation), tests=tests)


def _to_arrays(dataset: Any) -> Any:
    if isinstance(dataset, TensorDataset):
        return _Arrays(tensor.numpy() for tensor in dataset.tensors)
    return dataset


def _to_tensors(dataset: Any) -> Any:
    if not isinstance(dataset, _Arrays):
        return dataset
    with warnings.catch_warnings():
        # Read-only memory is the point: nothing in training or sweeping writes to its data.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return TensorDataset(*(torch.from_numpy(array) for array in dataset))
