"""The loss: classes (focal), boxes of positive anchors (smooth L1), their direction (cross entropy)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from workloads.shared.pointpillars.sizes import CLASSES, CODE

# Of the focal loss, whose exponent gamma is 2.
ALPHA = 0.25
BETA = 1 / 9
BOX_WEIGHT, DIRECTION_WEIGHT = 2.0, 0.2


def loss(said: Tensor, wanted: Mapping[str, Tensor]) -> Tensor:
    """(sweeps, anchors, 12) of the network, and what is wanted of the anchors (`samples`) -> scalar: the sums of each
    sweep over its number of positive anchors, mean over the sweeps."""
    sweeps, flat = len(said), said.flatten(0, 1)
    counts = torch.bincount(wanted["frame"], minlength=sweeps).clamp(min=1)
    classes = _classes(flat[:, : len(CLASSES)], wanted).view(sweeps, -1).sum(1) / counts
    share = 1 / counts[wanted["frame"]]
    own = flat[wanted["positive"]]
    code, direction = own[:, len(CLASSES) : len(CLASSES) + CODE], own[:, len(CLASSES) + CODE :]
    boxes = (_boxes(code, wanted["code"]) * share).sum()
    directions = (functional.cross_entropy(direction, wanted["direction"], reduction="none") * share).sum()
    return (classes.sum() + BOX_WEIGHT * boxes + DIRECTION_WEIGHT * directions) / sweeps


def _classes(logits: Tensor, wanted: Mapping[str, Tensor]) -> Tensor:
    """(anchors, classes) focal losses: of nothing for all but positive anchors, and 0 for ignored ones."""
    truth = torch.zeros_like(logits)
    truth[wanted["positive"], wanted["kind"]] = 1
    weight = torch.ones_like(logits[:, :1])
    weight[wanted["ignored"]] = 0
    probability = logits.sigmoid()
    missed = probability + truth - 2 * probability * truth  # 1 - p of the truth
    scale = (1 - ALPHA) + (2 * ALPHA - 1) * truth
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return weight * scale * missed.square() * entropy


def _boxes(code: Tensor, truth: Tensor) -> Tensor:
    """(positive,): the heading counts by the sine of its error, so that a box is right either way round."""
    error = torch.cat([code[:, :-1] - truth[:, :-1], torch.sin(code[:, -1:] - truth[:, -1:])], 1)
    return functional.smooth_l1_loss(error, torch.zeros_like(error), beta=BETA, reduction="none").sum(1)
