"""Arrays larger than a crossbar are cut into tiles, each with its own wires and its own converters."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise, product

import torch
from torch import Tensor

from suite.crossbar.circuit.wires import transconductance

# Tiles of one shape are solved together: small ones cost calls rather than arithmetic. 50 MB at 128 x 128.
TILES_AT_ONCE = 64


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
    found, groups = torch.empty_like(pairs), pairs.shape[1]
    alike: dict[tuple[int, int], list[tuple[slice, slice]]] = defaultdict(list)
    for columns, rows in product(pieces(pairs.shape[2], tile_columns // 2), pieces(pairs.shape[3], tile_rows)):
        alike[columns.stop - columns.start, rows.stop - rows.start].append((columns, rows))
    for places in alike.values():
        tiles = [pairs[:, :, columns, rows].permute(1, 3, 2, 0).flatten(2) for columns, rows in places]
        seen = [transconductance(some, wire_ohm) for some in torch.cat(tiles).split(TILES_AT_ONCE)]
        for (columns, rows), tile in zip(places, torch.cat(seen).split(groups), strict=True):
            found[:, :, columns, rows] = tile.unflatten(2, (-1, 2)).permute(3, 0, 2, 1)
    return found
