"""Arrays larger than a crossbar are cut into tiles, each with its own wires and its own converters."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from suite.crossbar.circuit.wires import transconductance


def pieces(length: int, most: int | None) -> list[slice]:
    """A line of cells cut into as few pieces as reach, equal up to one cell; `most` None: one piece."""
    count = 1 if most is None else -(-length // most)
    ends = [length * number // count for number in range(count + 1)]
    return [slice(start, end) for start, end in pairwise(ends)]


def through_wires(pairs: Tensor, wire_ohm: float, tile_rows: int, tile_columns: int) -> Tensor:
    """What the cells of an array seem to be, seen from outside its wires.

    pairs: (2, groups, columns, rows) conductances in uS of weight matrices with a crossbar each; the two cells of a
    pair lie on neighbouring bit lines of one tile. Returns the same shape: uA at a bit line per volt at a word line.
    The currents of tiles that share a column are summed outside (virtual grounds do not see each other).
    """
    found = torch.empty_like(pairs)
    for columns in pieces(pairs.shape[2], tile_columns // 2):
        for rows in pieces(pairs.shape[3], tile_rows):
            bit_lines = pairs[:, :, columns, rows].permute(1, 3, 2, 0)
            seen = transconductance(bit_lines.flatten(2), wire_ohm)
            found[:, :, columns, rows] = seen.unflatten(2, (-1, 2)).permute(3, 0, 2, 1)
    return found
