"""Chip in the loop: arrays are programmed one after the other, and what is not on the chip yet learns from what is.

For each array from the input on: it is programmed, the network is read through all programmed arrays, and the others
are trained on what these give out (Wan et al., Nature 608, 504-512, 2022, who put noise of 20 % on while they do so and
keep the best of several epochs: `noise: 0.2, keep: best`). Programmed cells are never written again. The control,
`chip_in_loop: unseen`, takes the same steps and has everything programmed at the end: it never sees the chip.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract import Handle, Method, NotApplicable, Recipe, Splits, Workload, default_step, disturb_arrays, redraw

if TYPE_CHECKING:
    import torch
    from torch import nn

    from suite.contract import Chip

LEARNING_RATE, BATCH = 1e-4, 128
# Of the steps after each array, and on so many validation samples, where the best state is kept.
CHECKS, VALIDATED = 5, 1000


def adapt(
    workload: Workload,
    chip: Chip,
    splits: Splits,
    recipe: Recipe,
    generator: torch.Generator,
    chip_in_loop: str = "seen",
    steps: int = 50,
    noise: float = 0.0,
    keep: str = "last",
) -> None:
    """steps: of Adam after each array; noise: relative_std of `gaussian_weight` meanwhile, on arrays that are not on
    the chip yet; keep: what the last step leaves, or the best of CHECKS + 1 states on validation samples."""
    if workload.step is not default_step or workload.outputs is not None:
        raise NotApplicable(
            "progressive: the workload has a training step of its own, which may write programmed arrays"
        )
    for number, name in enumerate(chip.arrays[:-1], 1):
        if chip_in_loop == "seen":
            chip.program(name)
        left = _left(chip.network, chip.arrays[:number])
        handles = _noisy(chip.network, chip.arrays[number:], noise, generator)
        taken = _taken(workload, chip, splits, generator, left, steps)
        try:
            if keep == "best":
                _put(left, _best(workload, chip, splits, left, taken, steps))
            else:
                deque(taken, maxlen=0)
        finally:
            for handle in handles:
                handle.remove()


def _taken(
    workload: Workload, chip: Chip, splits: Splits, generator: torch.Generator, left: list[nn.Parameter], steps: int
) -> Iterator[int]:
    """Takes the steps, one after the other; gives how many it has taken."""
    import torch

    optimiser = torch.optim.Adam(left, LEARNING_RATE)
    for step in range(1, steps + 1):
        _step(workload, chip, _drawn(workload, splits.train, generator), optimiser, generator)
        yield step


def _best(
    workload: Workload, chip: Chip, splits: Splits, left: list[nn.Parameter], taken: Iterable[int], steps: int
) -> list[torch.Tensor]:
    """What `left` was at the best of the checks while the steps are taken, the first before any of them."""
    best, found = _worth(workload, chip, splits), _copied(left)
    for step in taken:
        due = step * CHECKS // steps > (step - 1) * CHECKS // steps
        if due and (worth := _worth(workload, chip, splits)) > best:
            best, found = worth, _copied(left)
    return found


def _step(
    workload: Workload, chip: Chip, batch: Any, optimiser: torch.optim.Optimizer, generator: torch.Generator
) -> None:
    chip.network.train()
    _freeze_statistics(chip.network)
    redraw(chip.network, {}, 0, 0, {}, generator)
    optimiser.zero_grad()
    with chip.reading() as network:
        loss = workload.step(workload, network, batch)
    loss.backward()
    optimiser.step()
    chip.network.eval()


def _worth(workload: Workload, chip: Chip, splits: Splits) -> float:
    """The objective on the first validation samples, larger where better."""
    import torch

    held = [splits.validation[place] for place in range(min(VALIDATED, len(splits.validation)))]
    inputs, targets = _collated(workload, held)
    with torch.no_grad(), chip.reading() as network:
        found = workload.scores(network(inputs), targets)[workload.objective]
    return found if workload.measures[workload.objective].higher_is_better else -found


def _noisy(network: nn.Module, names: tuple[str, ...], noise: float, generator: torch.Generator) -> Sequence[Handle]:
    """Noise on arrays, in training mode."""
    import torch

    if not noise:
        return []
    own = dict(network.named_parameters())
    arrays = {name: own[name].detach() for name in names}

    def draw() -> list[torch.Tensor]:
        return [noise * array.abs().amax() * torch.randn(array.shape, generator=generator) for array in arrays.values()]

    return disturb_arrays(network, names, draw, lambda weight, drawn: weight + drawn)


def _copied(parameters: list[nn.Parameter]) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in parameters]


def _put(parameters: list[nn.Parameter], values: list[torch.Tensor]) -> None:
    for parameter, value in zip(parameters, values, strict=True):
        parameter.data.copy_(value)


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

    index = torch.randint(len(data), (BATCH,), generator=generator)
    return _collated(workload, [data[int(place)] for place in index])


def _collated(workload: Workload, samples: list[Any]) -> Any:
    from torch.utils.data import default_collate

    return (workload.collate or default_collate)(samples)


METHOD = Method(
    title="Progressive fine-tuning on the chip",
    source="doi:10.1038/s41586-022-04992-8",
    adapt=adapt,
    options={
        "chip_in_loop": ("seen", "unseen"),
        "steps": (50, 10, 200),
        "noise": (0.0, 0.2),
        "keep": ("last", "best"),
    },
)
