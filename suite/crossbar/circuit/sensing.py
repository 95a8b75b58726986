"""What the sensed lines of an array make of its cells, in either direction of reading.

A driven line has two polarities, with the positive cells of its pairs on one and the negative ones on the other. In
current mode a sensed line, held at virtual ground, sums x (G+ - G-). In voltage mode it floats, and settles at

    V_j = sum_i x_i (G+_ij - G-_ij) / S_j,    S_j = sum_i (G+_ij + G-_ij) over the driven lines of one tile,

so that a factor common to all cells of a line cancels (Wan et al., Nature 608, 504-512, 2022). What comes back is
unit S_j V_j, with S_j of the targets: that is known where the cells' own is not. Resistance in front of a driven line
takes the share R sum_j G_ij of its voltage, to first order 1 / (1 + R sum_j G_ij).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from suite.contract import SuiteError
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.settings import Crossbar


class FloatingLine(SuiteError):
    """A line to sense in voltage mode has no conductance at all, and so no voltage."""


@dataclass(frozen=True)
class Sensing:
    """One direction of reading an array.

    matrix: what is summed, shaped as the array's own products take it, in uS (voltage mode) or in weights; None: the
    weights of the product itself. sums: S_j of each tile, (lines,) uS, () in current mode; scales: what a volt per volt
    is worth by the targets, of each tile, (lines,).
    """

    matrix: Tensor | None = None
    sums: Sequence[Tensor] = ()
    scales: Sequence[Tensor] = ()

    def outputs(self, product: Product, inputs: Tensor, part: slice, tile: int) -> Tensor:
        """What the sensed lines of a tile show of `inputs`, whose driven lines are `part`."""
        taken = product if self.matrix is None else product.of(self.matrix)
        return self.settled(product, taken.outputs(inputs, part), tile)

    def magnitudes(self) -> Sensing:
        """With what is summed without its sign."""
        return self if self.matrix is None else replace(self, matrix=self.matrix.abs())

    def settled(self, product: Product, sums: Tensor, tile: int) -> Tensor:
        """A weighted sum of what drives the lines, as they show it."""
        return sums / product.along(self.sums[tile]) if self.sums else sums

    def undone(self, product: Product, sensed: Tensor, tile: int) -> Tensor:
        """Outputs in the units of the layer, by the targets."""
        return sensed * product.along(self.scales[tile]) if self.scales else sensed


def sensing(
    name: str, cells: Tensor, targets: Tensor, unit: float | Tensor, crossbar: Crossbar, groups: int, transpose: bool
) -> Sensing:
    """Of the array called `name`; cells, targets: (2, *shape) uS as programmed and as aimed at; unit: weight per uS.

    Raises FloatingLine.
    """
    loaded = _loaded(cells, crossbar, groups, transpose)
    difference = loaded[0] - loaded[1]
    if crossbar.sensing == "current":
        matrix = difference * unit
        return Sensing(matrix.flatten(1).mT if transpose else matrix)
    matrix = difference.flatten(1).mT if transpose else difference
    sums, aimed = (_line_sums(some, crossbar, transpose) for some in (loaded, targets))
    _check(name, (*sums, *aimed), transpose)
    rows = torch.as_tensor(unit).expand(1, *cells.shape[2:]).flatten().to(cells)
    parts = _parts(cells, crossbar, transpose)
    # A tile of rows has one unit; read backward, each of its rows is a line of its own.
    worth = [rows if transpose else rows[part.start] for part in parts]
    return Sensing(matrix, sums, [one * line for one, line in zip(aimed, worth, strict=True)])


def _loaded(cells: Tensor, crossbar: Crossbar, groups: int, transpose: bool) -> Tensor:
    """Cells as they seem behind the resistance in front of their driven lines."""
    if crossbar.source_ohm is None:
        return cells
    matrices = cells.reshape(2, groups, cells.shape[1] // groups, -1)
    # Of the lines that are sensed together.
    axis, most = (3, crossbar.tile_rows) if transpose else (2, crossbar.tile_columns and crossbar.tile_columns // 2)
    parts = [matrices.narrow(axis, some.start, some.stop - some.start) for some in pieces(matrices.shape[axis], most)]
    ohm = crossbar.source_ohm * 1e-6
    return torch.cat([part / (1 + ohm * part.sum(axis, keepdim=True)) for part in parts], axis).view_as(cells)


def _line_sums(cells: Tensor, crossbar: Crossbar, transpose: bool) -> list[Tensor]:
    """S_j of each tile of driven lines, (lines,) uS."""
    totals = cells.sum(0).flatten(1)
    lines = totals.mT if transpose else totals
    return [lines[:, part].sum(1) for part in _parts(cells, crossbar, transpose)]


def _parts(cells: Tensor, crossbar: Crossbar, transpose: bool) -> list[slice]:
    return driven(cells.shape[1] if transpose else cells[0, 0].numel(), crossbar, transpose)


def driven(length: int, crossbar: Crossbar, transpose: bool) -> list[slice]:
    """The driven lines of a read, tile by tile. Only what happens to each tile by itself tells them apart: currents add
    otherwise."""
    if crossbar.tile_columns is None or not (crossbar.converts or crossbar.sensing == "voltage"):
        return [slice(0, length)]
    return pieces(length, crossbar.tile_columns // 2 if transpose else crossbar.tile_rows)


def _check(name: str, sums: Sequence[Tensor], transpose: bool) -> None:
    for number, tile in enumerate(sums):
        if not (tile > 0).all():
            line = int((tile <= 0).nonzero()[0])
            raise FloatingLine(
                f"array '{name}': {'word' if transpose else 'bit'} line {line} of tile {number % (len(sums) // 2)} has "
                "no conductance, and in voltage mode no voltage; give the crossbar g_min_uS (1, say), or sensing: "
                "current"
            )
