"""From votes to certified radii: exact binomial bounds, and the theorems solved for the number of faulty cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["any", "half_double", "dead"]
KINDS: tuple[Kind, ...] = ("any", "half_double", "dead")

# Radius where not even the prediction without faults is certain.
NOTHING = -1


@dataclass(frozen=True)
class Masks:
    """The law of the masks: rate = P(0) = p1, half_share = p2 / (1 - p1), as training under weight noise has them.

    Raises ValueError where the law has no mean to divide by, or no zeros.
    """

    rate: float
    half_share: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 < self.rate < 1.0:
            raise ValueError(f"the rate of masks lies in (0, 1), not {self.rate}")
        if not 0.0 < self.half_share <= 1.0:
            raise ValueError(f"the share of halves lies in (0, 1], not {self.half_share}")

    @property
    def probabilities(self) -> tuple[float, float, float]:
        """(p1, p2, p3) of the factors 0, 1/2 and 1."""
        p2 = self.half_share * (1 - self.rate)
        return self.rate, p2, 1 - self.rate - p2

    def overlap(self, kind: Kind) -> float:
        """Probability mass that a cell's values share with those of the cell under a fault: p1, or q for half_double.

        "any" bounds every fault from below; half_double are factors 1/2 and 2.
        """
        p1, p2, p3 = self.probabilities
        return p1 + max(0.0, min(p2, p3)) if kind == "half_double" else p1


def lower_bound(votes: NDArray[np.int64], masks: int, error: float) -> Floats:
    """Exact lower bound of a probability from `votes` hits in `masks` trials, wrong with probability `error` at most.

    Clopper and Pearson, Biometrika 26, 404 (1934), one-sided; any shape.
    """
    from scipy.stats import beta

    hits = np.asarray(votes)
    with np.errstate(invalid="ignore"):
        bound = beta.ppf(error, hits, masks - hits + 1)
    return np.where(hits == 0, 0.0, bound)


def needed(kind: Kind, cells: NDArray[np.int64], law: Masks) -> Floats:
    """What a class's smoothed score must exceed to survive `cells` faults: theorems A ("any", "half_double"), B."""
    shared = law.overlap(kind) ** np.asarray(cells, dtype=float)
    return 1 - shared / 2 if kind == "dead" else 1.5 - shared


def radii(kind: Kind, scores: Floats, law: Masks, most: int) -> NDArray[np.int64]:
    """The largest number of faults, up to `most`, that every score survives; NOTHING for a score of 1/2 or less.

    scores: lower bounds of smoothed scores, any shape.
    """
    scores = np.asarray(scores, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = 2 * (1 - scores) if kind == "dead" else 1.5 - scores
        solved = np.log(left) / np.log(law.overlap(kind))
    found = np.clip(np.nan_to_num(np.floor(solved), nan=most, posinf=most), NOTHING, most).astype(np.int64)
    # Rounding may put the floor one off, and on an exact tie it is one too high: the theorems ask for more, not equal.
    found = np.where((found < most) & (scores > needed(kind, found + 1, law)), found + 1, found)
    found = np.where(scores > needed(kind, found, law), found, found - 1)
    return np.where(scores > 0.5, found, NOTHING)
