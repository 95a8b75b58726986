"""What a method that adapts a network to one chip is given: arrays that are programmed once and then only read."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import nn


class Chip(Protocol):
    """One realisation of a crossbar under one condition, with the network that goes onto it array by array."""

    @property
    def network(self) -> nn.Module:
        """What is adapted, in place: whatever is not programmed yet, and all that stays digital, may change."""
        ...

    @property
    def arrays(self) -> tuple[str, ...]:
        """State-dict names of what the workload puts on crossbars, from the input on."""
        ...

    def program(self, *names: str) -> None:
        """Write arrays as the network has them now; from then on they stay as they are. Raises SuiteError for an array
        that is programmed already, or unknown."""
        ...

    def reading(self) -> AbstractContextManager[nn.Module]:
        """The network with programmed arrays read as the chip reads them, the others as its own trainable tensors.

        What a layer with a programmed array gives out is a measurement: no gradient goes back through it. Cells that
        are noisy at reading have other noise in every context: one for each batch.
        """
        ...
