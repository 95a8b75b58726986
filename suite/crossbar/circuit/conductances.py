"""Weights as differential pairs of conductances, and back.

A pair stands for w = unit (G+ - G-): one cell carries |w| above the resting conductance, the other one rests.
Conductances are in uS, weights without unit; a pair of arrays is (2, *shape of the weights), positive cells first.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.settings import Crossbar, CrossbarError


def limits(crossbar: Crossbar) -> tuple[float, float]:
    """Lowest and highest conductance that a cell can be set to, uS."""
    assert crossbar.g_max_uS is not None
    return crossbar.g_min_uS or 0.0, crossbar.g_max_uS


def weight_per_uS(weights: Tensor, crossbar: Crossbar) -> float | Tensor:
    """What one uS between the cells of a pair is worth: the array's largest |weight| spans the whole range, or a
    percentile of each tile of rows does, (1, *shape of a column). Raises CrossbarError where that percentile is 0."""
    low, high = limits(crossbar)
    span = high if crossbar.rest == "floor" else high - low
    if crossbar.scale_percentile is None:
        return float(weights.abs().max()) / span
    rows = weights.detach().reshape(len(weights), -1).abs()
    found = weights.new_empty(rows.shape[1])
    for part in pieces(rows.shape[1], crossbar.tile_rows):
        found[part] = _percentile(rows[:, part], crossbar.scale_percentile) / span
    return found.view(1, *weights.shape[1:])


def _percentile(weights: Tensor, percentile: float) -> float:
    value = float(np.percentile(weights.cpu().numpy(), percentile))
    if value == 0 and weights.any():
        raise CrossbarError(
            f"scale_percentile: {percentile:g} % of a tile's weights are 0, which leaves no scale for the others; "
            "raise it, or leave it out"
        )
    return value


def pairs(weights: Tensor, crossbar: Crossbar) -> Tensor:
    """(*shape) weights -> (2, *shape) conductances in uS, float32. An array of zeros has all cells at rest."""
    low, high = limits(crossbar)
    unit = torch.as_tensor(weight_per_uS(weights, crossbar))
    carried = torch.stack([weights, -weights]).float().clamp(min=0)
    cells = carried / unit.where(unit != 0, 1)
    cells = cells.clamp_(min=low) if crossbar.rest == "floor" else cells.add_(low)
    return cells.clamp_(max=high) if crossbar.clip_at_g_max else cells


def quantised(conductances: Tensor, crossbar: Crossbar) -> Tensor:
    """Each conductance at the nearest of `levels` that are evenly spaced between the limits."""
    assert crossbar.levels is not None
    low, high = limits(crossbar)
    step = (high - low) / (crossbar.levels - 1)
    return ((conductances - low) / step).round_().mul_(step).add_(low)


def scattered(conductances: Tensor, normal: Tensor, noise_uS: float) -> Tensor:
    """Conductances as they come out of programming: Gaussian about what was asked for, and never below 0."""
    return torch.add(conductances, normal, alpha=noise_uS).clamp_(min=0)


def weights_of(conductances: Tensor, unit: float | Tensor) -> Tensor:
    """(2, *shape) conductances in uS -> (*shape) weights."""
    return (conductances[0] - conductances[1]).mul_(unit)


def gain(asked: Tensor, seen: Tensor, noise: Tensor) -> float:
    """What the outputs of an array are multiplied by, so that they are what was asked for in the mean.

    asked, seen: (*shape) weights; noise: (*shape) error of the calibration read, which drives every word line once. By
    least squares of what comes on what was asked for, errors of cells average out. 1 where nothing comes.
    """
    come = float((asked * (seen + noise)).sum())
    return float(asked.square().sum()) / come if come > 0 else 1.0
