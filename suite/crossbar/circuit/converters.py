"""Converters between numbers and voltages or currents."""

from __future__ import annotations

from torch import Tensor

from suite.crossbar.settings import Crossbar


def converted(values: Tensor, full_scale: float, bits: int, unsigned: bool = False) -> Tensor:
    """Values as a uniform converter of `bits` gives them: 2^bits - 1 codes from -full_scale to full_scale, 0 among
    them, or 2^bits from 0 on where it is unsigned; what lies beyond is clipped. A full scale of 0 leaves nothing but
    0."""
    step = full_scale / (2**bits - 1 if unsigned else 2 ** (bits - 1) - 1)
    clipped = values.clamp(0.0 if unsigned else -full_scale, full_scale)
    return (clipped / step).round_().mul_(step) if step else clipped


def counted(values: Tensor, full_scale: float, steps: int) -> Tensor:
    """Values as decrements of charge count them: sgn(q) (n - 1/2) with n = ceil(|q|) up to `steps`, q the value in
    units of full_scale / steps; nothing is 0."""
    step = full_scale / steps
    if not step:
        return values.clamp(0, 0)
    return (values / step).abs_().ceil_().clamp_(max=steps).sub_(0.5).mul_(step).mul_(values.sign())


def code(full_scale: float, crossbar: Crossbar) -> float:
    """What one code of the output converter is worth."""
    if crossbar.output_steps is not None:
        return full_scale / crossbar.output_steps
    assert crossbar.output_bits is not None
    return full_scale / (2 ** (crossbar.output_bits - 1) - 1)


def read_out(values: Tensor, full_scale: float, crossbar: Crossbar) -> Tensor:
    """Values through the output converter of a crossbar that has one."""
    if crossbar.output_steps is not None:
        return counted(values, full_scale, crossbar.output_steps)
    assert crossbar.output_bits is not None
    return converted(values, full_scale, crossbar.output_bits)
