"""Recall of noisy patterns by an untrained attractor network: 100 cells, 4 stored patterns.

Data: random patterns of +1 and -1 with a tenth of their entries flipped, made here (synthetic). J. Hopfield: Neural
networks and physical systems with emergent collective computational abilities, PNAS 79, 1982. Expected clean score:
1.0, as 4 patterns lie far below the capacity of 0.138 x 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

CELLS, STORED, FLIPPED = 100, 4, 0.1
MOST_STEPS = 50


def patterns() -> Tensor:
    """The stored patterns, always the same, (STORED, CELLS) of +1 and -1."""
    import torch

    return torch.randint(0, 2, (STORED, CELLS), generator=torch.Generator().manual_seed(1982)).float() * 2 - 1


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """(noisy pattern, pattern); nothing is learned from the training split."""
    import torch
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)

    def noisy(count: int) -> TensorDataset:
        clean = patterns().repeat(count, 1)
        flips = torch.rand(clean.shape, generator=generator) < FLIPPED
        return TensorDataset(torch.where(flips, -clean, clean), clean)

    return Splits(noisy(5), noisy(10), {"test": noisy(15)}, "synthetic:patterns")


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Hebb's rule in one shot: the weights are a buffer and depend on the patterns alone."""
    import torch
    from torch import nn

    class Hopfield(nn.Module):
        weights: Tensor

        def __init__(self) -> None:
            super().__init__()
            stored = patterns()
            self.register_buffer("weights", (stored.T @ stored / CELLS).fill_diagonal_(0))

        def forward(self, state: Tensor, generator: torch.Generator) -> Tensor:
            """A random half of the cells at a time, until every cell agrees with its field: (N, CELLS)."""
            for _ in range(MOST_STEPS):
                wanted = torch.sign(state @ self.weights.T)
                if wanted.equal(state):
                    break
                chosen = torch.rand(state.shape, generator=generator, device=generator.device) < 0.5
                state = torch.where(chosen, wanted, state)
            return state

    return Hopfield()


def outputs(network: nn.Module, batch: Any, generator: torch.Generator) -> Sequence[Tensor]:
    """The state, (CELLS,), that every sample settles in."""
    return list(network(batch[0], generator))


def scores(outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> dict[str, float]:
    """Share of patterns recalled without a wrong cell."""
    right = [bool(output.equal(target)) for output, target in zip(outputs, targets, strict=True)]
    return {"recall": sum(right) / len(right)}


def arrays(network: nn.Module) -> Mapping[str, Tensor]:
    """The one array, read at every iteration."""
    return {"weights": network.get_buffer("weights")}


WORKLOAD = Workload(
    title="Pattern recall, Hopfield network",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=1, batch=20, learning_rate=1.0, test_block=20),
    measures={"recall": Score("Patterns recalled", chance=0.0)},
    scores=scores,
    floor=("recall", 0.9),
    arrays=arrays,
    outputs=outputs,
    trainable=False,
    standin=True,
)
