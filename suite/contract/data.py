"""The data part of the contract: the splits of a workload, at one of four scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Scale = Literal["ci", "quick", "reference", "paper"]


@dataclass(frozen=True)
class Splits:
    """The data of a workload: map-style datasets of (input, target), disjoint, and the source every row will name.

    digest: any text that is another one for other data, where the files that `data` opens do not tell (see
        `suite.plan.identity.content`), or where large sets would have to be read to see them.
    augment(inputs, generator) -> inputs: a random variation of a batch that keeps its targets, made on the generator's
        device; for training alone. A module-level function, so that it can be sent to other processes.
    """

    train: Any
    validation: Any
    tests: Mapping[str, Any]
    source: str
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None
    digest: str = ""
