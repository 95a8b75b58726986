"""The rate of the machine's own matrix product: the floor that everything else is measured against."""

from __future__ import annotations

import torch

from tests.bench.tables import seconds

SIDE = 2048


def sgemm_rate() -> float:
    """Operations per CPU second of one float32 product of SIDE-sided matrices."""
    left, right = torch.ones(2, SIDE, SIDE)
    return 2 * SIDE**3 / seconds(lambda: torch.mm(left, right))
