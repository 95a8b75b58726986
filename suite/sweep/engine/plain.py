"""Networks whose graph says all: calling a module is running its forward in evaluation mode, and no rounding error
decides anything.

What a graph cannot show must be ruled out by structure, since trying a few inputs may miss it: a hook that clamps, a
method replaced on one instance, a layer left in training mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn
from torch.nn.modules import module as torch_modules

from suite.sweep.engine.trace import Trace

# Operations whose result jumps where their input crosses a value: two ways to the same number, a rounding error apart,
# may end on either side.
JUMPS = frozenset((
    "sign", "sgn", "signbit", "copysign", "heaviside", "threshold", "hardshrink",
    "round", "floor", "ceil", "trunc", "fix", "frac", "fmod", "mod", "remainder", "floordiv", "floor_divide",
    "gt", "ge", "lt", "le", "eq", "ne", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal",
    "argmax", "argmin", "argsort", "sort", "topk", "kthvalue", "median", "mode", "msort", "nonzero",
    "searchsorted", "bucketize", "unique", "histc", "count_nonzero", "logical_not", "isclose",
    "int", "long", "short", "byte", "char", "bool", "fake_quantize_per_tensor_affine", "quantize_per_tensor",
))  # fmt: skip
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def called_plainly(network: nn.Module) -> bool:
    """Whether calling any module of the network, in evaluation mode, runs the forward of its class and no more."""
    everywhere = any(getattr(torch_modules, f"_global{hooks}") for hooks in _HOOKS)
    return not everywhere and all(map(_plain, network.modules()))


def _plain(module: nn.Module) -> bool:
    kind = type(module)
    own_call = any(
        getattr(kind, name) is not getattr(nn.Module, name) for name in ("__call__", "_call_impl", "_wrapped_call_impl")
    )
    hooked = any(getattr(module, hooks) for hooks in _HOOKS)
    replaced = any(callable(getattr(kind, name, None)) for name in vars(module))
    return not (own_call or hooked or replaced or module.training or module._compiled_call_impl is not None)


def jumps(trace: Trace) -> bool:
    """Whether arrays reach an operation that jumps. Arithmetic with sizes may: no weight changes these."""
    sizes: set[fx.Node] = set()
    for node in trace.graph.nodes:
        parents = node.all_input_nodes
        if _asks_for_size(node) or (parents and sizes.issuperset(parents)):
            sizes.add(node)
        elif node in trace.noisy and (_operation(trace, node) in JUMPS or any(map(_whole_type, _given(node)))):
            return True
    return False


def _asks_for_size(node: fx.Node) -> bool:
    asked = node.args[1] if node.target is getattr else node.target if node.op == "call_method" else None
    return asked in ("shape", "size", "ndim", "dim", "numel", "nelement", "device", "dtype")


def _operation(trace: Trace, node: fx.Node) -> str:
    layer = trace.layer(node)
    name = type(layer).__name__.lower() if layer is not None else getattr(node.target, "__name__", str(node.target))
    return name.strip("_")


def _given(node: fx.Node) -> Iterator[Any]:
    yield from node.args
    yield from node.kwargs.values()


def _whole_type(argument: Any) -> bool:
    """Whether an argument asks for whole numbers, as in x.to(torch.int8)."""
    return isinstance(argument, torch.dtype) and not (argument.is_floating_point or argument.is_complex)
