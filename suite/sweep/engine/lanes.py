"""Feature maps with the samples innermost: (height, width, channels, samples).

In this layout a window of a row is one contiguous matrix (kernel cells x samples), so a convolution is a run of matrix
products without an im2col copy per window, and pooling is a maximum of strided slices, each with a long contiguous run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Lanes:
    """A batch of feature maps as (height, width, channels, samples)."""

    data: Tensor

    @staticmethod
    def of(value: Lanes | Tensor) -> Lanes:
        """The same maps in this layout; a tensor is (samples, channels, height, width)."""
        return value if isinstance(value, Lanes) else Lanes(value.permute(2, 3, 1, 0).contiguous())

    @property
    def shape(self) -> torch.Size:
        """The shape that the network's own code sees: (samples, channels, height, width)."""
        height, width, channels, samples = self.data.shape
        return torch.Size((samples, channels, height, width))

    def natural(self) -> Tensor:
        """A fresh tensor (samples, channels, height, width)."""
        return self.data.permute(3, 2, 0, 1).clone(memory_format=torch.contiguous_format)

    def flat(self) -> Tensor:
        """Features (samples, channels x height x width), as flatten(1) orders them; samples stay innermost."""
        return self.data.permute(2, 0, 1, 3).reshape(-1, self.data.shape[-1]).t()


def natural(value: Any) -> Any:
    """Lanes as the tensor a layer expects; anything else as it is."""
    return value.natural() if isinstance(value, Lanes) else value
