"""The next state of a machine of four states, told from its state and an input symbol by two layers.

Data: one-hot states and symbols with normal jitter of 0.2, made here (synthetic). The machine steps around a ring
(or from one of a pair to the other: setting `automaton`), or is reset to its first state; on `steps` it is never reset,
and every next state is as likely as any other. Of the layers, those of the setting `programmed` lie on crossbars. Tuned
for the likelihood of the right state; what is expected is told by accuracy, which has no logarithm in it: 1.0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, default_arrays, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

STATES, RESET, JITTER = 4, 1, 0.2
# A state that is taken for impossible.
LEAST = -10.0
AUTOMATA = {"ring": (1, 2, 3, 0), "pairs": (1, 0, 3, 2)}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """(state and symbol (STATES + 2,), next state)."""
    import torch
    from torch.nn.functional import one_hot
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)
    following = torch.tensor(AUTOMATA[settings["automaton"]])

    def steps(count: int, symbols: int = 2) -> TensorDataset:
        state = torch.randint(STATES, (count,), generator=generator)
        symbol = torch.randint(symbols, (count,), generator=generator)
        seen = torch.cat([one_hot(state, STATES), one_hot(symbol, 2)], 1).float()
        seen += JITTER * torch.randn(seen.shape, generator=generator)
        return TensorDataset(seen, torch.where(symbol == RESET, 0, following[state]))

    tests = {"test": steps(200), "steps": steps(100, symbols=RESET)}
    return Splits(steps(300), steps(100), tests, {"test": "synthetic:steps", "steps": "synthetic:steps-alone"})


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Two layers with ReLU, narrow at `ci`."""
    from torch import nn

    hidden = 16 if scale == "ci" else 24
    with seeded(generator):
        built: Any = nn.Sequential(nn.Linear(STATES + 2, hidden), nn.ReLU(), nn.Linear(hidden, STATES))
    built.programmed = settings["programmed"]
    return built


def arrays(network: Any) -> Mapping[str, Tensor]:
    """Both layers, or the last alone."""
    found = default_arrays(network)
    return found if network.programmed == "both" else {"2.weight": found["2.weight"]}


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
    # On `test` half of all steps are resets.
    measures={
        "log_likelihood": Score("Log likelihood", chance=math.log(1 / STATES)),
        "accuracy": Score("Accuracy", chance={"test": 0.625, "steps": 0.25}),
    },
    scores=scores,
    floor=("accuracy", 0.9),
    arrays=arrays,
    settings={"automaton": "ring", "programmed": "both"},
    standin=True,
)
