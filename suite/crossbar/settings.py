"""What a study may say about its crossbars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Crossbar:
    """How a network's tensors become cells.

    cells: "weights" programs what the workload calls its arrays, biases and normalisation stay digital;
        "all_parameters" programs every parameter, as the authors' code does.
    """

    cells: Literal["weights", "all_parameters"] = "weights"
