"""Whether two ways to the same outputs agree."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

# Of the largest output: rounding stays below it, another computation rarely does.
TOLERANCE = 1e-4


def agree(found: Any, expected: Any) -> bool:
    """Nested outputs alike: structure and whole numbers exactly, other numbers up to TOLERANCE of the tensor's largest
    finite one; what is not finite is so in both."""
    if isinstance(expected, Tensor):
        return isinstance(found, Tensor) and found.shape == expected.shape and _close(found, expected)
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and agree([*found.items()], [*expected.items()])
    if isinstance(expected, (list, tuple)):
        alike = isinstance(found, (list, tuple)) and len(found) == len(expected)
        return alike and all(map(agree, found, expected))
    if isinstance(expected, (float, np.ndarray)) and type(found) is type(expected):
        return agree(torch.as_tensor(found), torch.as_tensor(expected))
    if isinstance(expected, weakref.ref):  # recurrent layers keep such to their weights
        return isinstance(found, weakref.ref) and agree(found(), expected())
    if hasattr(expected, "__dict__"):
        return type(found) is type(expected) and agree(vars(found), vars(expected))
    return not isinstance(found, Tensor) and bool(found == expected)


def _close(found: Tensor, expected: Tensor) -> bool:
    if not (found.is_floating_point() or found.is_complex()):
        return torch.equal(found, expected)
    finite = expected.isfinite()
    if not torch.equal(found.isfinite(), finite):
        return False
    found, expected = found[finite], expected[finite]
    return not len(found) or bool(((found - expected).abs().max() <= TOLERANCE * expected.abs().max()).item())
