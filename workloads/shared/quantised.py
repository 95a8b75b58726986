"""Activations of a few bits with straight-through gradients, clipped where training puts the clip.

PACT: J. Choi et al., "PACT: parameterized clipping activation for quantized neural networks", arXiv:1805.06085. The
gradient passes rounding as if it were not there; what lies beyond the clip moves the clip instead of its input.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def quantised(values: Tensor, clip: Tensor, bits: int, signed: bool = False) -> Tensor:
    """The nearest of the evenly spaced values from 0 (or -clip, if signed) to clip, 0 among them: 2^bits of them, or
    2^bits - 1.

    Straight-through: gradient 1 within the clip; beyond it the clip's own, of the sign of the value.
    """
    steps = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    found: Tensor = _Rounded.apply(values, clip, steps, -steps if signed else 0)
    return found


class _Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, clip: Tensor, steps: int, low: int) -> Tensor:
        grid = clip / steps
        codes = values / grid
        ctx.save_for_backward(codes)
        ctx.ends = (low, steps)
        return codes.clamp(low, steps).round_().mul_(grid)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor | None, None, None]:
        (codes,), (low, high) = ctx.saved_tensors, ctx.ends
        above, below = codes > high, codes < low
        moved = None
        if ctx.needs_input_grad[1]:
            moved = gradient[above].sum()
            if low:
                moved = moved - gradient[below].sum()
        return gradient.masked_fill(above | below, 0), moved, None, None


class Quantised(nn.Module):
    """Rounds and clips; clip: where it starts, and with `learned` a parameter."""

    clip: Tensor

    def __init__(self, bits: int, clip: float = 3.0, signed: bool = False, learned: bool = True) -> None:
        super().__init__()
        self.bits, self.signed = bits, signed
        if learned:
            self.clip = nn.Parameter(torch.tensor(clip))
        else:
            self.register_buffer("clip", torch.tensor(clip))

    def forward(self, values: Tensor) -> Tensor:
        """Values of any shape."""
        return quantised(values, self.clip, self.bits, self.signed)

    def extra_repr(self) -> str:
        """What it is, as modules say it."""
        return f"bits={self.bits}, signed={self.signed}"
