"""CIFAR-10 photographs on MobileNetV2 with strides for 32 x 32 pixels, 2.2 M parameters (figure 2b; which version and
width the paper took is not known).

Data: CIFAR-10 (Krizhevsky, 2009; source `cifar10`), 50,000 training and 10,000 test images in ten classes; its licence
is not stated by its author. Training images are held out for validation, always the same; `reference` takes 10,000 for
training and 1,000 of the test images, `paper` all of them.
Expected clean score: 24 % at `quick` on the JPEG mirror `cifar10:jpeg75` (measured here). `reference` takes a quarter
of an hour of a core for one training; it and `paper`, which needs a GPU and has to reach 88 %, have not been run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=1, batch=16, learning_rate=3e-3, weight_decay=1e-4, test_block=32),
    "quick": Recipe(epochs=2, batch=16, learning_rate=1e-3, weight_decay=1e-4, test_block=32),
    "reference": Recipe(epochs=5, batch=128, learning_rate=3e-3, weight_decay=1e-4, test_block=32, unit_evaluations=80),
    "paper": Recipe(epochs=40, batch=128, learning_rate=3e-3, weight_decay=1e-4),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Images (3, 32, 32), standardised; the same for every seed."""
    splits: Splits = load("cifar10", root).splits(scale)
    return splits


# Of each stage: expansion, output channels, blocks, stride of the first one (arXiv:1801.04381, table 2). The first
# convolution and the second stage keep the resolution, which 224 x 224 pixels would have them halve.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """MobileNetV2 of Sandler et al. (arXiv:1801.04381) at width 1, He initialisation (with torch's own, a short
    training leaves the running variances of fifty layers far above the true ones).

    Noise points: after every ReLU6; the linear outputs of the blocks have none.
    """
    import torch
    from torch import nn

    with seeded(generator):
        width = 32
        blocks: list[nn.Module] = [_convolution(3, width, 3)]
        for expansion, wider, count, stride in STAGES:
            for number in range(count):
                blocks.append(_block(width, wider, expansion, stride if number == 0 else 1))
                width = wider
        blocks.append(_convolution(width, 1280, 1))
        built: Any = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 10))
        for module in built.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
    built.noise_points = tuple(name for name, module in built.named_modules() if isinstance(module, nn.ReLU6))
    return built.to(memory_format=torch.channels_last)


def _convolution(before: int, width: int, side: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(before, width, side, stride, side // 2, groups=groups, bias=False), nn.BatchNorm2d(width), nn.ReLU6()
    )


def _block(before: int, after: int, expansion: int, stride: int) -> nn.Module:
    """An inverted residual block: 1 x 1 wider, 3 x 3 depthwise, 1 x 1 linear, with a shortcut where shapes agree."""
    from torch import nn

    class Shortcut(nn.Sequential):
        def forward(self, inputs: Tensor) -> Tensor:
            outputs: Tensor = super().forward(inputs)
            return inputs + outputs

    inner = before * expansion
    layers = [
        *([_convolution(before, inner, 1)] if expansion > 1 else []),
        _convolution(inner, inner, 3, stride, groups=inner),
        nn.Conv2d(inner, after, 1, bias=False),
        nn.BatchNorm2d(after),
    ]
    return Shortcut(*layers) if stride == 1 and before == after else nn.Sequential(*layers)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="CIFAR-10, MobileNet",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.2),
)
