"""Least-squares lines of what sensed lines show on their ideal outputs, gathered read by read."""

from __future__ import annotations

import torch
from torch import Tensor

from suite.crossbar.programming import Line


class Fit:
    """The line of each sensed line of one tile: slope and offset by least squares over all samples."""

    def __init__(self) -> None:
        self._count = 0
        self._sums: Tensor | None = None

    def add(self, ideal: Tensor, shown: Tensor) -> None:
        """(samples, lines) ideal outputs and what was shown."""
        x, y = ideal.double(), shown.double()
        sums = torch.stack([x.sum(0), y.sum(0), x.square().sum(0), (x * y).sum(0)])
        self._count += len(x)
        self._sums = sums if self._sums is None else self._sums + sums

    def line(self, worth: Tensor | None) -> Line:
        """worth: outputs per shown number by the targets, (lines,), None for 1: the slope of lines whose ideal output
        never changed, as where nothing drives them."""
        assert self._sums is not None
        x, y, xx, xy = self._sums / self._count
        variance = xx - x.square()
        nominal = torch.ones_like(x) if worth is None else 1 / worth.double()
        told = variance > 1e-12 * xx.clamp(min=torch.finfo(x.dtype).tiny)
        slope = ((xy - x * y) / variance).where(told, nominal)
        # A line that shows nothing of its outputs cannot be undone.
        slope = slope.where(slope != 0, nominal)
        return Line(slope.float(), (y - slope * x).float())
