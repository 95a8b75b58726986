"""Mason's convolutional network for pairs of protein sequences, such as an antibody and an antigen.

Architecture: D. Mason et al., Nature Biomedical Engineering 5, 2021, made a baseline for pairs by J. Zhang et al.
(DeepAAI), Nature Machine Intelligence 4, 2022. Per chain: one-hot of 22 letters, convolution to 64 channels (kernel 2,
padding 1), dropout 0.5, maximum pooling (window 2, stride 1), linear to 32; then ELU, 64 to 32, ELU, 32 to 1.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LETTERS, CHANNELS, WIDTH = 22, 64, 32
# The position beyond either end of a chain, all zeros in a one-hot: what padding 1 stands for.
BEYOND = LETTERS


class PairNetwork(nn.Module):
    """Chains of letters (N, first + second), uint8 -> logits (N,).

    In evaluation mode every distinct chain of a block is encoded once. While training, dropout differs from pair to
    pair, so each pair is encoded by itself.
    """

    def __init__(self, first: int, second: int) -> None:
        """first, second: length of each chain, padding included."""
        super().__init__()
        self.lengths = (first, second)
        self.first = ChainEncoder(first)
        self.second = ChainEncoder(second)
        self.elu1 = nn.ELU()
        self.fc1 = nn.Linear(2 * WIDTH, WIDTH)
        self.elu2 = nn.ELU()
        self.fc2 = nn.Linear(WIDTH, 1)
        # What the next array reads: pooled maps, both encodings, the hidden layer.
        self.noise_points = ("first.pool", "second.pool", "elu1", "elu2")

    def forward(self, letters: Tensor) -> Tensor:
        """(N, first + second) letters -> (N,) logits."""
        cut = self.lengths[0]
        encoded = torch.cat([self.first(letters[:, :cut]), self.second(letters[:, cut:])], 1)
        return self.fc2(self.elu2(self.fc1(self.elu1(encoded)))).squeeze(1)


class ChainEncoder(nn.Module):
    """Letters (N, length), integers below LETTERS -> encodings (N, WIDTH)."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.conv = LetterConvolution(LETTERS, CHANNELS)
        self.pool = DroppedPooling()
        self.fc = nn.Linear(length * CHANNELS, WIDTH)

    def forward(self, letters: Tensor) -> Tensor:
        """(N, length) letters -> (N, WIDTH)."""
        if self.training:
            return self._encoded(letters)
        distinct = torch.unique(letters, dim=0, return_inverse=True)
        return self._encoded(distinct[0])[distinct[1]]

    def _encoded(self, letters: Tensor) -> Tensor:
        return self.fc(self.pool(self.conv(letters)).flatten(1))


class LetterConvolution(nn.Conv1d):
    """A convolution (kernel 2, padding 1) over the one-hots of letters, as a look-up: a window holds one of
    (LETTERS + 1)^2 pairs of letters. Letters (N, length) -> maps (N, length + 1, channels)."""

    def __init__(self, letters: int, channels: int) -> None:
        super().__init__(letters, channels, kernel_size=2, padding=1)

    def forward(self, letters: Tensor) -> Tensor:
        """(N, length) letters -> (N, length + 1, channels)."""
        padded = functional.pad(letters.long(), (1, 1), value=BEYOND)
        windows = padded[:, :-1] * (BEYOND + 1) + padded[:, 1:]
        # A row of zeros for what lies beyond the ends.
        left, right = (functional.pad(self.weight[:, :, side].t(), (0, 0, 0, 1)) for side in (0, 1))
        assert self.bias is not None
        table = left[:, None] + right[None] + self.bias
        return functional.embedding(windows, table.flatten(0, 1))


class DroppedPooling(nn.Module):
    """Dropout with probability 1/2 (training only), then the maximum of neighbours: (N, length + 1, channels) ->
    (N, length, channels). The same as nn.Dropout and nn.MaxPool1d(2, 1), in a third of their time on a CPU."""

    def forward(self, maps: Tensor) -> Tensor:
        """(N, length + 1, channels) -> (N, length, channels)."""
        if self.training:
            pooled: Tensor = _DropAndPool.apply(maps, _doubled_or_dropped(maps))
            return pooled
        return torch.maximum(maps[:, :-1], maps[:, 1:])


def _doubled_or_dropped(like: Tensor) -> Tensor:
    """0 or 2, each with probability 1/2, of the shape of `like`: one bit of torch's global stream per number."""
    words = torch.empty((like.numel() + 63) // 64, dtype=torch.int64, device=like.device).random_(-(2**63), None)
    bit = torch.tensor([1, 2, 4, 8, 16, 32, 64, -128], dtype=torch.int8, device=like.device)
    bits = (words.view(torch.int8).unsqueeze(1) & bit) != 0
    return bits.flatten()[: like.numel()].view(like.shape).to(like.dtype).mul_(2)


class _DropAndPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, factors: Tensor) -> Tensor:
        dropped = maps * factors
        left, right = dropped[:, :-1], dropped[:, 1:]
        ctx.save_for_backward(left.clone().ge_(right), factors)
        return torch.maximum(left, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        left_wins, factors = ctx.saved_tensors
        result = torch.zeros_like(factors)
        torch.mul(gradient, left_wins, out=result[:, :-1])
        result[:, 1:] += torch.sub(gradient, result[:, :-1])
        return result.mul_(factors), None
