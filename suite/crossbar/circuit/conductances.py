"""Weights as differential pairs of conductances, and back.

A pair stands for w = unit (G+ - G-): one cell carries |w| above the resting conductance, the other one rests.
Conductances are in uS, weights without unit; a pair of arrays is (2, *shape of the weights), positive cells first.
"""

from __future__ import annotations

import torch
from torch import Tensor

from suite.crossbar.settings import Crossbar


def limits(crossbar: Crossbar) -> tuple[float, float]:
    """Lowest and highest conductance that a cell can be set to, uS."""
    assert crossbar.g_max_uS is not None
    return crossbar.g_min_uS or 0.0, crossbar.g_max_uS


def weight_per_uS(weights: Tensor, crossbar: Crossbar) -> float:
    """What one uS between the cells of a pair is worth: the array's largest |weight| spans the whole range."""
    low, high = limits(crossbar)
    return float(weights.abs().max()) / (high - low)


def pairs(weights: Tensor, crossbar: Crossbar) -> Tensor:
    """(*shape) weights -> (2, *shape) conductances in uS, float32. An array of zeros has all cells at rest."""
    low, high = limits(crossbar)
    unit = weight_per_uS(weights, crossbar)
    carried = torch.stack([weights, -weights]).float().clamp(min=0)
    return (carried / unit if unit else carried).add_(low).clamp_(max=high)


def quantised(conductances: Tensor, crossbar: Crossbar) -> Tensor:
    """Each conductance at the nearest of `levels` that are evenly spaced between the limits."""
    assert crossbar.levels is not None
    low, high = limits(crossbar)
    step = (high - low) / (crossbar.levels - 1)
    return ((conductances - low) / step).round_().mul_(step).add_(low)


def scattered(conductances: Tensor, normal: Tensor, noise_uS: float) -> Tensor:
    """Conductances as they come out of programming: Gaussian about what was asked for, and never below 0."""
    return torch.add(conductances, normal, alpha=noise_uS).clamp_(min=0)


def weights_of(conductances: Tensor, unit: float) -> Tensor:
    """(2, *shape) conductances in uS -> (*shape) weights."""
    return (conductances[0] - conductances[1]).mul_(unit)


def gain(asked: Tensor, seen: Tensor, noise: Tensor) -> float:
    """What the outputs of an array are multiplied by, so that they are what was asked for in the mean.

    asked, seen: (*shape) weights; noise: (*shape) error of the calibration read, which drives every word line once. By
    least squares of what comes on what was asked for, errors of cells average out. 1 where nothing comes.
    """
    come = float((asked * (seen + noise)).sum())
    return float(asked.square().sum()) / come if come > 0 else 1.0
