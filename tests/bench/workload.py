"""How fast the sweep of every workload is: its own network, on its own test data.

Against the clean network called block by block as it is, against the plain loop anybody would write, and against the
machine's matrix product. Programming noise on the workload's own arrays.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from suite.contract import Condition, Scale, SuiteError, Workload
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import blocks_of, joined
from suite.sweep.sweep import SweepResult, sweep
from tests.bench.memory import largest_mb
from tests.bench.processes import Run, processes
from tests.bench.rows import Figure, Measured, known
from tests.bench.sgemm import sgemm_rate
from tests.bench.tables import seconds

BENCH = "sweep of workloads"
SCALE: Scale = "reference"
ENTROPY, SEED = 20412, 0
SIGMAS, REALISATIONS, NAIVE_BATCH = (0.1, 0.3, 0.6, 1.0), 2, 100
# The clean network once besides.
EVALUATIONS = 1 + len(SIGMAS) * REALISATIONS
# Photographs: the clean forward pass is their bar.
BARRED, BAR = "cifar_", ">= 95"
# Seconds that one clean pass may take: of the test set so many blocks are used, at least one.
PASS_S, QUICK_PASS_S = 0.7, 0.2


def run(root: Path | None, quick: bool, show: Callable[[str], None]) -> Iterator[Measured]:
    """Every workload; about five minutes of one core. quick: shorter passes, one turn. show: told what is left out, for
    want of packages or sound data."""
    for entry in registry().entries("workload"):
        try:
            registry().workload(entry.name)
            with processes() as (worker, script):
                yield from measure(entry.name, root, *((QUICK_PASS_S, 1) if quick else (PASS_S, 3)), worker, script)
        except SuiteError as error:
            show(f"left out: {error}")


def measure(name: str, root: Path | None, pass_s: float, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product, clean passes and sweep in a worker, the naive loop in a script, in turn, `repeats` times; medians
    of CPU seconds. Raises DataMissing where the data root lacks the workload's data."""
    samples = worker(samples_in, name, root, pass_s)
    job = name, root, samples
    worker(cpu_s, *job, "sweep")
    peak = worker(largest_mb, "self")
    # The first turn of a process loads libraries, and does not count.
    worker(cpu_s, *job, "clean")
    script(cpu_s, *job, "naive")
    times: dict[str, list[float]] = {"rate": [], "clean": [], "sweep": [], "naive": []}
    for _ in range(repeats):
        times["rate"].append(worker(sgemm_rate))
        times["clean"].append(worker(cpu_s, *job, "clean"))
        times["sweep"].append(worker(cpu_s, *job, "sweep"))
        times["naive"].append(script(cpu_s, *job, "naive"))
    rate, clean, swept, naive = (median(values) for values in times.values())
    each, (operations, source) = swept / EVALUATIONS, worker(facts, *job)
    rows: list[Figure] = [
        (f"an evaluation of {samples:,} samples", 1e3 * each, "CPU ms", ""),
        ("of the clean rate", 100 * clean / each, "%", BAR if name.startswith(BARRED) else ""),
        ("times the naive loop", naive / each, "x", ""),
        ("share of SGEMM", 100 * operations / each / rate, "%", ""),
        ("memory of the process at its peak", peak, "MB", ""),
    ]
    return known(BENCH, f"{name} ({source})", rows)


def samples_in(name: str, root: Path | None, pass_s: float) -> int:
    """Samples of whole blocks that a clean pass takes `pass_s` for."""
    whole = _whole(name, root)
    one = whole.first(whole.block)
    with torch.inference_mode():
        one.clean()
        return len(whole.first(whole.block * max(1, int(pass_s / seconds(one.clean)))).data)


def facts(name: str, root: Path | None, samples: int) -> tuple[int, str]:
    """Operations of a clean pass, and the source of the data."""
    job = _part(name, root, samples)
    with torch.inference_mode():
        return job.operations(), job.source


def cpu_s(name: str, root: Path | None, samples: int, what: str) -> float:
    """Of this process, for one of the job's passes."""
    job = _part(name, root, samples)
    with torch.inference_mode(), warnings.catch_warnings():
        # Untrained networks that predict one class are no news here.
        warnings.simplefilter("ignore")
        return seconds(getattr(job, what))


@cache
def _whole(name: str, root: Path | None) -> Job:
    return Job.of(name, root)


@cache
def _part(name: str, root: Path | None, samples: int) -> Job:
    return _whole(name, root).first(samples)


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
    def of(name: str, root: Path | None) -> Job:
        """Raises DataMissing where the data root lacks the workload's data."""
        workload = registry().workload(name)
        splits = workload.data(SCALE, root, SEED)
        network = workload.network(torch_generator(ENTROPY, "bench-workload", name)).eval()
        data, block = next(iter(splits.tests.values())), workload.recipe(SCALE).test_block
        return Job(name, workload, network, data, block, splits.source)

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
        devices = {"lognormal": registry().device("lognormal")}
        return sweep(
            self.workload,
            self.network,
            {"test": self.data},
            [Condition.of(sigma_log=sigma) for sigma in SIGMAS],
            range(REALISATIONS),
            Key(self.name, ENTROPY, SEED, devices, {"weights": Crossbar()}, self.block),
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
