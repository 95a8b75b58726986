"""What a GPU gives: how far its training and sweeps are from the CPU's, and how many times as fast as one thread.

Both have the same random streams (initial weights, order of batches, draws of the crossbars come from the CPU), so
what differs is arithmetic alone. Trainings are compared after few steps, since differences grow with every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

import torch
from torch import Tensor, nn

from suite.contract import Recipe
from suite.contract.seeds import torch_generator
from suite.results.provenance import hardware
from tests.bench.job import ENTROPY, Job
from tests.bench.machine import turns
from tests.bench.networks import NETWORKS, PHOTOGRAPHS, made
from tests.bench.rows import Measured, rows_of
from tests.bench.sweep import REALISATIONS, SAMPLES, SIGMAS
from tests.bench.train import BATCH, RECIPE, suite_epoch

CPU = "cpu"
STEPS, LONGER, BLOCK = 10, 100, 250


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
    """Rows of one network on a device of torch, under that label; clock times in turn, medians."""
    expected, found = (trained(name, STEPS, where).state_dict() for where in (CPU, device))
    weights = max(relative(found[key], value) for key, value in expected.items() if value.is_floating_point())
    here, there = job(name, CPU), job(name, device)
    outputs = relative(there.swept(), here.swept())
    took = turns(
        repeats,
        cpu_training=lambda: clock_s(lambda: trained(name, LONGER, CPU)),
        training=lambda: clock_s(lambda: trained(name, LONGER, device)),
        cpu_sweep=lambda: clock_s(here.sweep),
        sweep=lambda: clock_s(there.sweep),
    )
    figures = [
        (f"largest relative difference of weights after {STEPS} steps", weights, "", "<= 1e-3"),
        ("largest relative difference of a sweep's outputs", outputs, "", "<= 1e-4"),
        (f"{LONGER} steps of training", took["training"], "s", ""),
        ("training, times one CPU thread", took["cpu_training"] / took["training"], "x", ""),
        ("sweep, times one CPU thread", took["cpu_sweep"] / took["sweep"], "x", ""),
    ]
    return rows_of("cuda", label, figures)


def relative(found: Tensor, expected: Tensor) -> float:
    """The largest difference as a share of the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


def clock_s(work: Callable[[], object]) -> float:
    """Of the clock, which waits for what `work` gives back on the CPU."""
    start = perf_counter()
    work()
    return perf_counter() - start


def trained(name: str, steps: int, device: str) -> nn.Module:
    """By the suite's own loop, plainly."""
    return suite_epoch(name, *made(name, steps * BATCH, RECIPE), device)


def job(name: str, device: str) -> Job:
    """An untrained network and its sweep."""
    recipe = Recipe(epochs=0, batch=BATCH, learning_rate=0.0, test_block=BLOCK)
    workload, splits = made(name, SAMPLES, recipe)
    network = workload.network(torch_generator(ENTROPY, "bench-network", name)).eval().to(device)
    data, levels = splits.tests["test"], (SIGMAS, REALISATIONS, "all_parameters", ())
    return Job(name, workload, network, data, BLOCK, *levels, splits.source)
