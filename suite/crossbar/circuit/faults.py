"""Cells that no programming moves."""

from __future__ import annotations

from torch import Tensor

from suite.crossbar.circuit.conductances import limits
from suite.crossbar.settings import Crossbar


def stuck(conductances: Tensor, uniform: Tensor, crossbar: Crossbar) -> Tensor:
    """Conductances with some cells stuck at the highest or the lowest one.

    uniform: one number in [0, 1) per cell, from whose low end cells are stuck on and from whose high end stuck off:
    the cells of a share are among those of every larger one.
    """
    low, high = limits(crossbar)
    found = conductances
    if crossbar.stuck_on is not None:
        found = found.masked_fill(uniform < crossbar.stuck_on, high)
    if crossbar.stuck_off is not None:
        found = found.masked_fill(uniform >= 1 - crossbar.stuck_off, low)
    return found
