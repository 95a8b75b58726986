"""One network on its data, swept by the suite and by the plain loop anybody would write."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from suite.contract import Condition, Workload
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import blocks_of, joined
from suite.sweep.sweep import SweepResult, sweep
from tests.bench.machine import seconds

ENTROPY, SEED, NAIVE_BATCH = 20412, 0, 100


@dataclass(frozen=True)
class Job:
    """One clean evaluation, and one per sigma and realisation; naive_sigmas: of the evaluations by the plain loop."""

    name: str
    workload: Workload
    network: nn.Module
    data: Any
    block: int
    sigmas: tuple[float, ...]
    realisations: int
    cells: Literal["weights", "all_parameters"]
    naive_sigmas: tuple[float, ...]
    source: str

    @property
    def evaluations(self) -> int:
        """The clean one counts once."""
        return 1 + len(self.sigmas) * self.realisations

    def first(self, samples: int) -> Job:
        """The same on the first samples alone."""
        count = min(samples, len(self.data))
        if isinstance(self.data, TensorDataset):
            return replace(self, data=TensorDataset(*(tensor[:count] for tensor in self.data.tensors)))
        return replace(self, data=Subset(self.data, range(count)))

    def cpu_s(self, what: str) -> float:
        """CPU seconds of this process for `clean`, `naive` or `sweep`."""
        with torch.inference_mode(), warnings.catch_warnings():
            # Untrained networks that predict one class are no news here.
            warnings.simplefilter("ignore")
            return seconds(getattr(self, what))

    @cached_property
    def blocks(self) -> list[Any]:
        """The data as the sweep reads them."""
        return blocks_of(self.workload, self.data, self.block, torch.device("cpu"))

    def clean(self) -> None:
        """The network as it is, on all blocks."""
        for batch in self.blocks:
            self._outputs(self.network, batch)

    def operations(self) -> int:
        """Of products and convolutions in one clean pass."""
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            self.clean()
        return counter.get_total_flops()

    def sweep(self, scores: Callable[[Tensor, Tensor], Mapping[str, float]] | None = None) -> SweepResult:
        """The job by the suite's own engine; scores: others than the workload's."""
        devices = {"lognormal": registry().device("lognormal")}
        return sweep(
            replace(self.workload, scores=scores) if scores else self.workload,
            self.network,
            {"test": self.data},
            [Condition.of(sigma_log=sigma) for sigma in (0.0, *self.sigmas)],
            range(self.realisations),
            Key(self.name, ENTROPY, SEED, devices, {"weights": Crossbar(cells=self.cells)}, self.block),
        )

    def naive(self) -> None:
        """The job as a plain loop: copy, perturb, read the test set through a loader."""
        for sigma in self.naive_sigmas:
            network, outputs, targets = deepcopy(self.network), [], []
            for array in self._arrays(network).values():
                array.mul_(torch.exp(sigma * torch.randn(array.shape)))
            for batch in DataLoader(self.data, batch_size=NAIVE_BATCH, collate_fn=self.workload.collate):
                outputs.append(self._outputs(network, batch))
                targets.append(self.workload.targets(batch))
            self.workload.scores(joined(outputs), joined(targets))

    def swept(self) -> Tensor:
        """Outputs of the sweep: sigma, realisation, number."""
        found = self.sweep(lambda outputs, targets: {str(i): v for i, v in enumerate(outputs.flatten().tolist())})
        return torch.stack([torch.from_numpy(found.scores[name]) for name in sorted(found.scores, key=int)], dim=-1)

    def error(self) -> float:
        """Largest relative error of the sweep's outputs against copies perturbed with the same draws."""
        values, worst = self.swept(), 0.0
        for realisation in range(self.realisations):
            for row, sigma in enumerate((0.0, *self.sigmas)):
                expected = self._reference(sigma, realisation).flatten().double()
                worst = max(worst, float((values[row, realisation] - expected).abs().max() / expected.abs().max()))
        return worst

    def _reference(self, sigma: float, realisation: int) -> Tensor:
        network = deepcopy(self.network)
        for name, array in self._arrays(network).items():
            generator = torch_generator(ENTROPY, "device-noise", self.name, SEED, realisation, name)
            array.mul_(torch.exp(sigma * torch.randn(array.shape, generator=generator)))
        return torch.cat([self._outputs(network, batch) for batch in self.blocks])

    def _arrays(self, network: nn.Module) -> dict[str, Tensor]:
        arrays = dict(network.named_parameters()) if self.cells == "all_parameters" else self.workload.arrays(network)
        return {name: array.detach() for name, array in arrays.items()}

    def _outputs(self, network: nn.Module, batch: Any) -> Any:
        if self.workload.outputs is None:
            return network(batch[0])
        return self.workload.outputs(network, batch, torch_generator(ENTROPY, "bench-outputs"))
