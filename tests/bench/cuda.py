"""What a GPU gives: how far its training and sweeps are from the CPU's, and how many times as fast as one thread.

Both have the same random streams (initial weights, order of batches, draws of the crossbars come from the CPU), so
what differs is arithmetic alone. Trainings are compared after few steps, since differences grow with every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn

from suite.contract import Recipe
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.results.provenance import hardware
from suite.sweep.sweep import SweepResult
from suite.training import loop
from tests.bench.job import ENTROPY, Job
from tests.bench.networks import NETWORKS, PHOTOGRAPHS, made
from tests.bench.rows import Measured, rows_of
from tests.bench.train import BATCH, RATE

CPU = "cpu"
STEPS, LONGER, IMAGES, BLOCK, SIGMAS, REALISATIONS = 10, 100, 1000, 250, (0.1, 0.3, 0.6, 1.0), 10


def run(quick: bool = False) -> Iterator[Measured]:
    """Every network of the benches `train` and `sweep`, some minutes. quick: one turn instead of three. Left out, and
    told, where there is no GPU."""
    if not torch.cuda.is_available():
        print("left out: no GPU that torch can use")
        return
    torch.set_num_threads(1)
    for name in (*NETWORKS, *PHOTOGRAPHS):
        yield from measure(name, "cuda", f"{name} on {hardware()['gpu']}", 1 if quick else 3)


def measure(name: str, device: str, label: str, repeats: int) -> list[Measured]:
    """Rows of one network on a device of torch, under that label; clock times, medians."""
    expected, found = (trained(name, STEPS, where).state_dict() for where in (CPU, device))
    weights = max(relative(found[key], value) for key, value in expected.items() if value.is_floating_point())
    outputs = relative(*(outputs_of(job(name, where)) for where in (device, CPU)))
    epochs = [clock_s(lambda where=where: trained(name, LONGER, where), repeats) for where in (CPU, device)]
    sweeps = [clock_s(job(name, where).sweep, repeats) for where in (CPU, device)]
    figures = [
        (f"largest relative difference of weights after {STEPS} steps", weights, "", "<= 1e-3"),
        ("largest relative difference of a sweep's outputs", outputs, "", "<= 1e-4"),
        (f"{LONGER} steps of training", epochs[1], "s", ""),
        ("training, times one CPU thread", epochs[0] / epochs[1], "x", ""),
        ("sweep, times one CPU thread", sweeps[0] / sweeps[1], "x", ""),
    ]
    return rows_of("cuda", label, figures)


def relative(found: Tensor, expected: Tensor) -> float:
    """The largest difference as a share of the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


def clock_s(work: Callable[[], SweepResult | nn.Module], repeats: int) -> float:
    """Median of the clock, which waits for what `work` gives back on the CPU; the first time does not count."""
    found = []
    for _ in range(1 + repeats):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return median(found[1:])


def trained(name: str, steps: int, device: str) -> nn.Module:
    """By the suite's own loop, plainly; on the CPU afterwards."""
    recipe, erm = Recipe(epochs=1, batch=BATCH, learning_rate=RATE), registry().method("erm")
    workload, splits = made(name, steps * BATCH, recipe)
    same = {"name": name, "entropy": ENTROPY, "seed": 0}
    return loop.train(workload, erm, splits, recipe, **same, params={}, options={}, device=device)


def job(name: str, device: str) -> Job:
    """An untrained network and its sweep."""
    recipe = Recipe(epochs=0, batch=BATCH, learning_rate=0.0, test_block=BLOCK)
    workload, splits = made(name, IMAGES, recipe)
    network = workload.network(torch_generator(ENTROPY, "bench-network", name)).eval().to(device)
    data, levels = splits.tests["test"], (SIGMAS, REALISATIONS, "all_parameters", ())
    return Job(name, workload, network, data, BLOCK, *levels, splits.source)


def outputs_of(own: Job) -> Tensor:
    """Every output at every sigma and realisation."""
    found = own.sweep(lambda outputs, targets: {f"{i}": value for i, value in enumerate(outputs.flatten().tolist())})
    return torch.stack([torch.from_numpy(found.scores[name]) for name in sorted(found.scores, key=int)], dim=-1)
