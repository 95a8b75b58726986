"""A frozen language model of Llama's shape, evaluated with what the start of a prompt gives kept apart.

Root-mean-square normalisation, rotated queries and keys, fewer heads of keys than of queries, gated feed-forward
layers,
words in and out by one table. Attention is written out: in bfloat16 the library's is slow backward on processors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON, BASE = 1e-5, 1e5
# Keys and values (n, key heads, tokens, head) of a layer.
Past = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Shape:
    """Layers, width, heads of queries and of keys, channels of a head, inner width, tokens."""

    layers: int
    width: int
    heads: int
    key_heads: int
    head: int
    inner: int
    tokens: int


class Block(nn.Module):
    """One layer, by the names of its file."""

    def __init__(self, shape: Shape, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape = shape

        def linear(inputs: int, outputs: int) -> nn.Linear:
            return nn.Linear(inputs, outputs, bias=False, dtype=dtype)

        self.attn_norm, self.ffn_norm = (nn.RMSNorm(shape.width, EPSILON, dtype=dtype) for _ in range(2))
        self.attn_q = linear(shape.width, shape.heads * shape.head)
        self.attn_k, self.attn_v = (linear(shape.width, shape.key_heads * shape.head) for _ in range(2))
        self.attn_output = linear(shape.heads * shape.head, shape.width)
        self.ffn_gate, self.ffn_up = (linear(shape.width, shape.inner) for _ in range(2))
        self.ffn_down = linear(shape.inner, shape.width)

    def forward(self, states: Tensor, turn: Past, masked: Tensor, past: Past | None) -> tuple[Tensor, Past]:
        """States (n, tokens, width) after those of `past`; turn: cosines and sines of their positions; masked
        (n, 1, tokens, all tokens): 0, or minus infinity for what a token does not see."""
        shape, (count, tokens, _) = self.shape, states.shape
        read = self.attn_norm(states)
        queries, keys, values = (
            layer(read).view(count, tokens, -1, shape.head).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        queries, keys = rotated(queries, turn), rotated(keys, turn)
        if past is not None:
            keys, values = (torch.cat(pair, 2) for pair in zip(past, (keys, values), strict=True))
        found = self._attended(queries, keys, values, masked)
        states = states + self.attn_output(found)
        read = self.ffn_norm(states)
        return states + self.ffn_down(functional.silu(self.ffn_gate(read)) * self.ffn_up(read)), (keys, values)

    def _attended(self, queries: Tensor, keys: Tensor, values: Tensor, masked: Tensor) -> Tensor:
        """(n, tokens, heads x head). Heads that share a key are rows of one product; softmax in float32."""
        count, heads, tokens, head = queries.shape
        together = queries.reshape(count, keys.shape[1], -1, head)
        weights = (together @ keys.transpose(2, 3)).float() / math.sqrt(head)
        weights = weights.view(count, heads, tokens, -1) + masked
        shares = weights.softmax(-1).to(values.dtype).view(count, keys.shape[1], -1, keys.shape[2])
        return (shares @ values).view(count, heads, tokens, head).transpose(1, 2).reshape(count, tokens, -1)


def rotated(heads: Tensor, turn: Past) -> Tensor:
    """Heads (n, heads, tokens, head), first half against second half turned by position."""
    cosine, sine = turn
    first, second = heads.chunk(2, -1)
    return heads * cosine + torch.cat([-second, first], -1) * sine


class LanguageModel(nn.Module):
    """Tokens or vectors in their place -> states after the last normalisation."""

    def __init__(self, shape: Shape, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.tokens, shape.width, dtype=dtype)
        self.blk = nn.ModuleList(Block(shape, dtype) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, EPSILON, dtype=dtype)

    def kept(self, tokens: Tensor) -> tuple[list[Past], Tensor]:
        """What later tokens need of prompts (n, longest), -1 before shorter ones: keys and values by layer, and which
        tokens are there (n, longest)."""
        present = tokens >= 0
        positions = (present.cumsum(1) - 1).clamp(min=0)
        _, past = self._run(self.token_embd(tokens.clamp(min=0)), positions, present, None)
        return past, present

    def after(self, past: Sequence[Past], present: Tensor, states: Tensor) -> tuple[Tensor, list[Past]]:
        """States of vectors (n, tokens, width) behind kept prompts, and what is kept then."""
        positions = present.sum(1, keepdim=True) + torch.arange(states.shape[1])
        seen = torch.cat([present, present.new_ones(states.shape[:2])], 1)
        return self._run(states, positions, seen, past)

    def _run(
        self, states: Tensor, positions: Tensor, present: Tensor, past: Sequence[Past] | None
    ) -> tuple[Tensor, list[Past]]:
        turn, masked = self._turn(positions, states.dtype), _masked(present, states.shape[1])
        kept = []
        for number, block in enumerate(self.blk):
            states, own = block(states, turn, masked, past[number] if past is not None else None)
            kept.append(own)
        return self.output_norm(states), kept

    def _turn(self, positions: Tensor, dtype: torch.dtype) -> Past:
        half = self.shape.head // 2
        angles = positions[:, None, :, None] * BASE ** -(torch.arange(half) / half)
        angles = torch.cat([angles, angles], -1)
        return angles.cos().to(dtype), angles.sin().to(dtype)


def _masked(present: Tensor, tokens: int) -> Tensor:
    """(n, 1, tokens, all): the last `tokens` see themselves and what is there before them; padding sees itself."""
    every = present.shape[1]
    places = torch.arange(every)
    own = places[None, every - tokens :, None] == places
    seen = (places[every - tokens :, None] >= places) & present[:, None, :] | own
    return torch.zeros(seen.shape).masked_fill(~seen, -math.inf)[:, None]
