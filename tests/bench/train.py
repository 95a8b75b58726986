"""How fast training is: against the plain PyTorch loop anybody would write, and against the machine's matrix product.

The job: one epoch over 12,800 images of MNIST's shape (synthetic: the keyed generator's) in batches of 128, Adam, one
thread; the suite's own loop has its one-cycle schedule, weight decay and random streams besides.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from suite.contract import Recipe, Splits, Workload
from suite.contract.registry import registry
from suite.training.loop import train
from tests.bench.machine import Run, processes, seconds, sgemm_rate, turns
from tests.bench.networks import ENTROPY, NETWORKS, made
from tests.bench.rows import Measured, rows_of

SAMPLES, BATCH, RATE = 12_800, 128, 1e-3
RECIPE = Recipe(epochs=1, batch=BATCH, learning_rate=RATE)


def run(quick: bool = False) -> list[Measured]:
    """Every network; half a minute on one core. quick: one turn instead of five."""
    with processes() as (worker, script):
        return [row for name in NETWORKS for row in measure(name, 1 if quick else 5, worker, script)]


def measure(name: str, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product and the suite's loop in a worker, the plain one in a script, in turn; medians of CPU seconds."""
    found = turns(
        repeats,
        rate=lambda: worker(sgemm_rate),
        plain=lambda: script(plain_s, name),
        suite=lambda: worker(suite_s, name),
    )
    share = 100 * worker(operations, name) / found["suite"] / found["rate"]
    figures = [
        ("one epoch", found["suite"], "CPU s", ""),
        ("times the plain loop", found["plain"] / found["suite"], "x", ">= 1"),
        ("share of SGEMM", share, "%", ""),
    ]
    return rows_of("train", name, figures)


def plain_s(name: str) -> float:
    """CPU seconds of an epoch as in a tutorial."""
    _, splits = made(name, SAMPLES, RECIPE)
    return seconds(lambda: plain_epoch(name, splits.train))


def suite_s(name: str) -> float:
    """CPU seconds of an epoch of `suite.training.loop.train`."""
    workload, splits = made(name, SAMPLES, RECIPE)
    return seconds(lambda: suite_epoch(name, workload, splits))


def plain_epoch(name: str, data: Dataset) -> nn.Module:
    """One epoch as in a tutorial."""
    network = NETWORKS[name][0]()
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    for inputs, labels in DataLoader(data, batch_size=BATCH, shuffle=True):
        optimiser.zero_grad()
        functional.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    return network


def suite_epoch(name: str, workload: Workload, splits: Splits) -> nn.Module:
    """One epoch of the suite's own loop."""
    erm = registry().method("erm")
    return train(workload, erm, splits, RECIPE, name=name, entropy=ENTROPY, seed=0, params={}, options={})


def operations(name: str) -> int:
    """Of an epoch: forward, gradients of the weights, and of the inputs of all layers but the first."""
    inputs, labels = made(name, BATCH, RECIPE)[1].train[:]
    network = NETWORKS[name][0]()
    with FlopCounterMode(display=False) as counter:
        functional.cross_entropy(network(inputs), labels).backward()
    return counter.get_total_flops() * SAMPLES // BATCH
