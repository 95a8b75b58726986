"""CIFAR-10 photographs on the ResNet-20 of the NeuRRAM chip (Wan et al., Nature 608, 504-512, 2022): inputs of 4 bits,
activations of 3, batch normalisation, 1 x 1 convolutions where a shortcut changes width; 0.27 M parameters.

Data: CIFAR-10 (Krizhevsky, 2009; source `cifar10`), pixels from 0 to 1. `reference` takes 30,000 images for training
and 3,000 of the test images, `paper` all of them. On the JPEG mirror `cifar10:jpeg75` the authors' own weights score
five points less than published.
Published: 87.56 % in software (trained for 200 epochs under noise of 20 % of each layer's largest weight), 85.66 % on
the chip. Batch normalisation and biases stay digital here; on the chip they are folded into the cells.
"""

from __future__ import annotations

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
    pulse_energy,
    seeded,
    sensed_lines,
)
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

# Of activations and of pictures, as workloads.shared.quantised_resnet has them.
BITS, INPUT_BITS = 3, 4
# Of the sizes that data sources have for a scale.
SHARES: dict[Scale, float] = {"ci": 1.0, "quick": 1.0, "reference": 3.0, "paper": 1.0}
RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=16, learning_rate=3e-3, test_block=64),
    "quick": Recipe(epochs=3, batch=32, learning_rate=3e-3, test_block=64),
    "reference": Recipe(epochs=15, batch=64, learning_rate=3e-3, test_block=64, unit_evaluations=10),
    "paper": Recipe(epochs=200, batch=128, learning_rate=1e-3, test_block=128),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (3, 32, 32) from 0 to 1; the same for every seed."""
    splits: Splits = load("cifar10", root).splits(scale, share=SHARES[scale], standardised=False)
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """He initialisation; activations are clipped where training puts the clip, inputs at 0.95."""
    import torch

    from workloads.shared.quantised_resnet import QuantisedResNet

    with seeded(generator):
        built: Any = QuantisedResNet(10)
    return built.to(memory_format=torch.channels_last)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="CIFAR-10, NeuRRAM's ResNet-20",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.25),
    observations={"lines": sensed_lines(), "energy": pulse_energy({"": BITS, "stem.weight": INPUT_BITS})},
)
