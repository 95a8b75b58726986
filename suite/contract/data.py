"""The data part of the contract: the splits of a workload, at one of four scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from suite.contract.errors import SuiteError
from suite.contract.sources import Source

if TYPE_CHECKING:
    import torch

Scale = Literal["ci", "quick", "reference", "paper"]


@dataclass(frozen=True)
class Splits:
    """The data of a workload: map-style datasets of (input, target), disjoint but for test sets that are parts of
    others, and the source every row will name.

    source: one text, or {test set: text} where they are not of one kind.
    digest: any text that is another one for other data, where the files that `data` opens do not tell (see
        `suite.plan.identity.content`), or where large sets would have to be read to see them.
    augment(varied, generator) -> varied: a random variation for training alone, drawn from `generator`. The workload's
        `collate` decides what it acts on: where there is one, on the list of samples that `collate` then gets, so that
        targets move with their inputs (new samples: those given are the data's own); else on the inputs of a batch,
        on the generator's device, which keep their targets. A module-level function, so that it can be sent to other
        processes.
    """

    train: Any
    validation: Any
    tests: Mapping[str, Any]
    source: Source
    augment: Callable[[Any, torch.Generator], Any] | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.source, str) and set(self.source) != set(self.tests):
            raise SuiteError(
                f"Splits.source names {', '.join(self.source)}, and the test sets are {', '.join(self.tests)}: give "
                "one text for all of them, or one for each"
            )
