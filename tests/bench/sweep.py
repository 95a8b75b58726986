"""How fast a sweep is: against the plain loop anybody would write, and against the machine's matrix product.

The job: 1,000 images of MNIST's shape (synthetic: the keyed generator's), sigma 0, 0.1, 0.3, 0.6, 1.0, 10 realisations,
every parameter programmed, one thread. Sigma 0 is evaluated once by both sides, so 41 evaluations are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from statistics import median

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from suite.contract import Condition, Recipe, Score, Splits, Workload, accuracy, seeded
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.sweep import SweepResult, sweep
from tests.bench.memory import peak_mb
from tests.bench.networks import NETWORKS, Candidate
from tests.bench.peer import peer_jobs
from tests.bench.processes import Run, processes
from tests.bench.rest import at_rest
from tests.bench.rows import Figure, Measured, known
from tests.bench.sgemm import sgemm_rate
from tests.bench.tables import seconds, threads, wall_seconds

SAMPLES, CLASSES, REALISATIONS = 1000, 10, 10
SIGMAS = (0.0, 0.1, 0.3, 0.6, 1.0)
EVALUATIONS = 1 + (len(SIGMAS) - 1) * REALISATIONS
NAIVE_BATCH = 100
ENTROPY, SEED = 20412, 0
# {network: times the naive loop, share of SGEMM in percent}, of one thread.
BARS = {"MLP 784-256-10": (">= 3", ">= 75"), "LeNet-5": (">= 8", ">= 45")}


@dataclass(frozen=True)
class Job:
    """One network and its data."""

    candidate: Candidate
    network: nn.Module
    data: TensorDataset

    @staticmethod
    def of(candidate: Candidate) -> Job:
        """Weights and images from keyed generators."""
        generator = torch_generator(ENTROPY, "bench", candidate.name)
        with seeded(generator):
            network = candidate.build().eval()
        images = torch.rand(SAMPLES, 1, 28, 28, generator=generator)
        return Job(candidate, network, TensorDataset(images, torch.randint(CLASSES, (SAMPLES,), generator=generator)))

    def sweep(self, scores: Callable[[Tensor, Tensor], Mapping[str, float]]) -> SweepResult:
        """The job by the suite's own engine."""
        devices, crossbars = {"lognormal": registry().device("lognormal")}, {"all": Crossbar(cells="all_parameters")}
        return sweep(
            _workload(self, scores),
            self.network,
            {"test": self.data},
            [Condition.of(sigma_log=sigma, crossbar="all") for sigma in SIGMAS],
            range(REALISATIONS),
            Key(self.candidate.name, ENTROPY, SEED, devices, crossbars, self.candidate.block),
        )

    def scored(self) -> SweepResult:
        """The job as it is timed."""
        return self.sweep(_accuracy)

    def naive(self) -> list[float]:
        """The job as a plain loop: copy, perturb, read the test set through a loader."""
        generator = torch_generator(ENTROPY, "bench-naive", self.candidate.name)
        sigmas = [0.0] + [sigma for sigma in SIGMAS[1:] for _ in range(REALISATIONS)]
        return [self._naive(sigma, generator) for sigma in sigmas]

    def _naive(self, sigma: float, generator: torch.Generator) -> float:
        network, right = deepcopy(self.network), 0
        for parameter in network.parameters():
            parameter.mul_(torch.exp(sigma * torch.randn(parameter.shape, generator=generator)))
        for images, labels in DataLoader(self.data, batch_size=NAIVE_BATCH, num_workers=0):
            right += int((network(images).argmax(1) == labels).sum())
        return right / SAMPLES

    def error(self) -> float:
        """Largest relative error of the sweep's outputs against copies perturbed with the same draws."""
        found = self.sweep(lambda outputs, targets: {str(i): v for i, v in enumerate(outputs.flatten().tolist())})
        flat = torch.stack([torch.from_numpy(found.scores[str(i)]) for i in range(SAMPLES * CLASSES)], dim=-1)
        worst = 0.0
        for realisation in range(REALISATIONS):
            for row, sigma in enumerate(SIGMAS):
                expected = self._reference(sigma, realisation).flatten().double()
                worst = max(worst, float((flat[row, realisation] - expected).abs().max() / expected.abs().max()))
        return worst

    def _reference(self, sigma: float, realisation: int) -> Tensor:
        network = deepcopy(self.network)
        for name, parameter in network.named_parameters():
            key = (self.candidate.name, SEED, realisation, name)
            noise = torch.randn(parameter.shape, generator=torch_generator(ENTROPY, "device-noise", *key))
            parameter.mul_(torch.exp(sigma * noise))
        return network(self.data.tensors[0])


def run(quick: bool = False) -> list[Measured]:
    """Every network; a minute of one core. quick: one turn instead of five."""
    rows = []
    for candidate in NETWORKS:
        with processes() as (worker, script):
            rows += measure(candidate, 1 if quick else 5, worker, script)
    return rows


def measure(candidate: Candidate, repeats: int, worker: Run, script: Run) -> list[Measured]:
    """Matrix product and sweep in a worker, naive loop and peer in a script, in turn, `repeats` times; medians of CPU
    seconds.

    The peer's noise is its own: times alone compare. Clock times on two threads are taken on a machine at rest alone.
    """
    name = candidate.name
    peak, error = worker(peak_of_sweep, candidate), worker(largest_error, candidate)
    # The first turn of a process does not count.
    script(cpu_s, candidate, "naive")
    times: dict[str, list[float]] = {"rate": [], "naive": [], "sweep": [], "peer": []}
    for _ in range(repeats):
        times["rate"].append(worker(sgemm_rate))
        times["naive"].append(script(cpu_s, candidate, "naive"))
        times["sweep"].append(worker(cpu_s, candidate, "scored"))
        times["peer"].append(script(peer_s, candidate))
    rate, naive, swept, peer = (median(values) for values in times.values())
    operations = 2 * candidate.multiplications * SAMPLES * EVALUATIONS
    ratio_bar, share_bar = BARS[name]
    rows: list[Figure] = [
        (f"{EVALUATIONS} evaluations", swept, "CPU s", ""),
        ("times the naive loop", naive / swept, "x", ratio_bar),
        ("share of SGEMM", 100 * operations / swept / rate, "%", share_bar),
        ("times AIHWKIT-Lightning", peer / swept, "x", ""),
        ("largest relative error", error, "", ""),
        ("memory that the sweep adds at its peak", peak, "MB", ""),
        ("speed-up of two threads over one, clock", worker(two_threads, candidate, repeats), "x", ""),
        ("SGEMM", rate / 1e9, "GFLOP/s", ""),
    ]
    return known("sweep", name, rows)


_job = cache(Job.of)


def cpu_s(candidate: Candidate, what: str) -> float:
    """Of this process, for one way to do the job."""
    with torch.no_grad():
        return seconds(getattr(_job(candidate), what))


def peer_s(candidate: Candidate) -> float:
    """CPU seconds of the faster of the peer's ways; NaN where it is not installed."""
    job = _job(candidate)
    with torch.no_grad():
        peers = peer_jobs(job.network, job.data.tensors[0], SIGMAS, REALISATIONS)
        return min((seconds(peer) for peer in peers), default=math.nan)


def largest_error(candidate: Candidate) -> float:
    """Against the slow reference."""
    with torch.no_grad():
        return _job(candidate).error()


def peak_of_sweep(candidate: Candidate) -> float:
    """MB that the first sweep of this process adds, libraries included."""
    with torch.no_grad():
        return peak_mb(_job(candidate).scored)


def two_threads(candidate: Candidate, repeats: int) -> float:
    """Clock time on one thread over that on two, in turn, medians; NaN while others use the machine."""
    if not at_rest(2):
        return math.nan
    times: dict[int, list[float]] = {1: [], 2: []}
    with torch.no_grad():
        for count in (2, *(1, 2) * repeats):  # the first begins the threads
            with threads(count):
                times[count].append(wall_seconds(_job(candidate).scored))
    return median(times[1]) / median(times[2][1:])


def _accuracy(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    return {"accuracy": accuracy(outputs, targets)}


def _workload(job: Job, scores: Callable[[Tensor, Tensor], Mapping[str, float]]) -> Workload:
    return Workload(
        title=job.candidate.name,
        data=lambda scale, root, seed: Splits(job.data, job.data, {"test": job.data}, "synthetic:images"),
        network=lambda generator: job.network,
        recipe=lambda scale: Recipe(epochs=0, batch=NAIVE_BATCH, learning_rate=0.0, test_block=job.candidate.block),
        measures={"accuracy": Score("accuracy", 1 / CLASSES)},
        scores=scores,
        floor=("accuracy", 0.0),
    )
