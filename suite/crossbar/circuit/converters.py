"""Converters between numbers and voltages or currents."""

from __future__ import annotations

from torch import Tensor


def converted(values: Tensor, full_scale: float, bits: int) -> Tensor:
    """Values as a signed uniform converter of `bits` gives them: 2^bits - 1 codes from -full_scale to full_scale, 0
    among them; what lies beyond is clipped. A full scale of 0 leaves nothing but 0."""
    codes = 2 ** (bits - 1) - 1
    step = full_scale / codes
    clipped = values.clamp(-full_scale, full_scale)
    return (clipped / step).round_().mul_(step) if step else clipped
