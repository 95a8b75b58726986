"""CIFAR-10 answered in a word by a language model that sees a projected image (figure 5b): a stand-in for MiniGPT-4.

MiniGPT-4-shaped (arXiv:2304.10592), 135 M: EfficientNet-lite0, frozen and digital, 128 pixels, its features averaged to
four tokens -> a linear layer 1280 -> 576, all that is trained -> SmolLM2-135M-Instruct, frozen, in bfloat16. Setting
placement: `projection` puts the linear layer on crossbars (737,280 cells); `model` the 210 linear layers of the
language model as well. training: `answers` adds the cross entropy of the answer to that of alignment (cosine of an
image's mean token with the candidates' words, which asks no language model); `alignment` is the latter alone.

Data: CIFAR-10 (source `cifar10`; on the JPEG mirror `cifar10:jpeg75`), "What is in the picture?", ten words to choose
among; sources `efficientnet_lite0` and `smollm2` and the extra `vlm`. Without them workload and figure are skipped with
the reason. Clean score (ERM, seed 0, on the mirror; measured here): 72.2 % at `reference`, 334 images; 44.0 % at
`quick`, 125 images. `ci` asks a tiny language model of random weights to count generated shapes instead
(`synthetic:shapes`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy
from suite.data import load
from workloads.shared.vision_language.observed import BASELINES
from workloads.shared.vision_language.parts import arrays, frozen, network, step

if TYPE_CHECKING:
    from torch import Tensor

RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=6, batch=16, learning_rate=1e-2, test_block=32),
    "quick": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=20),
    "reference": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=10),
    "paper": Recipe(epochs=2, batch=32, learning_rate=2e-3, test_block=32, unit_evaluations=5),
}
# Every so many images of the source's own choice, which suffice for a linear layer.
EVERY: dict[Scale, int] = {"quick": 2, "reference": 3, "paper": 1}
QUESTION = "What is in the picture?"


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Choices among ten words; the same for every seed. Raises DataMissing."""
    from workloads.shared.vision_language import choices, models, stand_in, tasks
    from workloads.shared.vision_language.words import PHOTOGRAPHS

    if scale == "ci":
        return stand_in.counting("test")
    load("smollm2", root)
    task = tasks.photographs(tasks.efficientnet(root), scale, root)
    kept = [part.only(slice(None, None, EVERY[scale])) for part in (task.train, task.validation, task.test)]
    train, validation, test = choices.named(models.speech_of(scale), kept, QUESTION, PHOTOGRAPHS, 0)
    return Splits(train, validation, {"test": test}, task.source, digest=task.digest)


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
    observations={"baselines": BASELINES},
)
