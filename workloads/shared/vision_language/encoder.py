"""EfficientNet-lite0 as an encoder: pictures to a grid of features. It is frozen and digital, and only evaluated.

Blocks as M. Tan and Q. V. Le have them (arXiv:1905.11946, table 1), without squeeze and excitation and with ReLU6,
which is what "lite" says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

CHANNELS, EPSILON = 1280, 1e-3
# Blocks of one stage, and the stride of its first.
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
STRIDES = [stride if not number else 1 for count, stride in STAGES for number in range(count)]
BATCH = 32


def encoded(state: Mapping[str, Tensor], pictures: Iterable[NDArray[np.uint8]], size: int) -> NDArray[np.float16]:
    """(n, (size / 32)², 1280) of pictures (height, width, 3), scaled to `size` pixels whole; state: the weights by
    their published names."""
    import torch

    with torch.no_grad():
        parts = [features(state, batch) for batch in _batches(pictures, size)]
    return torch.cat([part.flatten(2).transpose(1, 2).half() for part in parts]).numpy()


def _batches(pictures: Iterable[NDArray[np.uint8]], size: int) -> Iterator[Tensor]:
    """Pixels (n, 3, size, size), from -1 to 1."""
    import torch
    from PIL import Image

    waiting = iter(pictures)
    while some := list(islice(waiting, BATCH)):
        scaled = [np.asarray(Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC)) for one in some]
        pixels = torch.from_numpy(np.stack(scaled)).permute(0, 3, 1, 2).float()
        yield (pixels - 127) / 128


def features(state: Mapping[str, Tensor], pixels: Tensor) -> Tensor:
    """(n, 1280, size / 32, size / 32)."""
    found = _convolved(state, "_conv_stem", "_bn0", pixels, 2).clamp(0, 6)
    for number, stride in enumerate(STRIDES):
        block = f"_blocks.{number}."
        inner = found
        if f"{block}_expand_conv.weight" in state:
            inner = _convolved(state, f"{block}_expand_conv", f"{block}_bn0", inner).clamp(0, 6)
        inner = _convolved(state, f"{block}_depthwise_conv", f"{block}_bn1", inner, stride).clamp(0, 6)
        inner = _convolved(state, f"{block}_project_conv", f"{block}_bn2", inner)
        found = found + inner if found.shape == inner.shape else inner
    return _convolved(state, "_conv_head", "_bn1", found).clamp(0, 6)


def _convolved(state: Mapping[str, Tensor], layer: str, norm: str, inputs: Tensor, stride: int = 1) -> Tensor:
    """A convolution padded as TensorFlow pads ("same"), and its batch normalisation."""
    from torch.nn import functional

    kernel = state[f"{layer}.weight"]
    groups = inputs.shape[1] // kernel.shape[1]
    scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + EPSILON).sqrt()
    shift = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    excess = kernel.shape[-1] - stride
    padded = functional.pad(inputs, (excess // 2, excess - excess // 2) * 2)
    return functional.conv2d(padded, kernel * scale[:, None, None, None], shift, stride, groups=groups)
