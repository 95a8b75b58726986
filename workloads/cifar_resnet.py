"""CIFAR-10 photographs on ResNet-20, 0.27 M parameters (figure 2b; which depth the paper took is not known).

Data: CIFAR-10 (Krizhevsky, 2009; source `cifar10`), 50,000 training and 10,000 test images in ten classes; its licence
is not stated by its author. Training images are held out for validation, always the same; `reference` takes 10,000 for
training and 1,000 of the test images, `paper` all of them.
Expected clean score: 63 % at `reference` on the JPEG mirror `cifar10:jpeg75` (ERM, the recipe as it is: 62.8 % on
validation, 63.6 % on the 1,000 test images; measured here); 91.25 % for the full training of the publication. `paper`
needs a GPU and has not been run. The batch at `reference` was chosen by validation (128: 60.4 %).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=16, learning_rate=3e-3, weight_decay=1e-4, test_block=64),
    "quick": Recipe(epochs=3, batch=32, learning_rate=3e-3, weight_decay=1e-4, test_block=64),
    "reference": Recipe(epochs=5, batch=64, learning_rate=3e-3, weight_decay=1e-4, test_block=64, unit_evaluations=80),
    "paper": Recipe(epochs=40, batch=128, learning_rate=3e-3, weight_decay=1e-4),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (3, 32, 32), standardised; the same for every seed. settings: images to train on, 0 for the scale's."""
    splits: Splits = load("cifar10", root).splits(scale, images=settings["images"])
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """ResNet-20 of He et al. (arXiv:1512.03385, section 4.2) as pytorchcv builds it: 1 x 1 convolutions where a
    shortcut changes width, He initialisation. Noise points: after every ReLU."""
    import torch
    from pytorchcv.models.resnet_cifar import resnet20_cifar10

    with seeded(generator):
        return resnet20_cifar10().to(memory_format=torch.channels_last)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="CIFAR-10, ResNet",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.25),
    settings={"images": 0},
    needs=("pytorchcv",),
)
