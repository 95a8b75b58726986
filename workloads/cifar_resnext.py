"""CIFAR-10 photographs on ResNeXt-29, 32 groups of width 4, 4.8 M parameters (figure 2b; which form the paper took
is not known).

Data: CIFAR-10 (Krizhevsky, 2009; source `cifar10`), 50,000 training and 10,000 test images in ten classes; its licence
is not stated by its author. Training images are held out for validation, always the same; `reference` takes 10,000 for
training and 1,000 of the test images, `paper` all of them; `ci` and `quick` take a share of their scale's.
Expected clean score: 26 % at `quick` on the JPEG mirror `cifar10:jpeg75` (measured here). `reference` would take an
hour of a core for one training; it and `paper`, which needs a GPU and has to reach 92 %, have not been run.
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
    "ci": Recipe(epochs=1, batch=8, learning_rate=1e-3, weight_decay=1e-4, test_block=64),
    "quick": Recipe(epochs=2, batch=8, learning_rate=1e-3, weight_decay=1e-4, test_block=64),
    "reference": Recipe(epochs=5, batch=128, learning_rate=3e-3, weight_decay=1e-4, test_block=64, unit_evaluations=80),
    "paper": Recipe(epochs=40, batch=128, learning_rate=3e-3, weight_decay=1e-4),
}
# Of the scale's samples: tests and first looks shall not take minutes.
SHARES: dict[Scale, float] = {"ci": 0.5, "quick": 0.4}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (3, 32, 32), standardised; the same for every seed."""
    splits: Splits = load("cifar10", root).splits(scale, SHARES.get(scale, 1.0))
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """ResNeXt-29 (32x4d) of Xie et al. (arXiv:1611.05431, section 5.3) as pytorchcv builds it: a fourteenth of the
    parameters of the 16x64d form, He initialisation. Noise points: after every ReLU."""
    import torch
    from pytorchcv.models.resnext_cifar import resnext29_32x4d_cifar10

    with seeded(generator):
        return resnext29_32x4d_cifar10().to(memory_format=torch.channels_last)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="CIFAR-10, ResNeXt",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.2),
    needs=("pytorchcv",),
)
