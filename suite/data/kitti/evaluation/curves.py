"""From hits and false alarms to average precision: the official 41 samples, and all points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suite.data.kitti.evaluation.counts import Counts

Floats = NDArray[np.float64]

SAMPLES = 41


def sampled_thresholds(scores: Sequence[float] | Floats, counted: int) -> Floats:
    """Those of the hits' scores (descending) at which recall comes nearest to the next multiple of 1/40; at most 41.

    counted: number of truths that count.
    """
    kept, recall = [], 0.0
    for place, score in enumerate(scores):
        last = place == len(scores) - 1
        left = (place + 1) / counted
        right = left if last else (place + 2) / counted
        if right - recall < recall - left and not last:
            continue
        kept.append(score)
        recall += 1 / (SAMPLES - 1)
    return np.array(kept, np.float64)


def curve(values: Floats) -> Floats:
    """(thresholds,) precisions -> (41,): the k-th in entry k **by number, not by recall**, each raised to the maximum
    of all later ones. So that fewer than 41 truths never fill it, however well they are found."""
    entries = np.zeros(SAMPLES)
    entries[: len(values)] = values
    return np.maximum.accumulate(entries[::-1])[::-1]


def r11(entries: Floats) -> float:
    """Average precision in percent by 11 recall samples, official until October 2019."""
    return 100 * float(entries[::4].mean())


def r40(entries: Floats) -> float:
    """Average precision in percent by 40 recall samples, official since; the first entry (recall 0) is left out."""
    return 100 * float(entries[1:].mean())


def all_points(counts: Counts, counted: int) -> float:
    """Average precision in percent as the area under the precision (raised to the maximum at higher recall) against
    recall, hits / truths: for sets of any size; a perfect detector has 100."""
    order = np.lexsort((counts.precision, counts.hits))
    recall, precision = counts.hits[order] / max(counted, 1), counts.precision[order]
    raised = np.maximum.accumulate(precision[::-1])[::-1]
    return 100 * float((np.diff(recall, prepend=0.0) * raised).sum())
