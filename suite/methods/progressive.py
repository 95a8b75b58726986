"""Chip in the loop: arrays are programmed one after the other, and what is not on the chip yet learns from what is.

For each array from the input on: it is programmed, the network is read through all programmed arrays, and the others
are trained on what these give out (Wan et al., Nature 608, 504-512, 2022, who also put noise on while they do so).
Programmed cells are never written again. The control, `chip_in_loop: unseen`, takes the same steps and has everything
programmed at the end: it never sees the chip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract import Method, NotApplicable, Recipe, Splits, Workload, default_step

if TYPE_CHECKING:
    import torch
    from torch import nn

    from suite.contract import Chip

LEARNING_RATE, BATCH = 1e-4, 128


def adapt(
    workload: Workload,
    chip: Chip,
    splits: Splits,
    recipe: Recipe,
    generator: torch.Generator,
    chip_in_loop: str = "seen",
    steps: int = 50,
) -> None:
    """steps: of Adam after each array."""
    import torch

    if workload.step is not default_step or workload.outputs is not None:
        raise NotApplicable(
            "progressive: the workload has a training step of its own, which may write programmed arrays"
        )
    for number, name in enumerate(chip.arrays[:-1], 1):
        if chip_in_loop == "seen":
            chip.program(name)
        left = _left(chip.network, chip.arrays[:number])
        optimiser = torch.optim.Adam(left, LEARNING_RATE)
        chip.network.train()
        _freeze_statistics(chip.network)
        for _ in range(steps):
            batch = _drawn(workload, splits.train, generator)
            optimiser.zero_grad()
            with chip.reading() as network:
                loss = workload.step(workload, network, batch)
            loss.backward()
            optimiser.step()
        chip.network.eval()


def _left(network: nn.Module, done: tuple[str, ...]) -> list[nn.Parameter]:
    """What is trained: parameters that are not on the chip, biases and clips of programmed layers among them."""
    return [parameter for name, parameter in network.named_parameters() if name not in done and parameter.requires_grad]


def _freeze_statistics(network: nn.Module) -> None:
    """Batch normalisation keeps what training gathered."""
    from torch import nn

    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def _drawn(workload: Workload, data: Any, generator: torch.Generator) -> Any:
    """A batch of training samples, drawn with replacement."""
    import torch
    from torch.utils.data import default_collate

    index = torch.randint(len(data), (BATCH,), generator=generator)
    collate = workload.collate or default_collate
    return collate([data[int(place)] for place in index])


METHOD = Method(
    title="Progressive fine-tuning on the chip",
    source="doi:10.1038/s41586-022-04992-8",
    adapt=adapt,
    options={"chip_in_loop": ("seen", "unseen"), "steps": (50, 10, 200)},
)
