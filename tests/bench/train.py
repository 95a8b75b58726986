"""How fast training is: against the plain PyTorch loop anybody would write, against the suite's own loop with the
layers one by one, as it was before some were fused (`suite.training.fused`), and against the machine's matrix product.

The job: one epoch over synthetic images (the keyed generator's) in batches of 128, Adam, one thread: 12,800 of MNIST's
shape, 640 of CIFAR's. The suite's own loop has its one-cycle schedule, weight decay and random streams besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import patch

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from suite.contract import Recipe, Splits, SuiteError, Workload
from suite.contract.registry import registry
from suite.training import loop
from tests.bench.machine import Run, processes, seconds, sgemm_rate, turns
from tests.bench.networks import ENTROPY, NETWORKS, PHOTOGRAPHS, fresh, made
from tests.bench.rows import Measured, rows_of

SAMPLES, PHOTOGRAPH_SAMPLES, BATCH, RATE = 12_800, 640, 128, 1e-3
RECIPE = Recipe(epochs=1, batch=BATCH, learning_rate=RATE)
# {network: times the layers one by one, share of SGEMM in percent}
BARS = {"LeNet-5": (">= 1.4", ">= 20"), **dict.fromkeys(PHOTOGRAPHS, (">= 1.3", ""))}


def run(quick: bool = False) -> Iterator[Measured]:
    """Every network; a minute and a half of one core. quick: one turn instead of five. What is left out is told."""
    with processes() as (worker, script):
        for name in (*NETWORKS, *PHOTOGRAPHS):
            try:
                yield from measure(name, 1 if quick else 5, worker, script)
            except SuiteError as error:
                print(f"left out: {error}")


def measure(name: str, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product and the suite's loops in a worker, the plain one in a script, in turn; medians of CPU seconds."""
    found = turns(
        repeats,
        rate=lambda: worker(sgemm_rate),
        plain=lambda: script(plain_s, name),
        single=lambda: worker(single_s, name),
        suite=lambda: worker(suite_s, name),
    )
    share = 100 * worker(operations, name) / found["suite"] / found["rate"]
    ratio_bar, share_bar = BARS.get(name, ("", ""))
    figures = [
        ("one epoch", found["suite"], "CPU s", ""),
        ("times the plain loop", found["plain"] / found["suite"], "x", ">= 1"),
        ("times the layers one by one", found["single"] / found["suite"], "x", ratio_bar),
        ("share of SGEMM", share, "%", share_bar),
    ]
    return rows_of("train", name, figures)


def samples_of(name: str) -> int:
    """Images of an epoch."""
    return PHOTOGRAPH_SAMPLES if name in PHOTOGRAPHS else SAMPLES


def plain_s(name: str) -> float:
    """CPU seconds of an epoch as in a tutorial."""
    _, splits = made(name, samples_of(name), RECIPE)
    return seconds(lambda: plain_epoch(name, splits.train))


def suite_s(name: str) -> float:
    """CPU seconds of an epoch of `suite.training.loop.train`."""
    workload, splits = made(name, samples_of(name), RECIPE)
    return seconds(lambda: suite_epoch(name, workload, splits))


def single_s(name: str) -> float:
    """The same with each layer on its own."""
    with patch.object(loop, "fused", nullcontext):
        return suite_s(name)


def plain_epoch(name: str, data: Dataset) -> nn.Module:
    """One epoch as in a tutorial."""
    network = fresh(name).train()
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    for inputs, labels in DataLoader(data, batch_size=BATCH, shuffle=True):
        optimiser.zero_grad()
        functional.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    return network


def suite_epoch(name: str, workload: Workload, splits: Splits, device: str = "cpu") -> nn.Module:
    """One epoch of the suite's own loop; the network is on the CPU afterwards."""
    erm = registry().method("erm")
    same = {"name": name, "entropy": ENTROPY, "seed": 0}
    return loop.train(workload, erm, splits, RECIPE, **same, params={}, options={}, device=device)


def operations(name: str) -> int:
    """Of an epoch: forward, gradients of the weights, and of the inputs of all layers but the first."""
    inputs, labels = made(name, BATCH, RECIPE)[1].train[:]
    network = fresh(name).train()
    with FlopCounterMode(display=False) as counter:
        functional.cross_entropy(network(inputs), labels).backward()
    return counter.get_total_flops() * samples_of(name) // BATCH
