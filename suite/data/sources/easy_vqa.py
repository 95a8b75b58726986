"""easy-VQA: 5,000 generated images of one coloured shape, 48,248 questions with 13 answers (V. Zhou, 2020), as the
package easy-vqa ships them: 4,000 images with 38,575 questions for training, 1,000 with 9,673 for the test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.data.sources import Source
from suite.data.sources._images import decoded
from suite.data.sources._wheels import Wheel

WHEEL = Wheel(
    "easy_vqa",
    "easy-vqa",
    "1.0",
    "py3-none-any",
    "fcb51b309b78c7b00f97b64cdbcbcf5c105f94da1b39c0796cee5a787c4f650f",
    3_215_672,
)
COUNTS = {"train": 4_000, "test": 1_000}


@dataclass(frozen=True)
class Part:
    """images (n, 64, 64, 3) uint8; questions and answers as texts, and of each the number of its image."""

    images: NDArray[np.uint8]
    questions: list[str]
    answers: list[str]
    image: NDArray[np.int64]


@dataclass(frozen=True)
class Questions:
    """Both parts; digest: of the file they came in."""

    train: Part
    test: Part
    source: str
    digest: str


def parse(root: Path) -> Questions:
    """The questions below `root`; raises DataCorrupt, naming an image that does not decode."""
    parts = {name: _part(root, name, count) for name, count in COUNTS.items()}
    return Questions(parts["train"], parts["test"], "easy_vqa:1.0", WHEEL.sha256)


def _part(root: Path, name: str, count: int) -> Part:
    folder = f"easy_vqa/data/{name}"
    names = [f"{folder}/images/{number}.png" for number in range(count)]
    asked, *files = WHEEL.read(root, [f"{folder}/questions.json", *names])
    images = [decoded(f"{root / WHEEL.remote.path}/{one}", file) for one, file in zip(names, files, strict=True)]
    questions, answers, image = zip(*json.loads(asked), strict=True)
    return Part(np.stack(images), list(questions), list(answers), np.array(image, np.int64))


SOURCE = Source(
    name=WHEEL.source,
    title="easy-VQA, questions on shapes",
    licence="MIT",
    citation="V. Zhou: easy-VQA, version 1.0, 2020",
    files=(WHEEL.remote,),
    parse=parse,
)
