"""Resistive wires: what a tile of ohmic cells gives at its bit lines, exactly, as one linear operator.

Geometry (that of badcrossbar): word line i is driven by a voltage source at its left end and its far end is open; bit
line j ends at the bottom in virtual ground, where its current is sensed, and its top is open. A segment of `wire_ohm`
lies before each cell on the word line (source to the first cell included) and after each cell on the bit line (last
cell to ground included). Node (i, j) of word line i and node (i, j) of bit line j are joined by cell (i, j).

Instead of a sparse solve of all 2 x rows x columns nodes, rows are joined one by one from the top: a row of cells with
its word line is a Norton equivalent seen from its bit nodes, and so is all that lies above it. With G the conductances
of a row, M[j, k] = min(j, k) + 1 the segments that the ways from the source to cells j and k share, and r the segment:

    own admittance     S = G (1 + r M G)^-1            current per volt of the row    s = S 1
    seen from above    P = (1 + r Y)^-1                joined   Y <- S + P Y,   J <- [P J, s]

and at the bottom I = (1 + r Y)^-1 J. Nothing is subtracted, so that nothing cancels, and r -> 0 gives I = G^T.
"""

from __future__ import annotations

import torch
from torch import Tensor


def transconductance(conductances_uS: Tensor, wire_ohm: float) -> Tensor:
    """(tiles, rows, columns) conductances -> (tiles, rows, columns): uA at each bit line per volt at each word line.

    By reciprocity the same matrix, transposed, holds for a tile that is driven at the sensing ends of its bit lines
    and sensed at the driven ends of its word lines. float64 inside; the work is about 7 rows columns^3 operations.
    """
    cells = conductances_uS.double()
    per_uS = wire_ohm * 1e-6
    tiles, rows, columns = cells.shape
    identity = torch.eye(columns, dtype=cells.dtype, device=cells.device)
    admittance = cells.new_zeros(tiles, columns, columns)
    currents = cells.new_zeros(tiles, columns, rows)
    for row in range(rows):
        own = _row_admittance(cells[:, row], per_uS)
        above = torch.linalg.solve(identity + per_uS * admittance, torch.cat([admittance, currents[..., :row]], -1))
        admittance = own + above[..., :columns]
        currents[..., :row] = above[..., columns:]
        currents[..., row] = own.sum(-1)
    return torch.linalg.solve(identity + per_uS * admittance, currents).mT.to(conductances_uS.dtype)


def _row_admittance(cells: Tensor, per_uS: float) -> Tensor:
    """(tiles, columns) cells of one row -> (tiles, columns, columns) admittance of its bit nodes, drive grounded."""
    count = torch.arange(1, cells.shape[-1] + 1, dtype=cells.dtype, device=cells.device)
    shared = torch.minimum(count[:, None], count)
    identity = torch.eye(len(count), dtype=cells.dtype, device=cells.device)
    # G (1 + r M G)^-1 from the right: X (1 + r M G) = G.
    return torch.linalg.solve(identity + per_uS * shared * cells[:, None, :], torch.diag_embed(cells), left=False)
