"""Questions on images whose features are kept: what `vlm_small` is trained and tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Images of each set by whose features channels are standardised.
SAMPLED = 500


@dataclass(frozen=True)
class Questions:
    """features (images, tokens, channels), kept in half precision; of each question its words (n, longest), its answer
    (n,) and its image (n,); shift, scale: of channels. A sample is ((features, words), answer)."""

    features: NDArray[np.float16]
    words: NDArray[np.int64]
    answers: NDArray[np.int64]
    image: NDArray[np.int64]
    shift: NDArray[np.float32] | float = 0.0
    scale: NDArray[np.float32] | float = 1.0

    def __len__(self) -> int:
        return len(self.image)

    def __getitem__(self, number: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
        features = (self.features[self.image[number]].astype(np.float32) - self.shift) * self.scale
        words, answer = torch.from_numpy(self.words[number]), torch.tensor(self.answers[number])
        return (torch.from_numpy(features.astype(np.float32)), words), answer

    def only(self, numbers: Any) -> Questions:
        """Some of them."""
        return replace(self, words=self.words[numbers], answers=self.answers[numbers], image=self.image[numbers])

    def standardised(self, shift: NDArray[np.float32], scale: NDArray[np.float32]) -> Questions:
        """With channels shifted and scaled."""
        return replace(self, shift=shift, scale=scale)


class Joined:
    """Several sets as one, each repeated so many times."""

    def __init__(self, parts: Sequence[Questions], times: Sequence[int]) -> None:
        self.parts = parts
        self._places = [
            (part, number)
            for part, (one, count) in enumerate(zip(parts, times, strict=True))
            for _ in range(count)
            for number in range(len(one))
        ]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
        part, place = self._places[number]
        return self.parts[part][place]


def moments(parts: Sequence[Questions]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and reciprocal standard deviation of each channel over some images of every set; 1 where it does not
    vary."""
    some = [part.features[:: -(-len(part.features) // SAMPLED)] for part in parts]
    cells = np.concatenate([one.astype(np.float32).reshape(-1, one.shape[2]) for one in some])
    deviation = cells.std(0)
    return cells.mean(0), (1 / np.where(deviation > 1e-4, deviation, 1)).astype(np.float32)
