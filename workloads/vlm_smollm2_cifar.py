"""CIFAR-10 answered in a word by a language model that sees a projected image (figure 5b): a stand-in for MiniGPT-4.

MiniGPT-4-shaped (arXiv:2304.10592), 135 M: EfficientNet-lite0, frozen and digital, 128 pixels, its features averaged to
four tokens -> a linear layer 1280 -> 576, all that is trained -> SmolLM2-135M-Instruct, frozen, in bfloat16. Setting
placement: `projection` puts the linear layer on crossbars (737,280 cells); `model` the 210 linear layers of the language
model as well. training: `answers` adds the cross entropy of the answer to that of alignment (cosine of an image's mean
token with the candidates' words, which asks no language model); `alignment` is the latter alone.

Data: CIFAR-10 (source `cifar10`; on the JPEG mirror `cifar10:jpeg75`), "What is in the picture?", ten words to choose
among; sources `efficientnet_lite0` and `smollm2` and the extra `vlm`. Without them workload and figure are skipped with
the reason. `ci` asks a tiny language model of random weights to count generated shapes instead (`synthetic:shapes`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy
from suite.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor, nn

RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=6, batch=16, learning_rate=1e-2, test_block=32),
    "quick": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=20),
    "reference": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=10),
    "paper": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=5),
}
# Every so many images of the source's own choice, which suffice for a linear layer.
EVERY: dict[Scale, int] = {"ci": 1, "quick": 2, "reference": 3, "paper": 1}
SCENES = (120, 30, 60)


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Choices among ten words; the same for every seed. Raises DataMissing."""
    from workloads.shared.vision_language import choices, models, tasks
    from workloads.shared.vision_language.words import NUMBERS, PHOTOGRAPHS

    if scale == "ci":
        task, words = tasks.counting(tasks.outlines(), SCENES), models.TINY_ANSWERS
        question, first = "How many shapes are there?", len(PHOTOGRAPHS)
        assert words[: len(NUMBERS)] == NUMBERS
    else:
        load("smollm2", root)
        task, words = tasks.photographs(tasks.efficientnet(root), scale, root), PHOTOGRAPHS
        question, first = "What is in the picture?", 0
    kept = [part.only(slice(None, None, EVERY[scale])) for part in (task.train, task.validation, task.test)]
    features = choices.standardised([part.features[part.image] for part in kept])
    train, validation, test = (
        choices.choices(
            models.speech_of(scale),
            own,
            [choices.Asked(i, question, words, words[answer - first]) for i, answer in enumerate(part.answers)],
        )
        for own, part in zip(features, kept, strict=True)
    )
    return Splits(train, validation, {"test": test}, task.source, digest=task.digest)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Weights of the projection N(0, 1 / 1280), bias 0."""
    from workloads.shared.vision_language import encoder, models, outline

    channels = outline.CHANNELS if scale == "ci" else encoder.CHANNELS
    return models.network(generator, scale, settings, channels)


def step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """See `workloads.shared.vision_language.projection.Projected.loss`."""
    return network.loss(*batch)  # type: ignore[operator]


def arrays(network: nn.Module) -> Mapping[str, Tensor]:
    """By the setting placement."""
    from workloads.shared.vision_language.projection import arrays as of_network

    return of_network(network)


def frozen(network: nn.Module) -> Mapping[str, Tensor]:
    """The language model."""
    from workloads.shared.vision_language.projection import frozen as of_network

    return of_network(network)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="CIFAR-10 in a word, MiniGPT-4-shaped stand-in (135 M)",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", 0.1)},
    scores=scores,
    floor=("accuracy", 0.4),
    arrays=arrays,
    step=step,
    frozen=frozen,
    standin=True,
    settings={"placement": "projection", "training": "answers"},
)
