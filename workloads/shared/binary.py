"""Loss and scores of networks that give one logit per sample, for two classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from suite.contract import Score

if TYPE_CHECKING:
    from torch import Tensor


def measures(majority: float = 0.5) -> dict[str, Score]:
    """Accuracy, AUC and MCC; majority: share of the larger class, the accuracy of a constant prediction.

    Accuracy comes first, as what tuning maximises, where classes are equal; else AUC, which has no majority to learn.
    """
    accuracy, auc = Score("Accuracy", chance=majority), Score("AUC", chance=0.5)
    first = {"accuracy": accuracy, "auc": auc} if majority == 0.5 else {"auc": auc, "accuracy": accuracy}
    return {**first, "mcc": Score("MCC", chance=0.0)}


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross entropy of logits (N,) and labels (N,) of 0 and 1."""
    from torch.nn import functional

    return functional.binary_cross_entropy_with_logits(outputs, targets.to(outputs.dtype))


def scores(outputs: Tensor, targets: Tensor) -> Mapping[str, float]:
    """Accuracy, area under the ROC curve and Matthews correlation of logits (N,) and labels (N,).

    A logit that is not finite counts as the wrong class, said with more confidence than any other. Constant predictions
    have MCC 0, constant logits AUC 0.5 (ties count half); with one class alone AUC is 0.5.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, matthews_corrcoef, roc_auc_score

    labels, logits = targets.numpy() > 0, outputs.double().numpy()
    broken = ~np.isfinite(logits)
    beyond = np.abs(logits[~broken]).max(initial=0.0) + 1
    logits = np.where(broken, np.where(labels, -beyond, beyond), logits)
    predicted = logits > 0
    both = labels.any() and not labels.all()
    return {
        "accuracy": float(accuracy_score(labels, predicted)),
        "auc": float(roc_auc_score(labels, logits)) if both else 0.5,
        "mcc": float(matthews_corrcoef(labels, predicted)),
    }
