"""A stand-in for an encoder, which needs no file: what outlines in each of 4 x 4 cells look like.

Made for scenes of plain shapes on plain ground: corners of three kinds by 2 x 2 windows (S. B. Gray, IEEE Transactions
on Computers C-20, 551-561, 1971), edges, area and mean colour.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

GRID = 4
CHANNELS = 9


def outlines(pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float16]:
    """(n, 16, CHANNELS) of pictures (size, size, 3) whose corner shows the ground: shares of windows with one, three
    and two opposite pixels of shapes, with edges across and along, all of them, and colours."""
    return np.stack([_outlines(picture) for picture in pictures])


def _outlines(picture: NDArray[np.uint8]) -> NDArray[np.float16]:
    shape = (picture != picture[0, 0]).any(2)
    a, b, c, d = (np.roll(shape, (-down, -right), (0, 1)) for down in (0, 1) for right in (0, 1))
    filled = a.astype(int) + b + c + d
    opposite = (filled == 2) & (a == d)
    maps = [filled == 1, filled == 3, opposite, a != b, a != c, shape]
    stacked = np.concatenate([np.stack(maps, 2), picture / 255], 2)
    size = picture.shape[0] // GRID
    cells = stacked.reshape(GRID, size, GRID, size, -1).mean((1, 3))
    return cells.reshape(GRID**2, -1).astype(np.float16)
