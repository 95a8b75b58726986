"""How fast the sweep of every workload is: its own network, untrained, on its own test data.

Against the clean network called block by block as it is, against the plain loop anybody would write, and against the
machine's matrix product. Programming noise on the workload's own arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import torch

from suite.contract import Scale, SuiteError
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.data.datasets import data_root
from tests.bench.job import ENTROPY, SEED, Job
from tests.bench.machine import Run, processes, seconds, sgemm_rate, turns
from tests.bench.rows import Measured, rows_of

SCALE: Scale = "reference"
SIGMAS, REALISATIONS = (0.1, 0.3, 0.6, 1.0), 2
# Photographs: the clean forward pass is their bar.
BARRED, BAR = "cifar_", ">= 95"
# Seconds that one clean pass may take: of the test set so many blocks are used, at least one.
PASS_S, QUICK_PASS_S = 0.7, 0.2


def run(quick: bool = False) -> Iterator[Measured]:
    """Every workload; about five minutes of one core. quick: shorter passes, one turn. What is left out, for want of
    packages or data, is told."""
    for entry in registry().entries("workload"):
        try:
            registry().workload(entry.name)
            with processes() as (worker, script):
                yield from measure(entry.name, *((QUICK_PASS_S, 1) if quick else (PASS_S, 3)), worker, script)
        except SuiteError as error:
            print(f"left out: {error}")


def measure(name: str, pass_s: float, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product, clean passes and sweep in a worker, the naive loop in a script, in turn; medians of CPU seconds.
    Raises DataMissing where the data root lacks the workload's data."""
    samples = worker(samples_in, name, pass_s)
    found = turns(
        repeats,
        rate=lambda: worker(sgemm_rate),
        clean=lambda: worker(cpu_s, name, samples, "clean"),
        sweep=lambda: worker(cpu_s, name, samples, "sweep"),
        naive=lambda: script(cpu_s, name, samples, "naive"),
    )
    evaluations, operations, source = worker(facts, name, samples)
    each = found["sweep"] / evaluations
    figures = [
        (f"an evaluation of {samples:,} samples", 1e3 * each, "CPU ms", ""),
        ("of the clean rate", 100 * found["clean"] / each, "%", BAR if name.startswith(BARRED) else ""),
        ("times the naive loop", found["naive"] / each, "x", ""),
        ("share of SGEMM", 100 * operations / each / found["rate"], "%", ""),
    ]
    return rows_of("sweep of workloads", f"{name} ({source})", figures)


@cache
def whole(name: str) -> Job:
    """On all of the first test set. Raises DataMissing."""
    workload = registry().workload(name).at(SCALE, {})
    splits = workload.data(SCALE, data_root(), SEED)
    network = workload.network(torch_generator(ENTROPY, "bench-workload", name)).eval()
    data, block = next(iter(splits.tests.values())), workload.recipe(SCALE).test_block
    return Job(name, workload, network, data, block, SIGMAS, REALISATIONS, "weights", SIGMAS[1:2], splits.source)


@cache
def part(name: str, samples: int) -> Job:
    """On so many samples."""
    return whole(name).first(samples)


def samples_in(name: str, pass_s: float) -> int:
    """Samples of whole blocks that a clean pass takes `pass_s` for."""
    job = whole(name)
    one = job.first(job.block)
    with torch.inference_mode():
        one.clean()
        return len(job.first(job.block * max(1, int(pass_s / seconds(one.clean)))).data)


def cpu_s(name: str, samples: int, what: str) -> float:
    """Of this process, for one way to do the job."""
    return part(name, samples).cpu_s(what)


def facts(name: str, samples: int) -> tuple[int, int, str]:
    """Evaluations, operations of each, and the source of the data."""
    job = part(name, samples)
    return job.evaluations, job.operations(), job.source
