"""How fast a sweep is: against the plain loop anybody would write, and against the machine's matrix product.

The job: 1,000 images of MNIST's shape (synthetic: the keyed generator's), sigma 0, 0.1, 0.3, 0.6, 1.0, 10 realisations,
every parameter programmed, one thread. Sigma 0 is evaluated once by both sides, so 41 evaluations are counted.
"""

from __future__ import annotations

import math
from functools import cache

import torch

from suite.contract import Recipe
from suite.contract.seeds import torch_generator
from tests.bench.job import ENTROPY, Job
from tests.bench.machine import Run, processes, seconds, sgemm_rate, turns
from tests.bench.networks import NETWORKS, made
from tests.bench.peer import peer_jobs
from tests.bench.rows import Measured, rows_of

SAMPLES, REALISATIONS, SIGMAS = 1000, 10, (0.1, 0.3, 0.6, 1.0)
# {network: share of SGEMM in percent, times the peer}, of one thread. The naive loop is no measure: how fast the layers
# of torch itself are differs between processors.
BARS = {"MLP 784-256-10": (">= 75", ">= 1.2"), "LeNet-5": (">= 50", ">= 9")}


def run(quick: bool = False) -> list[Measured]:
    """Every network; a minute of one core. quick: one turn instead of five."""
    rows = []
    for name in NETWORKS:
        with processes() as (worker, script):
            rows += measure(name, 1 if quick else 5, worker, script)
    return rows


def measure(name: str, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product and sweep in a worker, naive loop and peer in a script, in turn; medians of CPU seconds. The
    peer's noise is its own: times alone compare."""
    evaluations, operations, error = worker(facts, name)
    found = turns(
        repeats,
        rate=lambda: worker(sgemm_rate),
        naive=lambda: script(cpu_s, name, "naive"),
        sweep=lambda: worker(cpu_s, name, "sweep"),
        peer=lambda: script(peer_s, name),
    )
    rate, swept, (share, peer) = found["rate"], found["sweep"], BARS[name]
    figures = [
        (f"{evaluations} evaluations", swept, "CPU s", ""),
        ("times the naive loop", found["naive"] / swept, "x", ""),
        ("share of SGEMM", 100 * operations * evaluations / swept / rate, "%", share),
        ("times AIHWKIT-Lightning", found["peer"] / swept, "x", peer),
        ("largest relative error", error, "", ""),
        ("SGEMM", rate / 1e9, "GFLOP/s", ""),
    ]
    return rows_of("sweep", name, figures)


@cache
def job(name: str) -> Job:
    """Weights and images from keyed generators."""
    block = NETWORKS[name][1]
    workload, splits = made(name, SAMPLES, Recipe(epochs=0, batch=100, learning_rate=0.0, test_block=block))
    network = workload.network(torch_generator(ENTROPY, "bench-network", name)).eval()
    naive = (0.0, *(sigma for sigma in SIGMAS for _ in range(REALISATIONS)))
    kinds = (SIGMAS, REALISATIONS, "all_parameters", naive, splits.source)
    return Job(name, workload, network, splits.tests["test"], block, *kinds)


def cpu_s(name: str, what: str) -> float:
    """Of this process, for one way to do the job."""
    return job(name).cpu_s(what)


def facts(name: str) -> tuple[int, int, float]:
    """Evaluations, operations of each, and the largest error against the slow reference."""
    own = job(name)
    with torch.no_grad():
        return own.evaluations, own.operations(), own.error()


def peer_s(name: str) -> float:
    """CPU seconds of the faster of the peer's ways; NaN where it is not installed."""
    own = job(name)
    with torch.no_grad():
        peers = peer_jobs(own.network, own.data.tensors[0], own.naive_sigmas)
        return min((seconds(peer) for peer in peers), default=math.nan)
