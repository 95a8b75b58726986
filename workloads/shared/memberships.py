"""Scores of classifiers whose samples belong to one class, or to several: accuracy, macro F1 and ROC AUC.

A sample whose output is not finite counts as wrong: it is given to no class, and ranked last where it belongs and first
where it does not.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """accuracy, f1 and auc of logits (N, classes); targets: class numbers (N,) int64, or memberships (N, classes) bool.

    accuracy: the largest logit is of a class that the sample belongs to.
    f1: mean over the classes with members of 2 right / (given to it + members), every sample given to one class. Where
        samples belong to several it stays below 1 by definition.
    auc: mean over the classes with members and others of the chance that a member has higher odds than another sample.
    """
    members = functional.one_hot(targets, outputs.shape[1]).bool() if targets.ndim == 1 else targets
    finite = outputs.isfinite().all(1)
    given = outputs.argmax(1)
    right = members.gather(1, given.unsqueeze(1)).squeeze(1) & finite
    odds = log_odds(outputs)
    if not finite.all():
        odds[~finite] = torch.where(members[~finite], -torch.inf, torch.inf)
    return {
        "accuracy": float(right.sum()) / len(outputs),
        "f1": macro_f1(given[right], given[finite], members),
        "auc": macro_auc(odds, members),
    }


def macro_f1(right: Tensor, given: Tensor, members: Tensor) -> float:
    """Mean over the classes with members, as scikit-learn's; right, given: the classes given rightly, and at all."""
    counts = members.sum(0)
    hits, tries = (torch.bincount(some, minlength=len(counts)) for some in (right, given))
    there = counts > 0
    return float((2 * hits[there] / (tries + counts)[there]).double().mean())


def log_odds(outputs: Tensor) -> Tensor:
    """ln(p / (1 - p)) of softmax probabilities p: ranks as p does, and still tells apart what is all but certain."""
    best = outputs.argmax(1, keepdim=True)
    others = outputs.scatter(1, best, -torch.inf).logsumexp(1, keepdim=True)
    shares = outputs.log_softmax(1)
    odds = shares - torch.log1p(-shares.exp())
    return odds.scatter(1, best, outputs.gather(1, best) - others)


def macro_auc(odds: Tensor, members: Tensor) -> float:
    """Mean over classes of the area under the ROC curve, one against the rest, ties half; 0.5 without such a class."""
    areas = []
    columns, insides = (np.ascontiguousarray(values.t().numpy()) for values in (odds, members))
    for column, inside in zip(columns, insides, strict=True):
        count, others = np.count_nonzero(inside), np.count_nonzero(~inside)
        if count and others:
            own, everyone = column[inside], np.sort(column)
            below = everyone.searchsorted(own, "left").sum() + everyone.searchsorted(own, "right").sum()
            # Members beat each other in half of all pairs, themselves included.
            areas.append((below - count**2) / (2 * count * others))
    return float(np.mean(areas)) if areas else 0.5
