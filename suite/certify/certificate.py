"""A certificate as two tables: bounds and radii of every test sample, and accuracy against the number of faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suite.certify.bounds import KINDS, Kind, Masks, lower_bound, radii
from suite.certify.faults import faulty
from suite.certify.smoothing import Voter, keeps

if TYPE_CHECKING:
    from pandas import DataFrame

# Numbers of faults that are tried at random, beside those that are certified, and how far beyond the last of these.
TRIED, BEYOND, FEWEST = 6, 1.5, 6


@dataclass(frozen=True)
class Effort:
    """How much is drawn. masks: behind every bound; confidence: that all bounds of all samples hold together;
    patterns: random sets of faults per number of faulty cells, each judged by `pattern_masks` masks."""

    masks: int = 10_000
    confidence: float = 0.999
    patterns: int = 20
    pattern_masks: int = 500

    def __post_init__(self) -> None:
        if min(self.masks, self.patterns, self.pattern_masks) < 1 or not 0 < self.confidence < 1:
            raise ValueError(f"masks and patterns are at least 1, confidence lies in (0, 1): {self}")


@dataclass(frozen=True)
class Certificate:
    """samples: a row per test sample; curve: a row per kind and number of faulty cells; facts: one value each."""

    samples: DataFrame
    curve: DataFrame
    facts: dict[str, Any]


def certify(voter: Voter, law: Masks, effort: Effort) -> Certificate:
    """The certificate of one trained state under masks of `law`.

    A sample is certified for k faults if the bound of its label's smoothed score says so. The bounds are exact
    (Clopper and Pearson) and hold together with probability `confidence` (Bonferroni over the samples; the label is
    given, so that no class is chosen by the votes that bound it).
    """
    votes, labels = voter.votes(law, effort.masks), voter.labels
    own = np.take_along_axis(votes, labels[:, None], axis=1)[:, 0]
    bounds = lower_bound(own, effort.masks, (1 - effort.confidence) / len(labels))
    certified = {kind: radii(kind, bounds, law, voter.cells) for kind in KINDS}
    p1, p2, _ = law.probabilities
    facts = {
        "p_zero": p1,
        "p_half": p2,
        "masks": effort.masks,
        "confidence": effort.confidence,
        "pattern_masks": effort.pattern_masks,
        "n_samples": len(labels),
        "n_cells": voter.cells,
        "plain": float((voter.outputs(voter.arrays).argmax(1).cpu().numpy() == labels).mean()),
        "smoothed": float(keeps(votes, labels).mean()),
    }
    return Certificate(_samples(labels, own, bounds, certified), _curve(voter, law, effort, certified), facts)


def _samples(
    labels: NDArray[np.int64],
    own: NDArray[np.int64],
    bounds: NDArray[np.float64],
    certified: dict[Kind, NDArray[np.int64]],
) -> DataFrame:
    import pandas

    columns = {"sample": np.arange(len(labels)), "label": labels, "votes": own, "lower_bound": bounds}
    return pandas.DataFrame({**columns, **{f"radius_{kind}": found for kind, found in certified.items()}})


def _curve(voter: Voter, law: Masks, effort: Effort, certified: dict[Kind, NDArray[np.int64]]) -> DataFrame:
    import pandas

    rows: list[dict[str, Any]] = []
    for kind, found in certified.items():
        last = min(voter.cells, max(FEWEST, int(np.ceil(BEYOND * found.max()))))
        tried = set(np.linspace(0, last, TRIED).round().astype(int).tolist())
        for cells in range(last + 1):
            row = {"kind": kind, "cells": cells, "certified": float((found >= cells).mean())}
            seen = _tried(voter, law, effort, kind, cells, found >= cells) if cells in tried else {"patterns": 0}
            rows.append({**row, **seen})
    return pandas.DataFrame(rows).astype({"broken": "Int64"})


def _tried(
    voter: Voter, law: Masks, effort: Effort, kind: Kind, cells: int, certified: NDArray[np.bool_]
) -> dict[str, float]:
    """Smoothed accuracy under random faults.

    mean: over patterns; worst_pattern: the lowest of one pattern; worst: share of samples that keep their label under
    every pattern, which is what the certified share must stay below; broken: certified samples that lost it.
    """
    kept = np.stack(
        [
            keeps(voter.votes(law, effort.pattern_masks, programmed), voter.labels)
            for pattern in range(effort.patterns if cells else 1)
            for programmed in [faulty(voter.arrays, kind, cells, pattern, voter.key)]
        ]
    )
    return {
        "worst": float(kept.all(0).mean()),
        "worst_pattern": float(kept.mean(1).min()),
        "mean": float(kept.mean()),
        "broken": int((certified & ~kept.all(0)).sum()),
        "patterns": len(kept),
    }
