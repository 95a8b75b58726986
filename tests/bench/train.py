"""How fast training is: against the plain PyTorch loop anybody would write, and against the machine's matrix product.

The job: one epoch over 12,800 images of MNIST's shape (synthetic: the keyed generator's) in batches of 128, Adam, one
thread; the suite's own loop has its one-cycle schedule, weight decay and random streams besides.
"""

from __future__ import annotations

from functools import cache
from statistics import median

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from suite.contract import Recipe, Score, Splits, Workload, accuracy, seeded
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.training.loop import train
from tests.bench.networks import NETWORKS, Candidate
from tests.bench.processes import Run, processes
from tests.bench.rows import Measured, measured
from tests.bench.sgemm import sgemm_rate
from tests.bench.tables import seconds

SAMPLES, CLASSES, BATCH, RATE = 12_800, 10, 128, 1e-3
ENTROPY = 20412


def run(quick: bool = False) -> list[Measured]:
    """Every network; half a minute on one core. quick: one turn instead of five."""
    with processes() as (worker, script):
        return [row for of in NETWORKS for row in measure(of, 1 if quick else 5, worker, script)]


def measure(candidate: Candidate, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product and the suite's loop in a worker, the plain one in a script, in turn, `repeats` times; medians of
    CPU seconds."""
    # The first turn of a process does not count.
    script(plain_s, candidate)
    worker(suite_s, candidate)
    times: dict[str, list[float]] = {"rate": [], "plain": [], "suite": []}
    for _ in range(repeats):
        times["rate"].append(worker(sgemm_rate))
        times["plain"].append(script(plain_s, candidate))
        times["suite"].append(worker(suite_s, candidate))
    rate, plain, own = (median(values) for values in times.values())
    # Forward, gradients of the weights, and of the inputs of all layers but the first.
    operations = 2 * (3 * candidate.multiplications - candidate.first) * SAMPLES
    return [
        measured("train", f"{candidate.name}: one epoch", own, "CPU s"),
        measured("train", f"{candidate.name}: times the plain loop", plain / own, "x", ">= 1"),
        measured("train", f"{candidate.name}: share of SGEMM", 100 * operations / own / rate, "%"),
    ]


def plain_s(candidate: Candidate) -> float:
    """CPU seconds of an epoch as in a tutorial."""
    data = images(candidate)
    return seconds(lambda: plain_epoch(candidate, data))


def suite_s(candidate: Candidate) -> float:
    """CPU seconds of an epoch of the suite."""
    data = images(candidate)
    return seconds(lambda: suite_epoch(candidate, data))


@cache
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
    """One epoch of `suite.training.loop.train`."""

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
        floor=("accuracy", 0.0),
    )
    erm = registry().method("erm")
    return train(workload, erm, splits, recipe, name=candidate.name, entropy=ENTROPY, seed=0, params={}, options={})
