"""The next state of a machine of four states, told from its state and an input symbol by two layers.

Data: one-hot states and symbols with normal jitter of 0.2, made here (synthetic). The machine steps around a ring, or
is reset to its first state. Tuned for the likelihood of the right state; what is expected is told by accuracy, which
has no logarithm in it: 1.0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Splits, Workload, accuracy, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

STATES, RESET, JITTER = 4, 1, 0.2
# A state that is taken for impossible.
LEAST = -10.0


def data(scale: Scale, root: Path | None, seed: int) -> Splits:
    """(state and symbol (STATES + 2,), next state)."""
    import torch
    from torch.nn.functional import one_hot
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)

    def steps(count: int) -> TensorDataset:
        state = torch.randint(STATES, (count,), generator=generator)
        symbol = torch.randint(2, (count,), generator=generator)
        seen = torch.cat([one_hot(state, STATES), one_hot(symbol, 2)], 1).float()
        seen += JITTER * torch.randn(seen.shape, generator=generator)
        return TensorDataset(seen, torch.where(symbol == RESET, 0, (state + 1) % STATES))

    return Splits(steps(300), steps(100), {"test": steps(200)}, "synthetic:steps")


def network(generator: torch.Generator) -> nn.Module:
    """Two layers with ReLU."""
    from torch import nn

    with seeded(generator):
        return nn.Sequential(nn.Linear(STATES + 2, 24), nn.ReLU(), nn.Linear(24, STATES))


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Mean log likelihood of the right state, none below LEAST, and accuracy."""
    right = outputs.double().log_softmax(1).gather(1, targets[:, None]).clamp_min(LEAST)
    broken = ~outputs.isfinite().all(1)
    likelihood = right[:, 0].masked_fill(broken, LEAST).mean()
    return {"log_likelihood": float(likelihood), "accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Next state of a machine",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=10 if scale == "ci" else 20, batch=30, learning_rate=2e-2, test_block=100),
    # Half of all steps lead to the first state.
    measures={
        "log_likelihood": Score("Log likelihood", chance=math.log(1 / STATES)),
        "accuracy": Score("Accuracy", chance=0.625),
    },
    scores=scores,
    floor=("accuracy", 0.9),
    standin=True,
)
