"""Convolution, maximum pooling and relu of a training step in one piece: what takes longest in small networks on a CPU.

torch pools maps whose samples lie outermost one number at a time, and runs narrow convolutions far below the rate of a
matrix product. Here a convolution of fewer than 16 maps is made at the four places of a pooling window side by side,
so that pooling is a maximum of whole maps; wider ones are made with their channels innermost, where torch pools 16 at a
time. Kernels are grown by zeros alone, every sum has the same terms in the same order, relu and maximum change places
exactly and of equal numbers the first one wins, as in torch: where oneDNN sums alike in both layouts, the bits are
those of the layers themselves; elsewhere they differ by rounding (docs/adr/0024-a-fused-training-step.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

# Numbers that a processor works on at once: with as many channels, those lie innermost.
WIDE = 16
_HOOKS = ("_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@contextmanager
def fused(network: nn.Module) -> Iterator[None]:
    """In here every nn.Sequential of the network runs what can be fused in one piece while it trains on a CPU; it
    looks at each call anew, so hooks and parametrisations may come and go."""
    modules = (module for module in network.modules() if isinstance(module, nn.Sequential))
    chains = [module for module in modules if _own(module, nn.Sequential)]
    for chain in chains:
        # A bound method: a copy of the network gets one of its own.
        chain.forward = _Chain(chain).forward  # type: ignore[method-assign]
    try:
        yield
    finally:
        for chain in chains:
            del chain.forward


@dataclass(frozen=True)
class _Chain:
    layers: nn.Sequential

    def forward(self, value: Any) -> Any:
        """What nn.Sequential does."""
        left = [*self.layers]
        while left:
            run = _run(left) if self.layers.training and _plain(value) else []
            value = _in_one_piece(run, value) if run else left[0](value)
            del left[: len(run) or 1]
        return value


def _run(layers: Sequence[nn.Module]) -> list[nn.Module]:
    """The convolution that `layers` begin with, its pooling, and the relu beside it; [] where there is no such run.

    Whoever looks at a layer's outputs sees them: only the last one may have hooks.
    """
    run, pool = [layers[0]], False
    if not _convolution(layers[0]):
        return []
    for layer in layers[1:3]:
        if run[-1]._forward_hooks:
            break
        if not pool and _side(layer):
            pool = True
        elif not _own(layer, nn.ReLU) or type(run[-1]) is type(layer):
            break
        run.append(layer)
    return run if pool and not any(getattr(layer, hooks) for layer in run for hooks in _HOOKS) else []


def _convolution(layer: nn.Module) -> bool:
    if not isinstance(layer, nn.Conv2d) or not _own(layer, nn.Conv2d):
        return False
    windows = not isinstance(layer.padding, str) and layer.padding_mode == "zeros"
    plain = layer.groups == 1 and {*layer.stride, *layer.dilation} == {1}
    # What is stored: asking a parametrised layer for its weight would draw noise once more.
    return windows and plain and all(_plain(tensor) for tensor in layer.parameters() if tensor.ndim == 4)


def _side(layer: nn.Module) -> int | None:
    """Of square windows that tile the maps; None for any other layer."""
    if not isinstance(layer, nn.MaxPool2d) or not _own(layer, nn.MaxPool2d):
        return None
    asked = layer.kernel_size, layer.stride, layer.padding, layer.dilation
    sides, strides, borders, steps = ({value} if isinstance(value, int) else {*value} for value in asked)
    tiling = len(sides) == 1 and sides == strides and borders == {0} and steps == {1}
    return sides.pop() if tiling and not layer.ceil_mode and not layer.return_indices else None


def _own(layer: nn.Module, kind: type[nn.Module]) -> bool:
    """Whether a layer runs the forward of `kind`, also where its weight is parametrised."""
    return isinstance(layer, kind) and type(layer).forward is kind.forward and "forward" not in vars(layer)


def _plain(value: Any) -> bool:
    """float32 on a CPU in torch's own layout, with a gradient to be found."""
    if not isinstance(value, Tensor) or value.ndim != 4 or value.dtype != torch.float32:
        return False
    return value.device.type == "cpu" and value.is_contiguous() and torch.is_grad_enabled()


def _in_one_piece(run: list[nn.Module], inputs: Tensor) -> Any:
    convolution, last = run[0], run[-1]
    assert isinstance(convolution, nn.Conv2d)
    side = next(filter(None, map(_side, run)))
    kind = _Narrow if convolution.out_channels < WIDE and side == 2 else _Wide
    pooled = kind.apply(inputs, convolution.weight, convolution.bias, convolution.padding, side)
    value = functional.relu(pooled) if len(run) == 3 else pooled
    if not last._forward_hooks:
        return value
    last.forward = lambda inputs: inputs
    try:
        return last(value)
    finally:
        del last.forward


class _Narrow(torch.autograd.Function):
    """Of a few maps, windows of 2 x 2: (N, channels, height, width) -> (N, maps, rows, columns) after pooling."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, padding: Any, side: int) -> Tensor:
        kernels = torch.cat([functional.pad(weight, (j, 1 - j, i, 1 - i)) for i in (0, 1) for j in (0, 1)])
        biases = None if bias is None else bias.repeat(4)
        maps = functional.conv2d(inputs, kernels, biases, stride=2, padding=padding)
        left, right, lower_left, lower_right = maps.unflatten(1, (4, -1)).unbind(1)
        upper, lower = torch.maximum(left, right), torch.maximum(lower_left, lower_right)
        # 1 where the second one wins, as numbers: three times as fast as torch.where on truth values.
        in_upper, in_lower, below = (
            right.clone().gt_(left),
            lower_right.clone().gt_(lower_left),
            lower.clone().gt_(upper),
        )
        height, width = _size(inputs, weight, padding)
        rows, columns = (2 * torch.arange(length) for length in left.shape[2:])
        # Where in a map the winner was: in_upper, or width + in_lower below.
        place = in_lower.sub_(in_upper).add_(width).mul_(below).add_(in_upper).add_(rows[:, None] * width + columns)
        ctx.save_for_backward(inputs, weight, place.long())
        ctx.settings = padding, (height, width)
        return torch.maximum(upper, lower)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, weight, place = ctx.saved_tensors
        padding, size = ctx.settings
        maps = inputs.new_empty(len(inputs), len(weight), *size)
        gradient = _spread(gradient.contiguous(), maps, 2, place)
        return *_gradients(gradient, inputs, weight, padding, ctx.needs_input_grad[:3]), None, None


class _Wide(torch.autograd.Function):
    """Of many maps, channels innermost on the way: (N, channels, height, width) -> (N, maps, rows, columns)."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, padding: Any, side: int) -> Tensor:
        inner = [tensor.contiguous(memory_format=torch.channels_last) for tensor in (inputs, weight)]
        maps = functional.conv2d(inner[0], inner[1], bias, padding=padding)
        pooled, place = functional.max_pool2d_with_indices(maps, [side, side])
        ctx.save_for_backward(inputs, weight, *inner, maps, place)
        ctx.settings = padding, side
        return pooled.contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, weight, *inner, maps, place = ctx.saved_tensors
        padding, side = ctx.settings
        of_inputs, *of_weights = wanted = ctx.needs_input_grad[:3]
        gradient = _spread(gradient.contiguous(memory_format=torch.channels_last), maps, side, place)
        if inputs.shape[1] >= WIDE:
            return *_gradients(gradient.contiguous(), inputs, weight, padding, wanted), None, None
        found = _gradients(gradient, inner[0], inner[1], padding, (False, *of_weights))
        if of_inputs:
            # The few channels of the inputs innermost would be the slower way.
            found = *_gradients(gradient.contiguous(), inputs, weight, padding, (True, False, False))[:1], *found[1:]
        return *found, None, None


def _size(inputs: Tensor, weight: Tensor, padding: Sequence[int]) -> tuple[int, int]:
    """Height and width of the maps before pooling."""
    sides = zip(inputs.shape[2:], padding, weight.shape[2:], strict=True)
    height, width = (length + 2 * border - kernel + 1 for length, border, kernel in sides)
    return height, width


def _spread(gradient: Tensor, maps: Tensor, side: int, indices: Tensor) -> Tensor:
    """The gradient of pooled maps as that of `maps`, of which shape and layout count."""
    backward = torch.ops.aten.max_pool2d_with_indices_backward
    spread: Tensor = backward(gradient, maps, [side, side], [side, side], [0, 0], [1, 1], False, indices)
    return spread


def _gradients(
    gradient: Tensor, inputs: Tensor, weight: Tensor, padding: Any, wanted: Sequence[bool]
) -> tuple[Tensor | None, ...]:
    """Of inputs, weight and bias, where wanted."""
    backward = torch.ops.aten.convolution_backward
    settings = ([1, 1], [*padding], [1, 1], False, [0, 0], 1)
    found: tuple[Tensor | None, ...] = backward(gradient, inputs, weight, [len(weight)], *settings, [*wanted])
    return found
