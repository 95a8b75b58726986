"""The slow, obvious sweep that the fast one must equal: copy, perturb, run the whole set at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from suite.contract import Condition, Score, Splits, Workload, accuracy
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.sweep.sweep import sweep

ENTROPY, NAME, SEED = 7, "reference", 3


def key(block: int, **crossbars: Crossbar) -> Key:
    """What a state is swept by; plain weights where no crossbar is named."""
    return Key(NAME, ENTROPY, SEED, {"lognormal": DEVICE}, crossbars or {"weights": Crossbar()}, block)


def perturbed(network: nn.Module, names: Iterable[str], sigma: float, realisation: int) -> nn.Module:
    """A copy whose tensors called `names` are multiplied by exp(sigma z), z keyed by realisation and name."""
    copy = deepcopy(network).eval()
    tensors = {**dict(copy.named_parameters(remove_duplicate=False)), **dict(copy.named_buffers())}
    with torch.no_grad():
        for name in names:
            generator = torch_generator(ENTROPY, "device-noise", NAME, SEED, realisation, name)
            tensors[name].mul_(torch.exp(sigma * torch.randn(tensors[name].shape, generator=generator)))
    return copy


def reference_outputs(
    network: nn.Module,
    names: Sequence[str],
    inputs: Tensor,
    conditions: Sequence[Condition],
    realisations: Sequence[int],
) -> Tensor:
    """(conditions, realisations, samples, classes)."""
    with torch.no_grad():
        rows = [[perturbed(network, names, c.sigma_log, r)(inputs) for r in realisations] for c in conditions]
    return torch.stack([torch.stack(row) for row in rows])


def accuracies(outputs: Tensor, targets: Tensor) -> Tensor:
    """Accuracy of each (condition, realisation) of reference outputs."""
    return torch.tensor([[accuracy(found, targets) for found in row] for row in outputs], dtype=torch.float64)


def conditions(*sigmas: float) -> list[Condition]:
    """Conditions of the default device and crossbar."""
    return [Condition(math.exp(-sigma), sigma) for sigma in sigmas]


def every_output(outputs: Tensor, targets: Tensor) -> Mapping[str, float]:
    """The outputs themselves as scores, so that a sweep's outputs can be compared number by number."""
    return {str(index): value for index, value in enumerate(outputs.flatten().tolist())}


def classifier(network: nn.Module, **changes: object) -> Workload:
    """A workload around a network that exists."""

    def no_data(scale: object, root: object, seed: object, settings: object) -> Splits:
        raise NotImplementedError

    def no_recipe(scale: object) -> object:
        raise NotImplementedError

    fields = {
        "title": "Reference",
        "data": no_data,
        "network": lambda generator, scale, settings: network,
        "recipe": no_recipe,
        "measures": {"accuracy": Score("Accuracy", chance=0.1)},
        "scores": lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
        "floor": ("accuracy", 0.0),
    }
    return Workload(**{**fields, **changes})  # type: ignore[arg-type]


def swept_outputs(
    network: nn.Module, inputs: Tensor, conditions: Sequence[Condition], realisations: Sequence[int], block: int
) -> Tensor:
    """What the engine gives for the same, (conditions, realisations, numbers of all samples), float64."""
    found = sweep(
        classifier(network, scores=every_output),
        network,
        {"test": TensorDataset(inputs, torch.zeros(len(inputs)))},
        conditions,
        realisations,
        key(block),
    ).scores
    return torch.stack([torch.from_numpy(found[str(index)]) for index in range(len(found))], dim=-1)
