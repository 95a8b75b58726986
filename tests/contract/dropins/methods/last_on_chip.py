"""The last array is trained on what the chip gives out of all the others, and then joins them.

Programmed arrays differ from what was asked for; what follows them can be fitted to that (chip-in-the-loop training,
W. Wan et al.: A compute-in-memory chip based on resistive random-access memory, Nature 608, 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Chip, Method, Recipe, Splits, Workload

if TYPE_CHECKING:
    import torch


def adapt(
    workload: Workload, chip: Chip, splits: Splits, recipe: Recipe, generator: torch.Generator, steps: int
) -> None:
    """Plain descent on batches drawn from `generator`."""
    import torch
    from torch.utils.data import default_collate

    *first, last = chip.arrays
    chip.program(*first)
    tensor = dict(chip.network.named_parameters()).get(last)
    collate = workload.collate or default_collate
    for _ in range(steps if tensor is not None and tensor.requires_grad else 0):
        chosen = torch.randint(len(splits.train), (recipe.batch,), generator=generator)
        with chip.reading() as network:
            loss = workload.step(workload, network, collate([splits.train[int(index)] for index in chosen]))
        (gradient,) = torch.autograd.grad(loss, [tensor])
        with torch.no_grad():
            tensor -= 0.1 * gradient


METHOD = Method(
    title="Last array on the chip", source="Wan et al., Nature 608, 2022", adapt=adapt, options={"steps": (3, 30)}
)
