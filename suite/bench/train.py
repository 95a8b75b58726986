"""How fast training is: against the plain PyTorch loop anybody would write, and against the machine's matrix product.

The job: one epoch over 12,800 images of MNIST's shape (synthetic: the keyed generator's) in batches of 128, Adam, one
thread; the suite's own loop has its one-cycle schedule, weight decay and random streams besides.
"""

from __future__ import annotations

from statistics import median

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from suite.bench.networks import NETWORKS, Candidate
from suite.bench.rows import Measured, measured
from suite.bench.sgemm import sgemm_rate
from suite.bench.tables import seconds, threads
from suite.contract import Recipe, Score, Splits, Workload, accuracy, seeded
from suite.registry import registry
from suite.seeds import torch_generator
from suite.training import train

SAMPLES, CLASSES, BATCH, RATE = 12_800, 10, 128, 1e-3
ENTROPY = 20412


def run(quick: bool = False) -> list[Measured]:
    """Every network; a minute on one core. quick: one turn instead of five."""
    with threads(1):
        return [row for candidate in NETWORKS for row in measure(candidate, repeats=1 if quick else 5)]


def measure(candidate: Candidate, repeats: int) -> list[Measured]:
    """The plain loop, the suite's and a matrix product in turn, `repeats` times; medians of CPU seconds."""
    data = images(candidate)
    times: dict[str, list[float]] = {"plain": [], "suite": [], "rate": []}
    for _ in range(repeats):
        times["rate"].append(sgemm_rate())
        times["plain"].append(seconds(lambda: plain_epoch(candidate, data)))
        times["suite"].append(seconds(lambda: suite_epoch(candidate, data)))
    plain, own, rate = (median(values) for values in times.values())
    # Forward, gradients of the weights, and of the inputs of all layers but the first.
    operations = 2 * (3 * candidate.multiplications - candidate.first) * SAMPLES
    return [
        measured("train", f"{candidate.name}: one epoch", own, "CPU s"),
        measured("train", f"{candidate.name}: times the plain loop", plain / own, "x", ">= 1"),
        measured("train", f"{candidate.name}: share of SGEMM", 100 * operations / own / rate, "%"),
    ]


def images(candidate: Candidate) -> TensorDataset:
    """Random images and labels."""
    generator = torch_generator(ENTROPY, "bench-train", candidate.name)
    pixels = torch.rand(SAMPLES, 1, 28, 28, generator=generator)
    return TensorDataset(pixels, torch.randint(CLASSES, (SAMPLES,), generator=generator))


def plain_epoch(candidate: Candidate, data: TensorDataset) -> nn.Module:
    """One epoch as in a tutorial."""
    network = candidate.build()
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    for inputs, labels in DataLoader(data, batch_size=BATCH, shuffle=True):
        optimiser.zero_grad()
        functional.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    return network


def suite_epoch(candidate: Candidate, data: TensorDataset) -> nn.Module:
    """One epoch of `suite.training.train`."""

    def built(generator: torch.Generator) -> nn.Module:
        with seeded(generator):
            return candidate.build()

    recipe = Recipe(epochs=1, batch=BATCH, learning_rate=RATE)
    splits = Splits(data, data, {"test": data}, "synthetic:images")
    workload = Workload(
        title=candidate.name,
        data=lambda scale, root, seed: splits,
        network=built,
        recipe=lambda scale: recipe,
        measures={"accuracy": Score("Accuracy", 1 / CLASSES)},
        scores=lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
        floor=0.0,
    )
    erm = registry().method("erm")
    return train(workload, erm, splits, recipe, name=candidate.name, entropy=ENTROPY, seed=0, params={}, options={})
