"""What an example costs the frozen language model of `vlm_smollm2_*`, forward and with the gradient to the image: with
its own attention, and with the library's in its place.

The job: batches of 32 examples of 6 new tokens behind one prompt of 20 that is kept; SmolLM2's shape with random
weights (the keyed generator's) in bfloat16, one thread. Bars in milliseconds are for processors that multiply in
bfloat16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional

from suite.contract import seeded, torch_generator
from tests.bench.machine import Run, processes, seconds, turns
from tests.bench.rows import Measured, rows_of
from workloads.shared.vision_language.language_model import Block, LanguageModel
from workloads.shared.vision_language.models import SMOLLM2

BATCH, PROMPT, NEW, BATCHES, ENTROPY = 32, 20, 6, 4, 20510
WAYS = ("forward", "gradient")


def run(quick: bool = False) -> Iterator[Measured]:
    """Half a minute of one core. quick: one turn instead of five."""
    with processes() as (worker, _):
        yield from measure(1 if quick else 5, worker)


def measure(repeats: int, worker: Run) -> list[Measured]:
    """Both ways with both attentions, in turn; medians of CPU milliseconds of an example."""
    jobs = {f"{way}_{attention}": (way, attention) for way in WAYS for attention in ("own", "library")}
    found = turns(repeats, **{name: _asked(worker, *job) for name, job in jobs.items()})
    forward, gradient = ("<= 12", "<= 25") if worker(multiplies_bfloat16) else ("", "")
    figures = [
        ("forward", found["forward_own"], "CPU ms", forward),
        ("forward and backward", found["gradient_own"], "CPU ms", gradient),
        ("forward, times the library's attention", found["forward_library"] / found["forward_own"], "x", ""),
        ("forward and backward, times the library's", found["gradient_library"] / found["gradient_own"], "x", ">= 1"),
    ]
    return rows_of("language", f"135 M, an example of {NEW} tokens", figures)


def _asked(worker: Run, way: str, attention: str) -> Callable[[], float]:
    return lambda: float(worker(example_ms, way, attention))


@cache
def model() -> LanguageModel:
    """Of random weights, frozen."""
    with seeded(torch_generator(ENTROPY, "bench-language-model")):
        return LanguageModel(SMOLLM2).eval().requires_grad_(False)


def example_ms(way: str, attention: str) -> float:
    """CPU milliseconds of an example; the first batch does not count."""
    if attention == "own":
        return _example_ms(way)
    with patch.object(Block, "_attended", by_library):
        return _example_ms(way)


def _example_ms(way: str) -> float:
    tokens = torch.arange(PROMPT)[None]
    past, present = model().kept(tokens)
    shared = [(keys.expand(BATCH, -1, -1, -1), values.expand(BATCH, -1, -1, -1)) for keys, values in past]
    drawn = torch.randn(BATCH, NEW, SMOLLM2.width, generator=torch_generator(ENTROPY, "bench-images"))

    def batch() -> None:
        states = drawn.to(torch.bfloat16).requires_grad_(way == "gradient")
        found, _ = model().after(shared, present.expand(BATCH, -1), states)
        if way == "gradient":
            found[:, -1].float().square().sum().backward()

    with torch.set_grad_enabled(way == "gradient"):
        batch()
        return 1e3 * seconds(lambda: [batch() for _ in range(BATCHES)]) / BATCHES / BATCH


def by_library(self: Block, queries: Tensor, keys: Tensor, values: Tensor, masked: Tensor) -> Tensor:
    """In the place of `Block._attended`."""
    found = functional.scaled_dot_product_attention(
        queries, keys, values, attn_mask=masked.to(queries.dtype), enable_gqa=True
    )
    return found.transpose(1, 2).flatten(2)


def multiplies_bfloat16() -> bool:
    """Whether this processor has instructions for it (AVX-512-BF16 or AMX)."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
