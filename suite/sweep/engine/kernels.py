"""What evaluates a layer of a traced network: a fixed table per layer type and device kind.

A kernel is built from a layer (or from nothing, for a function) and called as kernel(tensors, *values): `tensors` are
the layer's parameters and buffers, programmed or its own, and values may be Lanes. What the table does not name runs as
the network's own code on natural tensors.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from suite.sweep.engine.convolution import Convolution
from suite.sweep.engine.lanes import Lanes, natural
from suite.sweep.engine.windows import Geometry

Kernel = Callable[..., Any]
Tensors = Mapping[str, Tensor]


def relu(tensors: Tensors, value: Any, inplace: bool = False) -> Any:
    """max(x, 0) in either layout."""
    return Lanes(value.data.relu()) if isinstance(value, Lanes) else value.relu()


def relu_in_place(tensors: Tensors, value: Any, inplace: bool = False) -> Any:
    """max(x, 0) of a value that nothing else reads."""
    (value.data if isinstance(value, Lanes) else value).relu_()
    return value


def linear(tensors: Tensors, value: Any) -> Tensor:
    """x W^T + b; a product and a sum are faster than the fused call, which first spreads the bias."""
    product = natural(value) @ tensors["weight"].t()
    return product.add_(tensors["bias"]) if "bias" in tensors else product


def layout_of(kernel: Kernel) -> Callable[[Any], Any] | None:
    """How a kernel wants an input that is common to all items; None: as it is."""
    if isinstance(kernel, Convolution):
        return kernel.prepare
    return features_outermost if kernel is linear else None


def features_outermost(value: Any) -> Tensor:
    """The same matrix (samples, features) with the samples innermost: products with it are the faster ones."""
    inputs = natural(value)
    return inputs.t().contiguous().t() if inputs.ndim == 2 else inputs


def flatten(tensors: Tensors, value: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """(samples, channels, height, width) -> (samples, features); other flattenings as torch does them."""
    if isinstance(value, Lanes) and start_dim == 1 and end_dim in (-1, 3):
        return value.flat()
    return torch.flatten(natural(value), start_dim, end_dim)


def reshape(tensors: Tensors, value: Any, *shape: Any) -> Tensor:
    """view and reshape; the common way to write flatten(1) keeps its fast path."""
    target = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list, torch.Size)) else shape
    if isinstance(value, Lanes) and len(target) == 2:
        samples, features = value.shape[0], value.shape[1:].numel()
        if target in ((samples, -1), (-1, features), (samples, features)):
            return value.flat()
    return natural(value).reshape(target)


def add(tensors: Tensors, left: Any, right: Any) -> Any:
    """Residual sums stay in lanes where both sides are."""
    if isinstance(left, Lanes) and isinstance(right, Lanes):
        return Lanes(left.data + right.data)
    return natural(left) + natural(right)


def size(tensors: Tensors, value: Any, dim: int | None = None) -> Any:
    """x.size() and x.size(dim) as the network's own code sees them."""
    return value.shape if dim is None else value.shape[dim]


def attribute(tensors: Tensors, value: Any, name: str) -> Any:
    """getattr(x, name): the shape needs no change of layout."""
    return value.shape if name == "shape" else getattr(natural(value), name)


def identity(tensors: Tensors, value: Any) -> Any:
    """Dropout and the like in evaluation mode."""
    return value


def batch_norm(layer: nn.BatchNorm2d) -> Kernel | None:
    """Normalisation by the running statistics, as one factor and one offset per channel."""
    if layer.running_mean is None:
        return None

    def normalise(tensors: Tensors, value: Any) -> Lanes:
        factor = (tensors["running_var"] + layer.eps).rsqrt()
        if "weight" in tensors:
            factor = factor * tensors["weight"]
        offset = tensors.get("bias", torch.zeros_like(factor)) - tensors["running_mean"] * factor
        return Lanes((Lanes.of(value).data * factor[:, None]).add_(offset[:, None]))

    return normalise


def convolution(layer: nn.Conv2d) -> Kernel | None:
    """A convolution of lanes."""
    geometry = Geometry.of(layer)
    return None if geometry is None else Convolution(geometry)


def max_pool(tensors: Tensors, value: Any, *args: Any, **kwargs: Any) -> Any:
    """Max pooling; windows that tile the map are a maximum of strided slices (max_pool2d is slow on a CPU)."""
    pool = pool_side(*args, **kwargs)
    if pool is None:
        return functional.max_pool2d(natural(value), *args, **kwargs)
    maps = Lanes.of(value).data
    rows, columns = (length // pool * pool for length in maps.shape[:2])
    parts = [maps[i:rows:pool, j:columns:pool] for i in range(pool) for j in range(pool)]
    highest = parts[0].clone()
    for part in parts[1:]:
        torch.maximum(highest, part, out=highest)
    return Lanes(highest)


def pool_settings(layer: nn.MaxPool2d) -> dict[str, Any]:
    """The layer's settings as arguments of max_pool2d."""
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    return {name: getattr(layer, name) for name in names}


def pool_side(
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> int | None:
    """Side of square windows that tile the map; None for any other pooling."""
    sides = {*_both(kernel_size), *_both(stride or kernel_size)}
    plain = _both(padding) == (0, 0) and _both(dilation) == (1, 1) and not ceil_mode and not return_indices
    return sides.pop() if plain and len(sides) == 1 else None


def _both(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


RELUS = (torch.relu, functional.relu, "relu")

# {device kind: {layer type: factory}} and {device kind: {function or method name: kernel}}
LAYERS: dict[str, dict[type[nn.Module], Callable[[Any], Kernel | None]]] = {
    "cpu": {
        nn.Linear: lambda layer: linear,
        nn.Conv2d: convolution,
        nn.MaxPool2d: lambda layer: partial(max_pool, **pool_settings(layer)),
        nn.BatchNorm2d: batch_norm,
        nn.ReLU: lambda layer: relu,
        nn.Flatten: lambda layer: partial(flatten, start_dim=layer.start_dim, end_dim=layer.end_dim),
        nn.Dropout: lambda layer: identity,
        nn.Dropout2d: lambda layer: identity,
        nn.Identity: lambda layer: identity,
    },
}
FUNCTIONS: dict[str, dict[Any, Kernel]] = {
    "cpu": {
        **dict.fromkeys(RELUS, relu),
        torch.flatten: flatten,
        "flatten": flatten,
        "view": reshape,
        "reshape": reshape,
        operator.add: add,
        operator.iadd: add,
        functional.max_pool2d: max_pool,
        getattr: attribute,
        "size": size,
    },
}
