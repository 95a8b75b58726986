"""How many crossbars of one size a network takes: tiles of its arrays side by side, first fit."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.settings import Crossbar, CrossbarError


def check_cores(arrays: Mapping[str, Tensor], crossbar: Crossbar) -> None:
    """Raises CrossbarError, with the array that no longer fits, where arrays take more cores than there are."""
    if crossbar.cores is None:
        return
    assert crossbar.tile_rows is not None
    assert crossbar.tile_columns is not None
    free: list[int] = []
    for name, array in arrays.items():
        rows = pieces(array[0].numel(), crossbar.tile_rows)
        widths = [2 * (part.stop - part.start) for part in pieces(len(array), crossbar.tile_columns // 2)]
        for width in sorted(widths * len(rows), reverse=True):
            core = next((core for core, lines in enumerate(free) if lines >= width), None)
            if core is None and len(free) == crossbar.cores:
                raise CrossbarError(
                    f"cores: array '{name}' does not fit on what the arrays before it leave of {crossbar.cores} cores "
                    f"of {crossbar.tile_rows} x {crossbar.tile_columns} lines; give more, or a smaller network"
                )
            if core is None:
                free.append(crossbar.tile_columns)
                core = len(free) - 1
            free[core] -= width
