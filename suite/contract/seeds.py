"""Keyed random streams: every draw belongs to a purpose and the names of what it is for; nothing is global."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch

# A seed no study may report: tuning trains with it (design: "tuned once, with a seed that is not reported").
TUNING_SEED = 1_000_000


def stream(entropy: int, purpose: str, *names: str | int) -> np.random.SeedSequence:
    """The SeedSequence of one purpose: names are hashed to integer spawn keys, so order of use never matters."""
    import numpy as np

    text = "\x1f".join([purpose, *(str(name) for name in names)])
    digest = hashlib.sha256(text.encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
    return np.random.SeedSequence(entropy, spawn_key=key)


def torch_generator(entropy: int, purpose: str, *names: str | int) -> torch.Generator:
    """A CPU torch generator of the stream (entropy, purpose, names)."""
    import numpy as np
    import torch

    state = stream(entropy, purpose, *names).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)


def numpy_generator(entropy: int, purpose: str, *names: str | int) -> np.random.Generator:
    """A numpy generator (PCG64) of the stream (entropy, purpose, names)."""
    import numpy as np

    return np.random.default_rng(stream(entropy, purpose, *names))


@contextmanager
def seeded(generator: torch.Generator) -> Iterator[None]:
    """Library layers that take no generator draw from torch's global stream: inside, that stream is a child of
    `generator`; outside, it is untouched."""
    import torch

    seed = int(torch.randint(0, 2**63 - 1, (1,), generator=generator).item())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
