"""Fixed, stratified choices of samples: they depend on the labels and on names alone, never on a study's seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract.seeds import numpy_generator

# Splits are part of what a data source is, so every study sees the same ones whatever its entropy.
SPLIT_ENTROPY = 0


def stratified(labels: NDArray[np.integer[Any]], count: int, *names: str) -> NDArray[np.int64]:
    """`count` distinct positions in ascending order, in which every class keeps its share to within one sample.

    Systematic sampling: shuffle (keyed by `names`), sort by class, take every (n / count)-th.
    """
    shuffled = numpy_generator(SPLIT_ENTROPY, "split", *names).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_class[np.arange(count) * len(labels) // count])
