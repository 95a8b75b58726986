"""A network that was fitted to one chip: what it has learned, and the very cells that its arrays are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from suite.contract import ProgrammedWeights

_STATE, _CELLS, _READ_SD = "state/", "cells/", "read_sd/"


@dataclass(frozen=True)
class Adapted:
    """state: what was learned, arrays as they were asked for among it; cells: {array: as it is programmed}, weights
    (*shape), or conductances (2, *shape) in uS on a crossbar with a circuit."""

    state: Mapping[str, Tensor]
    cells: Mapping[str, ProgrammedWeights]

    def tensors(self) -> dict[str, Tensor]:
        """All of it under one name each, for the store."""
        found = {_STATE + name: tensor for name, tensor in self.state.items()}
        found |= {_CELLS + name: one.values for name, one in self.cells.items()}
        return found | {_READ_SD + name: one.read_sd for name, one in self.cells.items() if one.read_sd is not None}

    @staticmethod
    def of(tensors: Mapping[str, Tensor]) -> Adapted:
        """The inverse of `tensors`."""

        def under(prefix: str) -> dict[str, Tensor]:
            return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

        read_sd = under(_READ_SD)
        cells = {name: ProgrammedWeights(values, read_sd.get(name)) for name, values in under(_CELLS).items()}
        return Adapted(under(_STATE), cells)
