"""The ways in which layers read an array, as products that can be taken tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from suite.contract import NotApplicable


class Product(Protocol):
    """One read of an array: `length` word lines are driven, of which a tile holds a part."""

    @property
    def length(self) -> int:
        """Word lines."""
        ...

    def outputs(self, inputs: Tensor, part: slice) -> Tensor:
        """What the word lines of `part` contribute to the layer's outputs."""
        ...

    def squares(self, inputs: Tensor, part: slice) -> Tensor:
        """Sum of the squared inputs on the word lines of `part`, broadcastable to the outputs."""
        ...

    def of(self, cells: Tensor) -> Product:
        """The same product with other numbers in the array, shaped as those are."""
        ...

    def magnitudes(self) -> Product:
        """The same product with all numbers in the array without their sign."""
        ...

    def along(self, lines: Tensor) -> Tensor:
        """One number per sensed line, broadcastable to the outputs."""
        ...

    def by_line(self, outputs: Tensor) -> Tensor:
        """Outputs as (samples, sensed lines)."""
        ...

    def samples(self, inputs: Tensor) -> int:
        """Length of the first dimension of inputs, 1 where they are a single sample without one."""
        ...

    def vectors(self, inputs: Tensor, part: slice) -> Tensor:
        """(vectors, word lines of `part`): what drives them, in the order of `by_line`. Raises NotApplicable."""
        ...


@dataclass(frozen=True)
class Dense:
    """matrix: (outputs, inputs); inputs are (..., inputs)."""

    matrix: Tensor

    @property
    def length(self) -> int:
        """Word lines."""
        return self.matrix.shape[1]

    def outputs(self, inputs: Tensor, part: slice) -> Tensor:
        """(..., outputs)."""
        return functional.linear(inputs[..., part], self.matrix[:, part])

    def squares(self, inputs: Tensor, part: slice) -> Tensor:
        """(..., 1)."""
        return inputs[..., part].square().sum(-1, keepdim=True)

    def of(self, cells: Tensor) -> Dense:
        """The product with `cells`, whose trailing dimensions may be one."""
        return Dense(cells.reshape(self.matrix.shape))

    def magnitudes(self) -> Dense:
        """The product with |matrix|."""
        return Dense(self.matrix.abs())

    def along(self, lines: Tensor) -> Tensor:
        """(outputs,): they come last."""
        return lines

    def by_line(self, outputs: Tensor) -> Tensor:
        """(samples, outputs)."""
        return outputs.reshape(-1, outputs.shape[-1])

    def samples(self, inputs: Tensor) -> int:
        """Of (samples, ..., inputs)."""
        return len(inputs) if inputs.ndim > 1 else 1

    def vectors(self, inputs: Tensor, part: slice) -> Tensor:
        """The inputs."""
        return inputs[..., part].reshape(-1, part.stop - part.start)


@dataclass(frozen=True)
class Convolution:
    """kernel: (outputs, channels of a group, *window), one word line per channel and place in the window.

    convolve: torch.conv1d, conv2d or conv3d; how: its stride, padding, dilation and groups.
    """

    kernel: Tensor
    convolve: Callable[..., Tensor]
    how: Mapping[str, Any]

    @property
    def length(self) -> int:
        """Word lines."""
        return self.kernel[0].numel()

    def outputs(self, inputs: Tensor, part: slice) -> Tensor:
        """Feature maps; cells outside the part are left out by zeros in the kernel."""
        channels = self._channels(part)
        kernel = self.kernel[:, channels] * self._mask(part)[channels]
        return self.convolve(self._of(inputs, channels), kernel, None, **self.how)

    def squares(self, inputs: Tensor, part: slice) -> Tensor:
        """The sum for every place of the window, repeated for the outputs of a group where there are several."""
        groups, channels = self.how["groups"], self._channels(part)
        kernel = self._mask(part)[channels].expand(groups, -1, *self.kernel.shape[2:])
        sums = self.convolve(self._of(inputs, channels).square(), kernel, None, **self.how).clamp_(min=0)
        return sums if groups == 1 else sums.repeat_interleave(len(self.kernel) // groups, self._channel_axis)

    def of(self, cells: Tensor) -> Convolution:
        """The product with `cells`."""
        return replace(self, kernel=cells.reshape(self.kernel.shape))

    def magnitudes(self) -> Convolution:
        """The product with |kernel|."""
        return replace(self, kernel=self.kernel.abs())

    def along(self, lines: Tensor) -> Tensor:
        """(outputs, 1, ...): one number per feature map."""
        return lines.view(-1, *[1] * (self.kernel.ndim - 2))

    def by_line(self, outputs: Tensor) -> Tensor:
        """(places, outputs)."""
        return outputs.movedim(self._channel_axis, -1).reshape(-1, len(self.kernel))

    def samples(self, inputs: Tensor) -> int:
        """Of (samples, channels, ...)."""
        return len(inputs) if inputs.ndim == self.kernel.ndim else 1

    def vectors(self, inputs: Tensor, part: slice) -> Tensor:
        """The windows, of convolutions of pictures in one group."""
        if self.kernel.ndim != 4 or self.how["groups"] != 1 or isinstance(self.how["padding"], str):
            raise NotApplicable(
                "line by line only convolutions of pictures, of one group and padding in numbers, are told"
            )
        place = {name: self.how[name] for name in ("dilation", "padding", "stride")}
        windows = functional.unfold(inputs, self.kernel.shape[2:], **place)
        return windows.mT.reshape(-1, self.length)[:, part]

    @property
    def _channel_axis(self) -> int:
        return 1 - self.kernel.ndim

    def _mask(self, part: slice) -> Tensor:
        mask = self.kernel.new_zeros(self.length)
        mask[part] = 1
        return mask.view(self.kernel.shape[1:])

    def _channels(self, part: slice) -> slice:
        """The channels that the part touches; with groups, each of which has its own channels, all."""
        if self.how["groups"] != 1:
            return slice(0, self.kernel.shape[1])
        window = self.length // self.kernel.shape[1]
        return slice(part.start // window, -(-part.stop // window))

    def _of(self, inputs: Tensor, channels: slice) -> Tensor:
        if self.how["groups"] != 1:
            return inputs
        return inputs.narrow(self._channel_axis, channels.start, channels.stop - channels.start)


@dataclass(frozen=True)
class Read:
    """A call that reads `weight`: its product, its inputs and what is added to the outputs afterwards."""

    weight: Tensor
    product: Product
    inputs: Tensor
    bias: Tensor | None = None


def _linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Read:
    return Read(weight, Dense(weight), input, bias)


def _matmul(input: Tensor, other: Tensor) -> Read:
    return Read(other, Dense(other.mT), input)


def _convolution(convolve: Callable[..., Tensor]) -> Callable[..., Read]:
    def read(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Read:
        how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        column = None if bias is None else bias.view(-1, *[1] * (weight.ndim - 2))
        return Read(weight, Convolution(weight, convolve, how), input, column)

    return read


# torch's functions that read a matrix, with parameters named as theirs.
READS: Mapping[Any, Callable[..., Read]] = {
    functional.linear: _linear,
    **dict.fromkeys((torch.matmul, torch.mm, Tensor.matmul, Tensor.mm, Tensor.__matmul__), _matmul),
    **{convolve: _convolution(convolve) for convolve in (torch.conv1d, torch.conv2d, torch.conv3d)},
}
