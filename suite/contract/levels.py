"""What a device says of its levels: the numbers that a study sweeps on it, each a coordinate of the cube."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What entries of `conditions`, conditions and the tables of a cube call otherwise.
RESERVED = frozenset(
    {
        "condition",
        "contestant",
        "crossbar",
        "curve",
        "curve_source",
        "device",
        "devices",
        "fits",
        "grid",
        "key",
        "level_ratio",
        "levels",
        "mean",
        "method",
        "n_nonfinite",
        "n_realisations",
        "realisation",
        "score",
        "seed",
        "settings",
        "sigma_of",
        "source",
        "specimen",
        "status",
        "std",
        "unit_hash",
        "usability",
        "value",
        "workload",
        "workloads",
    }
)


@dataclass(frozen=True)
class Level:
    """meaning: in a few words, with the unit; example: a value at which `program` changes its targets.

    least, most: the range in which the device knows what happens; only: the few values where it does, () for all of
    the range.
    """

    meaning: str
    example: float
    least: float = -math.inf
    most: float = math.inf
    only: tuple[float, ...] = ()

    def check(self, value: float) -> float:
        """The value itself. Raises ValueError where nothing is known of it, with what is."""
        if self.only and value not in self.only:
            raise ValueError(f"nothing is known at {value:g}, give one of {', '.join(f'{one:g}' for one in self.only)}")
        if not self.least <= value <= self.most:
            raise ValueError(f"nothing is known at {value:g}, give a value from {self.least:g} to {self.most:g}")
        return value


SIGMA: Mapping[str, Level] = {
    "sigma_log": Level("standard deviation of ln(w'/w), or usability = exp(-sigma_log)", -math.log(0.5))
}


def check_levels(levels: Mapping[str, Level], settings: Mapping[str, Any]) -> None:
    """Raises ValueError for a name that no study can write or no cube can hold, and where there is none."""
    if not levels:
        raise ValueError("levels: give at least one, such as {'seconds': Level('since programming, s', 3600.0)}")
    for name in levels:
        if not name.isidentifier() or name in RESERVED or name in settings:
            raise ValueError(f"levels: {name!r} is a setting, is taken, or is no plain name; give it another")
