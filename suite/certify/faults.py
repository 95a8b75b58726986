"""Random faults to hold against a certificate: which cells, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.certify.bounds import Kind
from suite.contract.seeds import numpy_generator
from suite.crossbar.key import Key


def faulty(arrays: Mapping[str, Tensor], kind: Kind, cells: int, pattern: int, key: Key) -> dict[str, Tensor]:
    """The arrays with `cells` faults among all their cells, drawn evenly; `pattern` numbers the draws.

    "dead" cells are 0, "half_double" ones half or twice what they were, evenly; "any" take a value spread evenly over
    [-max|w|, max|w|] of their array.
    """
    random = numpy_generator(key.entropy, "certificate-faults", key.workload, key.seed, kind, cells, pattern)
    total = sum(array.numel() for array in arrays.values())
    chosen = np.sort(random.choice(total, cells, replace=False))
    found, start = {}, 0
    for array, weights in arrays.items():
        end = start + weights.numel()
        flat = weights.flatten().cpu().numpy().copy()
        here = chosen[(chosen >= start) & (chosen < end)] - start
        flat[here] = _values(kind, flat, here, random)
        found[array] = torch.from_numpy(flat).reshape(weights.shape).to(weights.device)
        start = end
    return found


def _values(
    kind: Kind, flat: NDArray[np.float32], here: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.float64]:
    """What the cells at positions `here` of an array become."""
    if kind == "dead":
        return np.zeros(len(here))
    if kind == "half_double":
        return flat[here] * random.choice([0.5, 2.0], len(here))
    limit = np.abs(flat).max()
    return random.uniform(-limit, limit, len(here))
