"""Variations of kept features for training: the grid of an image's cells mirrored or turned.

Nearly what the encoder would give of the mirrored image, as it was trained on mirrored ones; for free, as the kept
features are those of the image as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from workloads.shared.vision_language.tasks import COUNTED
from workloads.shared.vision_language.words import spelled


def varied(inputs: Sequence[Any], generator: torch.Generator) -> list[Any]:
    """[features (n, cells, channels) of square grids, words (n, longest)] with each grid mirrored left to right or not;
    that of a scene to count, which has no upside, mirrored and turned in one of eight ways."""
    features, words = inputs
    count, cells, _ = features.shape
    ways = eight_ways(cells)
    mirrored = torch.randint(2, (count,), generator=generator)
    turned = torch.randint(len(ways), (count,), generator=generator)
    scene = (words == torch.from_numpy(spelled([COUNTED]))).all(1)
    order = ways[torch.where(scene, turned, mirrored)]
    return [features[torch.arange(count)[:, None], order], words]


def eight_ways(cells: int) -> Tensor:
    """(8, cells): orders of a square grid's cells; the first is as it is, the second mirrored left to right, the others
    are these turned by one, two and three quarters."""
    grid = torch.arange(cells).view(round(cells**0.5), -1)
    turns = [torch.rot90(grid, quarters) for quarters in range(4)]
    return torch.stack([way.flatten() for turn in turns for way in (turn, turn.flip(1))])
