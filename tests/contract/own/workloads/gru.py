"""The sign of a sum of eight numbers, given one after the other, by a gated recurrent unit and a linear readout.

Data: standard normal numbers, made here (synthetic). Expected clean score: about 0.9; sums near 0 stay hard.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

STEPS, STATE = 8, 12


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """(numbers (steps, 1), whether their sum is positive)."""
    import torch
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)

    def sums(count: int) -> TensorDataset:
        numbers = torch.randn(count, STEPS, 1, generator=generator)
        return TensorDataset(numbers, (numbers.sum((1, 2)) > 0).long())

    return Splits(sums(600), sums(100), {"test": sums(200)}, "synthetic:sums of eight")


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """The last state of the unit is read out."""
    from torch import nn

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.unit = nn.GRU(1, STATE, batch_first=True)
            self.readout = nn.Linear(STATE, 2)

        def forward(self, numbers: Tensor) -> Tensor:
            states, _ = self.unit(numbers)
            return self.readout(states[:, -1])

    with seeded(generator):
        return Recurrent()


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Sign of a sum, GRU",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=6 if scale == "ci" else 12, batch=32, learning_rate=2e-2, test_block=100),
    measures={"accuracy": Score("Accuracy", chance=0.5)},
    scores=scores,
    floor=("accuracy", 0.8),
    standin=True,
)
