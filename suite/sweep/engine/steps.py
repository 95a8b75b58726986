"""From a traced network to the steps that evaluate it: kernels chosen, what belongs together fused."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, fx, nn
from torch.nn import functional

from suite.sweep.engine.convolution import Convolution
from suite.sweep.engine.kernels import (
    FUNCTIONS,
    LAYERS,
    RELUS,
    Kernel,
    layout_of,
    pool_settings,
    pool_side,
    relu,
    relu_in_place,
)
from suite.sweep.engine.lanes import natural
from suite.sweep.engine.trace import Trace

Values = dict[fx.Node, Any]


@dataclass(frozen=True)
class Step:
    """Gives the value of `node` (the last one of a fused run) from the arguments of `head`, the first one.

    layout: where the input is common to all items and its layout matters, what lays it out beforehand as the value of
        `head`.
    """

    head: fx.Node
    node: fx.Node
    call: Callable[[Mapping[str, Tensor], Values], Any]
    layout: Callable[[Any], Any] | None = None


def plain_step(trace: Trace, node: fx.Node) -> Step:
    """The network's own code on natural tensors."""
    own = trace.own_code(node)

    def call(weights: Mapping[str, Tensor], values: Values) -> Any:
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), lambda argument: natural(values[argument]))
        return own(weights, *args, **kwargs)

    return Step(node, node, call)


def kernel_step(trace: Trace, head: fx.Node, node: fx.Node, kernel: Kernel) -> Step:
    """A kernel of the table, on values in whatever layout they are in."""
    tensors = trace.tensors(head)
    layout = None if head.args[0] in trace.noisy else layout_of(kernel)

    def call(weights: Mapping[str, Tensor], values: Values) -> Any:
        if layout is not None:
            return kernel(tensors(weights), values[head])
        args, kwargs = fx.node.map_arg((head.args, head.kwargs), values.__getitem__)
        return kernel(tensors(weights), *args, **kwargs)

    return Step(head, node, call, layout)


def steps_of(trace: Trace, kind: str) -> list[Step]:
    """Steps of the noisy nodes in order; kind: "cpu" or "cuda"."""
    steps: list[Step] = []
    covered: set[fx.Node] = set()
    for node in trace.graph.nodes:
        if node.op == "output" or node not in trace.noisy or node in covered:
            continue
        kernel = _kernel(trace, node, kind)
        last = node
        if isinstance(kernel, Convolution):
            kernel, run = _with_followers(trace, node, kernel)
            covered.update(run)
            last = run[-1]
        steps.append(plain_step(trace, node) if kernel is None else kernel_step(trace, node, last, kernel))
    return steps


def _kernel(trace: Trace, node: fx.Node, kind: str) -> Kernel | None:
    """What the table says of a node, None where it says nothing."""
    layer = trace.layer(node)
    factory = LAYERS.get(kind, {}).get(type(layer)) if layer is not None else None
    kernel = factory(layer) if factory else FUNCTIONS.get(kind, {}).get(node.target)
    return relu_in_place if kernel is relu and _alone(trace, node.args[0]) else kernel


def _alone(trace: Trace, producer: Any) -> bool:
    """True where a node makes a fresh tensor that only one other node reads."""
    fresh = isinstance(trace.layer(producer), (nn.Linear, nn.BatchNorm2d)) or producer.target in (operator.add,)
    return fresh and len(producer.users) == 1


def _with_followers(trace: Trace, node: fx.Node, kernel: Convolution) -> tuple[Convolution, list[fx.Node]]:
    """A convolution with the pooling and the relu that alone read it, in either order (they commute exactly)."""
    run, pool, rectify = [node], 1, False
    while len(run[-1].users) == 1:
        follower = next(iter(run[-1].users))
        side = _pool(trace, follower)
        if side is not None and pool == 1:
            pool = side
        elif not rectify and (isinstance(trace.layer(follower), nn.ReLU) or follower.target in RELUS):
            rectify = True
        else:
            break
        run.append(follower)
    return Convolution(kernel.geometry, pool, rectify), run


def _pool(trace: Trace, node: fx.Node) -> int | None:
    """Side of the tiling windows of a max pooling node, None for any other node."""
    layer = trace.layer(node)
    if isinstance(layer, nn.MaxPool2d):
        return pool_side(**pool_settings(layer))
    if node.target is functional.max_pool2d:
        arguments: Any = (node.args[1:], node.kwargs)
        return pool_side(*arguments[0], **arguments[1])
    return None
