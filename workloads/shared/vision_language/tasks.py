"""The three tasks of `vlm_small` as questions: shapes to count, photographs to name, easy-VQA."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import Scale, digest
from suite.data import kept, load
from workloads.shared.vision_language import encoder, outline, scenes
from workloads.shared.vision_language.questions import Questions
from workloads.shared.vision_language.scenes import Scenes
from workloads.shared.vision_language.words import FIRST_NUMBER, PHOTOGRAPHS, answer_numbers, spelled

COUNTED, NAMED = "how many shapes are there?", "what is in the picture?"
# Pixels that the encoder sees, along each side.
SEEN = 128
# Images of easy-VQA by scale, for training, validation and test, and how many questions of each are validated or
# tested.
EASY: dict[Scale, tuple[int, int, int]] = {
    "ci": (60, 20, 20),
    "quick": (600, 100, 150),
    "reference": (3_800, 200, 1_000),
    "paper": (3_800, 200, 1_000),
}
ASKED: dict[Scale, int] = {"ci": 1, "quick": 2, "reference": 2, "paper": 10}
# Every so many of its questions for training: half of them suffice.
EVERY: dict[Scale, int] = {"ci": 1, "quick": 1, "reference": 2, "paper": 1}

Pictures = Iterable[NDArray[np.uint8]]


@dataclass(frozen=True)
class Task:
    """Questions of one kind, for training, validation and test; source, digest: of their images."""

    train: Questions
    validation: Questions
    test: Questions
    source: str
    digest: str


@dataclass(frozen=True)
class Encoder:
    """What makes features (n, 16, channels) of pictures; key: what it is made of."""

    key: str
    run: Callable[[Pictures], NDArray[np.float16]]

    def features(self, key: str, pictures: Callable[[], Pictures]) -> NDArray[np.float16]:
        """Of pictures that `key` tells, kept from run to run."""
        return kept(f"features-{digest([self.key, key])[:24]}", lambda: self.run(pictures()))


def outlines() -> Encoder:
    """The stand-in."""
    return Encoder(inspect.getsource(outline), outline.outlines)


def efficientnet(root: Path | None, size: int = SEEN) -> Encoder:
    """EfficientNet-lite0 on images of so many pixels. Raises DataMissing and DataCorrupt."""
    weights = load("efficientnet_lite0", root)
    key = f"{weights.digest} {size} {inspect.getsource(encoder)}"
    return Encoder(key, lambda pictures: encoder.encoded(weights.state, pictures, size))


def counting(encoder: Encoder, sizes: tuple[int, int, int]) -> Task:
    """Scenes of one to nine shapes, in equal shares."""
    code = inspect.getsource(scenes)

    def part(split: str, count: int) -> Questions:
        drawn = Scenes(split, count)
        features = encoder.features(f"{drawn.key} {code}", drawn.pictures)
        return _one_each(features, COUNTED, drawn.numbers - 1 + FIRST_NUMBER)

    train, validation, test = (
        part(split, count) for split, count in zip(("train", "validation", "test"), sizes, strict=True)
    )
    return Task(train, validation, test, Scenes.source, digest([code, encoder.key]))


def photographs(encoder: Encoder, scale: Scale, root: Path | None) -> Task:
    """CIFAR-10, answered in a word. Raises DataMissing and DataCorrupt."""
    splits = load("cifar10", root).splits(scale, standardised=False)
    digests = []

    def part(data: Any) -> Questions:
        pixels = (255 * data.tensors[0]).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
        digests.append(digest(pixels.tobytes().hex()))
        features = encoder.features(digests[-1], lambda: pixels)
        return _one_each(features, NAMED, data.tensors[1].numpy() + answer_numbers(PHOTOGRAPHS[:1])[0])

    train, validation, test = (part(data) for data in (splits.train, splits.validation, splits.tests["test"]))
    return Task(train, validation, test, str(splits.source), digest([*digests, encoder.key]))


def easy(encoder: Encoder, scale: Scale, root: Path | None) -> Task:
    """easy-VQA; the last images of its training part are held out for validation. Raises DataMissing, DataCorrupt."""
    found = load("easy_vqa", root)
    train, validation, test = EASY[scale]
    whole = [
        _asked(encoder, f"{found.digest} {name}", part) for name, part in (("train", found.train), ("test", found.test))
    ]
    held = len(whole[0].features) - validation
    return Task(
        whole[0].only(np.flatnonzero(whole[0].image < train)[:: EVERY[scale]]),
        whole[0].only(_first(whole[0].image, ASKED[scale], held, held + validation)),
        whole[1].only(_first(whole[1].image, ASKED[scale], 0, test)),
        found.source,
        digest([found.digest, encoder.key]),
    )


def _asked(encoder: Encoder, key: str, part: Any) -> Questions:
    features = encoder.features(key, lambda: part.images)
    return Questions(features, spelled(part.questions), answer_numbers(part.answers), part.image)


def _first(image: NDArray[np.int64], most: int, start: int, end: int) -> NDArray[np.int64]:
    """Positions of the first questions of each image from `start` to before `end`, `most` of each: questions of an
    image follow each other in no order."""
    chosen = [np.flatnonzero(image == one)[:most] for one in range(start, end)]
    return np.concatenate(chosen)


def _one_each(features: NDArray[np.float16], question: str, answers: NDArray[np.int64]) -> Questions:
    words = np.repeat(spelled([question]), len(features), axis=0)
    return Questions(features, words, answers.astype(np.int64), np.arange(len(features)))
