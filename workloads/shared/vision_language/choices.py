"""Questions to a language model as samples: features of an image, a prompt, the tokens to choose among."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.contract import DataCorrupt
from workloads.shared.vision_language.models import BEFORE
from workloads.shared.vision_language.questions import Questions
from workloads.shared.vision_language.speech import Speech, answer_token

NONE = -1


@dataclass(frozen=True)
class Choices:
    """features (images, tokens, channels), standardised; of each question its image, the words of its prompt (n,
    longest) padded before, candidates (n, most) padded behind, and which of them is the answer. A sample is ((features,
    words, candidates), answer). shown: of each image, where that is known, its name and what is on it."""

    features: NDArray[np.float32]
    image: NDArray[np.int64]
    words: NDArray[np.int64]
    candidates: NDArray[np.int64]
    answers: NDArray[np.int64]
    shown: tuple[tuple[str, frozenset[str]], ...] = ()

    def __len__(self) -> int:
        return len(self.image)

    def __getitem__(self, number: int) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        rows = (self.features[self.image[number]], self.words[number], self.candidates[number])
        features, prompt, candidates = (torch.from_numpy(np.ascontiguousarray(row)) for row in rows)
        return (features, prompt, candidates), torch.tensor(self.answers[number])


@dataclass(frozen=True)
class Asked:
    """A question in text: number of its image, words, answers to choose among, the right one."""

    image: int
    question: str
    answers: tuple[str, ...]
    right: str


def choices(speech: Speech, features: NDArray[np.float32], asked: Sequence[Asked]) -> Choices:
    """Raises DataCorrupt for an answer of several tokens, and for two answers of one token."""
    prompts = _prompts(speech, asked)
    longest = max(map(len, prompts.values()))
    most = max(len(one.answers) for one in asked)
    padded = {question: [NONE] * (longest - len(tokens)) + tokens for question, tokens in prompts.items()}
    tokens = {answers: _tokens(speech, answers) for answers in {one.answers for one in asked}}
    return Choices(
        features,
        np.array([one.image for one in asked]),
        np.array([padded[one.question] for one in asked]),
        np.array([tokens[one.answers] + [NONE] * (most - len(one.answers)) for one in asked]),
        np.array([one.answers.index(one.right) for one in asked]),
    )


def named(
    speech: Speech, parts: Sequence[Questions], question: str, words: tuple[str, ...], first: int
) -> tuple[Choices, ...]:
    """The same question of each image of each part, answered by one of `words`; answers of parts are numbers of words
    from `first` on. Features are standardised by the first part."""
    features = standardised([part.features[part.image] for part in parts])
    return tuple(
        choices(
            speech, own, [Asked(i, question, words, words[answer - first]) for i, answer in enumerate(part.answers)]
        )
        for own, part in zip(features, parts, strict=True)
    )


def _prompts(speech: Speech, asked: Sequence[Asked]) -> dict[str, list[int]]:
    return {question: speech.encode(BEFORE.format(question)) for question in {one.question for one in asked}}


def _tokens(speech: Speech, answers: tuple[str, ...]) -> list[int]:
    found = [answer_token(speech, answer) for answer in answers]
    if len(set(found)) < len(found):
        raise DataCorrupt(f"answers {', '.join(answers)}: two of them are one token")
    return found


def standardised(parts: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
    """Features (images, tokens, channels) by mean and standard deviation of each channel over the first part, with
    cells averaged 2 x 2 where there are more than four."""
    pooled = [pooled_cells(part.astype(np.float32)) for part in parts]
    cells = pooled[0].reshape(-1, pooled[0].shape[2])
    mean, deviation = cells.mean(0), cells.std(0)
    return [(part - mean) / np.where(deviation > 1e-4, deviation, 1) for part in pooled]


def pooled_cells(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 4, channels): means over the quarters of a square grid; quarters share the middle of an odd one."""
    count, cells, channels = features.shape
    side = round(cells**0.5)
    half = -(-side // 2)
    grid = features.reshape(count, side, side, channels)
    parts = [grid[:, rows, columns].mean((1, 2)) for rows, columns in _quarters(half)]
    return np.stack(parts, 1)


def _quarters(half: int) -> list[tuple[slice, slice]]:
    ends = (slice(0, half), slice(-half, None))
    return [(rows, columns) for rows in ends for columns in ends]
