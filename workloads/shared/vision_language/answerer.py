"""A small transformer that reads an image and a question, and answers in a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from workloads.shared.vision_language.words import ANSWERS, LONGEST, PAD, WORDS

HEADS = 4


class Layer(nn.Module):
    """Attention and a feed-forward layer of four times the width, each behind a normalisation and added.

    read, mixed, seen, active: what its four arrays are given.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read, self.qkv = nn.LayerNorm(width), nn.Linear(width, 3 * width)
        self.mixed, self.out = nn.Identity(), nn.Linear(width, width)
        self.seen, self.up = nn.LayerNorm(width), nn.Linear(width, 4 * width)
        self.active, self.down = nn.GELU(), nn.Linear(4 * width, width)

    def forward(self, states: Tensor, masked: Tensor, last: bool) -> Tensor:
        """States (n, tokens, width), of the last token alone where nothing reads the others; masked (n, 1, 1, tokens):
        0, or minus infinity where there is no token."""
        count, tokens, width = states.shape
        heads = self.qkv(self.read(states)).view(count, tokens, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        queries, keys, values = heads
        if last:
            queries, states = queries[:, :, -1:], states[:, -1:]
        weights = queries @ keys.transpose(2, 3) / math.sqrt(width // HEADS) + masked
        found = (weights.softmax(-1) @ values).transpose(1, 2).reshape(states.shape)
        states = states + self.out(self.mixed(found))
        return states + self.down(self.active(self.up(self.seen(states))))


class Answerer(nn.Module):
    """Image tokens by a linear layer, words by an embedding, a token to answer at; logits over all answers.

    Positions count from the end, so that padding before a question changes nothing.
    """

    def __init__(self, tokens: int, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.project = nn.Linear(channels, width)
        self.words = nn.Embedding(len(WORDS) + 1, width, padding_idx=PAD)
        self.places = nn.Parameter(0.1 * torch.randn(LONGEST + tokens + 1, width))
        self.layers = nn.ModuleList(Layer(width) for _ in range(layers))
        self.answering, self.answer = nn.LayerNorm(width), nn.Linear(width, len(ANSWERS))
        inner = [
            f"layers.{number}.{point}" for number in range(layers) for point in ("read", "mixed", "seen", "active")
        ]
        self.noise_points = (*inner, "answering")

    def forward(self, inputs: Sequence[Any]) -> Tensor:
        """Features (n, tokens, channels) and words (n, LONGEST) -> (n, answers)."""
        features, words = inputs
        image = self.project(features)
        states = functional.pad(torch.cat([self.words(words), image], 1), (0, 0, 0, 1)) + self.places
        absent = functional.pad(words == PAD, (0, image.shape[1] + 1))
        masked = torch.zeros(absent.shape).masked_fill(absent, -math.inf)[:, None, None]
        for number, layer in enumerate(self.layers, 1):
            states = layer(states, masked, number == len(self.layers))
        found: Tensor = self.answer(self.answering(states[:, 0]))
        return found
