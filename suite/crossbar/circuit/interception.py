"""Catching the reads of a network's own code: every product with an array, however the forward writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from suite.contract import SuiteError
from suite.crossbar.circuit.products import READS, Product

# (array, product, inputs, transpose) -> outputs.
OnRead = Callable[[str, Product, Tensor, bool], Tensor]


class Unreadable(SuiteError):
    """A network uses an array in a way that is no product of inputs and matrix."""


class Interception(TorchFunctionMode):
    """Inside, linear layers, convolutions and matrix products with an array are what `on_read` says.

    arrays: {name: tensor}, each with memory of its own, by which it is known under whatever views a forward takes.
    Raises Unreadable where an array meets any other operation: it would be computed with ideal weights in silence.
    """

    def __init__(self, arrays: Mapping[str, Tensor], on_read: OnRead) -> None:
        super().__init__()
        self.arrays, self.on_read = arrays, on_read
        self.names = {_memory(tensor): name for name, tensor in arrays.items()}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Called by torch for each of its functions."""
        kwargs = kwargs or {}
        touched = [name for tensor in _tensors((*args, *kwargs.values())) if (name := self._name(tensor))]
        if not touched:
            return func(*args, **kwargs)
        if func in READS and len(touched) == 1:
            return self._read(touched[0], func, args, kwargs)
        result = func(*args, **kwargs)
        if all(self._name(tensor) for tensor in _tensors([result])):
            return result
        raise _unreadable(touched[0], func)

    def _read(self, array: str, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
        read = READS[func](*args, **kwargs)
        if self._name(read.weight) is None:
            raise _unreadable(array, func)
        outputs = self.on_read(array, read.product, read.inputs, self._transposed(array, read.weight, func))
        return outputs if read.bias is None else outputs + read.bias

    def _transposed(self, array: str, weight: Tensor, func: Any) -> bool:
        """Whether a product drives the array's columns; `weight` is as the function was given it."""
        own = self.arrays[array]
        # A right factor has its inputs first.
        is_right_factor = READS[func] is READS[Tensor.matmul]
        for view in (own, own.flatten(1)):
            if _same(weight, view):
                return is_right_factor
        if own.ndim == 2 and _same(weight, own.mT):
            return not is_right_factor
        raise _unreadable(array, func)

    def _name(self, tensor: Tensor) -> str | None:
        place = _memory(tensor)
        return None if place is None else self.names.get(place)


def _unreadable(array: str, func: Any) -> Unreadable:
    return Unreadable(
        f"array '{array}' is used by `{getattr(func, '__name__', func)}`, which is no read of a crossbar: read it as a "
        "whole by linear, conv1d to conv3d or inputs @ array (transposed or not), leave it out of the workload's "
        "arrays(), or leave out input_bits, output_bits, read_noise_uS and devices that are noisy at reading"
    )


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and one.stride() == other.stride()


def _memory(tensor: Tensor) -> int | None:
    """Where a tensor's numbers lie; sparse ones, which no array is, have no one place."""
    return tensor.untyped_storage().data_ptr() if tensor.layout is torch.strided else None


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)
