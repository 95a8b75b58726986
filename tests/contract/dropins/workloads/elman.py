"""The sign of a sum of ten numbers, given one after the other, by an Elman network whose state array is read each time.

Data: standard normal numbers, made here (synthetic). Expected clean score: about 0.95; sums near 0 stay hard.
J. Elman: Finding structure in time, Cognitive Science 14, 1990.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

STEPS, STATE = 10, 16


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """(numbers (steps, 1), whether their sum is positive); `long` has half as many steps again."""
    import torch
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)

    def sums(count: int, steps: int = STEPS) -> TensorDataset:
        numbers = torch.randn(count, steps, 1, generator=generator)
        return TensorDataset(numbers, (numbers.sum((1, 2)) > 0).long())

    return Splits(sums(600), sums(100), {"test": sums(200), "long": sums(100, STEPS * 3 // 2)}, "synthetic:sums")


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """state' = tanh(A x + B state); the last state is read out."""
    from torch import nn

    class Elman(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # By which methods scale noise that asks for it; nothing here clips.
            self.weight_clip = 1.0
            self.read = nn.Linear(1, STATE)
            self.keep = nn.Linear(STATE, STATE, bias=False)
            self.squash = nn.Tanh()
            self.readout = nn.Linear(STATE, 2)

        def forward(self, numbers: Tensor) -> Tensor:
            state = numbers.new_zeros(len(numbers), STATE)
            for number in numbers.unbind(1):
                state = self.squash(self.read(number) + self.keep(state))
            return self.readout(state)

    with seeded(generator):
        return Elman()


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Sign of a sum, Elman network",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=10 if scale == "ci" else 20, batch=32, learning_rate=1e-2, test_block=100),
    measures={"accuracy": Score("Accuracy", chance=0.5)},
    scores=scores,
    floor=("accuracy", 0.8),
    standin=True,
)
