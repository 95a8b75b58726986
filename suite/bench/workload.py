"""How fast the sweep of every workload is: its own network, on its own test data, in a process of its own.

Against the clean network called block by block (an evaluation can hardly cost less), against the plain loop anybody
would write, and against the machine's matrix product. Programming noise on the workload's own arrays.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from suite.allocator import keep_freed_memory
from suite.bench.memory import largest_mb
from suite.bench.rows import Figure, Measured, measured
from suite.bench.sgemm import sgemm_rate
from suite.bench.tables import seconds, threads
from suite.contract import Condition, DataMissing, Scale, Workload
from suite.crossbar.batches import blocks_of, joined
from suite.crossbar.settings import Crossbar
from suite.registry import registry
from suite.seeds import torch_generator
from suite.sweep import SweepResult, sweep

BENCH = "sweep of workloads"
SCALE: Scale = "reference"
ENTROPY, SEED = 20412, 0
SIGMAS, REALISATIONS, NAIVE_BATCH = (0.1, 0.3, 0.6, 1.0), 2, 100
# The clean network once besides.
EVALUATIONS = 1 + len(SIGMAS) * REALISATIONS
# Photographs: the clean forward pass is their bar.
BARRED, BAR = "cifar_", ">= 95"
# Seconds that one clean pass takes: of the test set so many blocks are used.
PASS_S, QUICK_PASS_S = 0.7, 0.2


def run(root: Path | None, quick: bool = False) -> Iterator[Measured]:
    """Every workload whose data are at hand; about five minutes of one core. quick: shorter passes, one turn."""
    for name in [entry.name for entry in registry().entries("workload")]:
        # A process of its own: none profits from the memory and the buffers that another has left behind.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield from pool.submit(measure, name, root, *((QUICK_PASS_S, 1) if quick else (PASS_S, 3))).result()


def measure(name: str, root: Path | None, pass_s: float, repeats: int) -> list[Measured]:
    """Clean passes, sweep, naive loop and matrix product in turn, `repeats` times; medians of CPU seconds. Empty where
    the data are missing."""
    keep_freed_memory()
    with threads(1), torch.inference_mode(), warnings.catch_warnings():
        # Untrained networks that predict one class are no news here.
        warnings.simplefilter("ignore")
        try:
            job = Job.of(name, root, pass_s)
        except DataMissing:
            return []
        job.sweep()  # loads libraries
        peak = largest_mb("self")
        times: dict[str, list[float]] = {"rate": [], "clean": [], "sweep": [], "naive": []}
        for _ in range(repeats):
            times["rate"].append(sgemm_rate())
            times["clean"].append(seconds(job.clean))
            times["sweep"].append(seconds(job.sweep))
            times["naive"].append(seconds(job.naive))
        rate, clean, swept, naive = (median(values) for values in times.values())
        each = swept / EVALUATIONS
        rows: list[Figure] = [
            (f"an evaluation of {len(job.data):,} samples", 1e3 * each, "CPU ms", ""),
            ("of the clean rate", 100 * clean / each, "%", BAR if name.startswith(BARRED) else ""),
            ("times the naive loop", naive / each, "x", ""),
            ("share of SGEMM", 100 * job.operations() / each / rate, "%", ""),
            ("memory of the process at its peak", peak, "MB", ""),
        ]
    return [measured(BENCH, f"{name} ({job.source}): {what}", value, unit, bar) for what, value, unit, bar in rows]


@dataclass(frozen=True)
class Job:
    """A workload's untrained network, and as much of its first test set as was asked for."""

    name: str
    workload: Workload
    network: nn.Module
    data: Any
    block: int
    source: str

    @staticmethod
    def of(name: str, root: Path | None, pass_s: float) -> Job:
        """Raises DataMissing where the data root lacks the workload's data."""
        workload = registry().workload(name)
        splits = workload.data(SCALE, root, SEED)
        network = workload.network(torch_generator(ENTROPY, "bench-workload", name)).eval()
        data, block = next(iter(splits.tests.values())), workload.recipe(SCALE).test_block
        job = Job(name, workload, network, data, block, splits.source)
        one = job.first(job.block)
        one.clean()
        return job.first(job.block * max(1, int(pass_s / seconds(one.clean))))

    def first(self, samples: int) -> Job:
        """The same on the first samples alone."""
        count = min(samples, len(self.data))
        if isinstance(self.data, TensorDataset):
            return replace(self, data=TensorDataset(*(tensor[:count] for tensor in self.data.tensors)))
        return replace(self, data=Subset(self.data, range(count)))

    @cached_property
    def blocks(self) -> list[Any]:
        """The data as the sweep reads them."""
        return blocks_of(self.workload, self.data, self.block, torch.device("cpu"))

    def clean(self) -> None:
        """The network as it is, on all blocks."""
        for batch in self.blocks:
            _outputs(self.workload, self.network, batch)

    def operations(self) -> int:
        """Of products and convolutions in one clean pass."""
        with FlopCounterMode(display=False) as counter:
            self.clean()
        return counter.get_total_flops()

    def sweep(self) -> SweepResult:
        """One clean evaluation, and one per level and realisation."""
        return sweep(
            self.workload,
            self.network,
            {"test": self.data},
            [Condition.of(sigma_log=sigma) for sigma in SIGMAS],
            range(REALISATIONS),
            name=self.name,
            entropy=ENTROPY,
            seed=SEED,
            devices={"lognormal": registry().device("lognormal")},
            crossbars={"weights": Crossbar()},
            block=self.block,
        )

    def naive(self) -> Mapping[str, float]:
        """One evaluation as a plain loop: copy, perturb, read the test set through a loader."""
        network, outputs, targets = deepcopy(self.network), [], []
        for array in self.workload.arrays(network).values():
            array.detach().mul_(torch.exp(SIGMAS[1] * torch.randn(array.shape)))
        for batch in DataLoader(self.data, batch_size=NAIVE_BATCH, num_workers=0, collate_fn=self.workload.collate):
            outputs.append(_outputs(self.workload, network, batch))
            targets.append(self.workload.targets(batch))
        return self.workload.scores(joined(outputs), joined(targets))


def _outputs(workload: Workload, network: nn.Module, batch: Any) -> Any:
    if workload.outputs is None:
        return network(batch[0])
    return workload.outputs(network, batch, torch_generator(ENTROPY, "bench-outputs"))
