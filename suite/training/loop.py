"""The one training loop: a workload, a method and keyed random streams in, a trained network out.

Same arguments on the same machine type and thread count: same bytes, whatever ran before. Initial weights, batch order
and augmentation are keyed by workload and seed alone, so that methods start from the same network and see the same
batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import TensorDataset, default_collate

from suite.contract import Method, Range, Recipe, Splits, SuiteError, Workload, seeded
from suite.contract.seeds import numpy_generator, torch_generator
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.frozen import freeze
from suite.crossbar.settings import Crossbar
from suite.training.fused import fused

# What every method's search has beside its own rates. The first point is the recipe itself: its learning rate, and the
# weight decay that recipes share unless they have a reason.
COMMON_SPACE = {
    "learning_rate_factor": Range(0.3, 3.0, probe=1.0, log=True),
    "weight_decay": Range(1e-6, 1e-2, probe=1e-4, log=True),
}

# Called after every epoch with (epochs done, epochs, mean loss, the network with the method's noise on it); whatever it
# raises ends the training.
Progress = Callable[[int, int, float, nn.Module], None]

Augment = Callable[[Any, torch.Generator], Any]
Collate = Callable[[list[Any]], Any]
# Indices of samples -> their batch.
Take = Callable[[NDArray[np.int64]], Any]


class TrainingDiverged(SuiteError):
    """A loss was not finite."""


def train(
    workload: Workload,
    method: Method,
    splits: Splits,
    recipe: Recipe,
    *,
    name: str,
    entropy: int,
    seed: int,
    params: Mapping[str, float],
    options: Mapping[str, Any],
    draws: int = 1,
    device: str = "cpu",
    progress: Progress | None = None,
) -> nn.Module:
    """The trained network, in evaluation mode, on the CPU and free of the method's noise.

    params: learning_rate_factor (default 1), weight_decay (default: the recipe's) and the method's own; draws: of its
    noise per training step, whose losses are averaged. A workload that is not trainable returns its network as built.
    Raises TrainingDiverged, and NotApplicable where the method has no meaning for the network.
    """
    network = workload.network(torch_generator(entropy, "initial-weights", name, seed))
    if not workload.trainable:
        return network.eval()
    freeze(workload, network.to(device).train())
    order = numpy_generator(entropy, "batch-order", name, seed)
    variation = torch_generator(entropy, "augmentation", name, seed)
    batches = Batches(workload, splits, recipe.batch, order, variation, device)
    noise = _moved(torch_generator(entropy, "method-noise", name, seed), device)
    arrays = crossbar_arrays(workload, network, Crossbar())

    def loop() -> None:
        def on_step(step: int, steps: int) -> None:
            if method.on_step:
                method.on_step(network, arrays, step, steps, params, noise)

        for epoch, losses in enumerate(_epochs(workload, network, batches, recipe, params, on_step, draws), 1):
            _check(losses, epoch, f"{name}, {method.title}, seed {seed}")
            if progress:
                progress(epoch, recipe.epochs, float(losses.mean()), network)

    handles = method.attach(network, arrays, params, noise, **method.complete(options))
    try:
        with seeded(torch_generator(entropy, "layer-noise", name, seed)), fused(network):  # seeded: dropout layers
            method.fit(loop, network) if method.fit else loop()
    finally:
        for handle in handles:
            handle.remove()
    network.zero_grad()
    return network.to("cpu").eval()


def _epochs(
    workload: Workload,
    network: nn.Module,
    batches: Batches,
    recipe: Recipe,
    params: Mapping[str, float],
    on_step: Callable[[int, int], None],
    draws: int,
) -> Iterator[Tensor]:
    """Trains, and yields the losses (steps,) of each epoch."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    peak = recipe.learning_rate * params.get("learning_rate_factor", 1.0)
    optimiser = _optimiser(trained, recipe, peak, params.get("weight_decay", recipe.weight_decay))
    steps, step = recipe.epochs * batches.steps, 0
    for _ in range(recipe.epochs):
        losses = []
        for batch in batches:
            if recipe.schedule == "onecycle":
                optimiser.param_groups[0]["lr"] = peak * one_cycle((step + 0.5) / steps)
            optimiser.zero_grad()
            losses.append(_descend(workload, network, batch, partial(on_step, step, steps), draws))
            if recipe.clip_value is not None:
                nn.utils.clip_grad_value_(trained, recipe.clip_value)
            optimiser.step()
            step += 1
        yield torch.stack(losses)


def _descend(workload: Workload, network: nn.Module, batch: Any, on_draw: Callable[[], None], draws: int) -> Tensor:
    """The mean loss () of a batch over `draws` of the noise, its gradient added to the parameters'."""
    losses = []
    for _ in range(draws):
        on_draw()
        loss = workload.step(workload, network, batch) / draws
        loss.backward()
        losses.append(loss.detach())
    return torch.stack(losses).sum()


def _optimiser(trained: Sequence[nn.Parameter], recipe: Recipe, rate: float, decay: float) -> torch.optim.Optimizer:
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(trained, rate, momentum=0.9, weight_decay=decay)
    return torch.optim.Adam(trained, rate, weight_decay=decay, fused=True)


def one_cycle(done: float) -> float:
    """Learning rate as a share of its peak when `done`, in [0, 1], of the training is over: cosine up from 1/25 in the
    first 30 %, cosine down to 4e-6 (Smith and Topin, arXiv:1708.07120; shape as torch's OneCycleLR, momentum fixed)."""
    first, last, rise = 1 / 25, 4e-6, 0.3
    if done < rise:
        return first + (1 - first) * (1 - math.cos(math.pi * done / rise)) / 2
    return last + (1 - last) * (1 + math.cos(math.pi * (done - rise) / (1 - rise))) / 2


class Batches:
    """Every iteration is one epoch: all samples once, in a new keyed order, in `steps` batches of nearly equal size
    (a small remainder would upset batch normalisation), varied as the data allow."""

    def __init__(
        self,
        workload: Workload,
        splits: Splits,
        size: int,
        order: np.random.Generator,
        variation: torch.Generator,
        device: str,
    ) -> None:
        data, collate, augment = splits.train, workload.collate, splits.augment
        self._count, self._order = len(data), order
        self.steps = math.ceil(self._count / size)
        if collate is not None:
            self._take = _collated(data, collate if augment is None else _before(collate, augment, variation), device)
            return
        take = _indexed(data, device) if isinstance(data, TensorDataset) else _collated(data, default_collate, device)
        self._take = take if augment is None else _after(take, augment, _moved(variation, device))

    def __iter__(self) -> Iterator[Any]:
        for index in np.array_split(self._order.permutation(self._count), self.steps):
            yield self._take(index)


def _indexed(data: TensorDataset, device: str) -> Take:
    tensors = [tensor.to(device) for tensor in data.tensors]

    def take(index: NDArray[np.int64]) -> tuple[Tensor, ...]:
        chosen = torch.from_numpy(index).to(device)
        return tuple(tensor.index_select(0, chosen) for tensor in tensors)

    return take


def _collated(data: Any, collate: Collate, device: str) -> Take:
    def take(index: NDArray[np.int64]) -> Any:
        return _to(collate([data[int(position)] for position in index]), device)

    return take


def _before(collate: Collate, augment: Augment, generator: torch.Generator) -> Collate:
    """Samples are varied one by one, each with what belongs to it, before they become a batch."""
    return lambda samples: collate(augment(samples, generator))


def _after(take: Take, augment: Augment, generator: torch.Generator) -> Take:
    """The inputs of a whole batch are varied at once, where they lie."""

    def varied(index: NDArray[np.int64]) -> Any:
        inputs, *rest = take(index)
        return augment(inputs, generator), *rest

    return varied


def _to(batch: Any, device: str) -> Any:
    """A batch of nested lists, tuples and mappings with every tensor on `device`."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: _to(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [_to(value, device) for value in batch]
    return batch


def _moved(generator: torch.Generator, device: str) -> torch.Generator:
    """The stream of the same seed on `device`, where noise is drawn."""
    if device == "cpu":
        return generator
    return torch.Generator(device).manual_seed(generator.initial_seed())


def _check(losses: Tensor, epoch: int, what: str) -> None:
    """Once per epoch, so that an accelerator is not made to wait at every step."""
    broken = (~torch.isfinite(losses)).nonzero()
    if len(broken):
        raise TrainingDiverged(
            f"{what}: the loss is not finite in epoch {epoch}, step {int(broken[0]) + 1} of {len(losses)}; lower the "
            "recipe's learning_rate, set its clip_value, or look for NaN in the data"
        )
