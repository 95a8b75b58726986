"""One small network for three tasks, whose linear layers after the encoder all lie on crossbars (figure 5b).

A stand-in for MiniGPT-4 (arXiv:2304.10592): features of 4 x 4 cells of an image, a linear layer to 128 channels, a
question in words and four transformer layers, 0.96 M weights at `reference`, trained from scratch; it answers in one of
32 words.

Data: test set `counting`, generated scenes of 1 to 9 shapes whose total area does not tell their number
(`synthetic:shapes`). With the encoder `efficientnet` (weights of the source `efficientnet_lite0`, frozen and digital,
128 pixels; its features are kept in the cache folder) also `cifar10` (source `cifar10`, named in a word) and `easy_vqa`
(source `easy_vqa`, generated as well, by its author: 13 answers). With `outline`, which needs no file and tells corners
and edges of plain shapes, counting alone; that is what `ci` and `quick` take unless the setting `encoder` says more.
Answers are right or wrong among all 32 words; `near` also takes a number that is off by one.

Clean scores (ERM at `reference`, the recipe as it is, seed 0; command in docs/vlm.md): CIFAR-10 on the JPEG mirror
75.4 %, easy-VQA 97.2 % (35.2 % without the image), counting 61.3 % exact and 94.1 % to within one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, SuiteError, Workload, seeded
from workloads.shared.vision_language.observed import BASELINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor, nn

CELLS = 16
# Width and number of layers.
SIZES: dict[Scale, tuple[int, int]] = {"ci": (64, 2), "quick": (64, 2), "reference": (128, 4), "paper": (192, 6)}
ENCODERS: dict[Scale, str] = {
    "ci": "outline",
    "quick": "outline",
    "reference": "efficientnet",
    "paper": "efficientnet",
}
# Scenes for training, validation and test.
SCENES: dict[Scale, tuple[int, int, int]] = {
    "ci": (180, 45, 90),
    "quick": (1_800, 180, 450),
    "reference": (16_000, 450, 900),
    "paper": (18_000, 900, 1_800),
}
# How often an epoch asks each photograph and each scene, where each question of easy-VQA is asked once.
TIMES = {"counting": 9, "cifar10": 3, "easy_vqa": 1}

RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=32, learning_rate=3e-3, test_block=64),
    "quick": Recipe(epochs=8, batch=64, learning_rate=4e-3, test_block=64),
    "reference": Recipe(epochs=1, batch=64, learning_rate=1.5e-3, clip_value=1.0, test_block=64, unit_evaluations=12),
    "paper": Recipe(epochs=4, batch=64, learning_rate=1.5e-3, clip_value=1.0, test_block=64, unit_evaluations=5),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Questions on images; the same for every seed. Raises DataMissing where one of the three tasks is not there."""
    from workloads.shared.vision_language import questions, symmetries, tasks

    outlined = _encoder(scale, settings) == "outline"
    if outlined:
        found = {"counting": tasks.counting(tasks.outlines(), SCENES[scale])}
    else:
        encoder = tasks.efficientnet(root)
        found = {
            "counting": tasks.counting(encoder, SCENES[scale]),
            "cifar10": tasks.photographs(encoder, scale, root),
            "easy_vqa": tasks.easy(encoder, scale, root),
        }
    of = questions.moments([task.train for task in found.values()])
    times = [TIMES[name] if len(found) > 1 else 1 for name in found]
    return Splits(
        questions.Joined([task.train.standardised(*of) for task in found.values()], times),
        questions.Joined([task.validation.standardised(*of) for task in found.values()], [1] * len(found)),
        {name: task.test.standardised(*of) for name, task in found.items()},
        {name: task.source for name, task in found.items()},
        augment=None if outlined else symmetries.varied,
        digest=" ".join(task.digest for task in found.values()),
    )


def _encoder(scale: Scale, settings: Settings) -> str:
    name = str(settings["encoder"] or ENCODERS[scale])
    if name not in ENCODERS.values():
        raise SuiteError(f"vlm_small: encoder is {name!r}; write outline or efficientnet")
    return name


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Torch's own initialisation but of the places of tokens."""
    from workloads.shared.vision_language import encoder, outline
    from workloads.shared.vision_language.answerer import Answerer

    channels = outline.CHANNELS if _encoder(scale, settings) == "outline" else encoder.CHANNELS
    with seeded(generator):
        return Answerer(CELLS, channels, *SIZES[scale])


def scores(outputs: Tensor, targets: Tensor) -> Mapping[str, float]:
    """Share of right answers, and with numbers that are off by one."""
    import torch

    from workloads.shared.vision_language.words import FIRST_NUMBER, NUMBERS

    chosen, sound = outputs.argmax(1), torch.isfinite(outputs).all(1)
    counted = [(words >= FIRST_NUMBER) & (words < FIRST_NUMBER + len(NUMBERS)) for words in (chosen, targets)]
    near = ((chosen - targets).abs() <= 1) & counted[0] & counted[1]
    right = (chosen == targets) & sound
    return {"accuracy": right.double().mean().item(), "near": (right | near & sound).double().mean().item()}


WORKLOAD = Workload(
    title="Three tasks, small stand-in for MiniGPT-4",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={
        "accuracy": Score("Accuracy", {"counting": 1 / 9, "cifar10": 1 / 10, "easy_vqa": 1 / 13}),
        # Of nine numbers, two have one neighbour and seven have two.
        "near": Score("Accuracy, numbers to within one", {"counting": 25 / 81, "cifar10": 1 / 10, "easy_vqa": 1 / 13}),
    },
    scores=scores,
    floor=("accuracy", 0.56),
    standin=True,
    settings={"encoder": ""},
    observations={"baselines": BASELINES},
)
