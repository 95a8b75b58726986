"""The smoothed predictor: hard votes of one trained network whose arrays are read under many random masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from suite.certify.bounds import Masks
from suite.contract import SuiteError, Workload, multinomial
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.batches import blocks_of, joined
from suite.sweep.engine.evaluate import evaluator

Arrays = Mapping[str, Tensor]


class NoClassifier(SuiteError):
    """A workload whose outputs are not one logit per class, or whose network cannot be asked for votes."""


@dataclass(frozen=True)
class Voter:
    """A trained network on a test set; arrays: {state-dict name: weights} that lie under masks."""

    workload: Workload
    network: nn.Module
    dataset: Any
    arrays: Arrays
    key: Key

    @staticmethod
    def of(workload: Workload, network: nn.Module, dataset: Any, key: Key) -> Voter:
        """All crossbar arrays of the network under masks. Raises NoClassifier."""
        voter = Voter(workload, network.eval(), dataset, crossbar_arrays(workload, network, Crossbar()), key)
        if workload.prepare is not None:
            raise NoClassifier(
                f"workload '{key.workload}': its network keeps what it makes of its weights (`prepare`), and the votes "
                "of a certificate put masks on weights without renewing it; take a workload without `prepare`"
            )
        plain = None if workload.outputs else voter.outputs(voter.arrays)
        if plain is None or plain.ndim != 2 or plain.shape[1] < 2 or voter.labels.dtype.kind != "i":
            raise NoClassifier(
                f"workload '{key.workload}': a certificate needs outputs of one logit per class, (N, classes), and "
                "class indices as targets; take a workload of that kind"
            )
        return voter

    @property
    def cells(self) -> int:
        """Cells under masks, one per weight."""
        return sum(array.numel() for array in self.arrays.values())

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """(N,) classes of the samples."""
        return np.asarray(joined([self.workload.targets(batch) for batch in self._batches]))

    def outputs(self, weights: Arrays) -> Tensor:
        """(N, classes) logits under one set of weights."""
        with torch.inference_mode():
            return torch.cat([self._engine.outputs(block, weights) for block in self._prepared])

    def votes(self, law: Masks, masks: int, programmed: Arrays | None = None) -> NDArray[np.int64]:
        """(N, classes): under how many of the first `masks` masks each class has the largest logit.

        programmed: arrays with faults in place of the network's own. A logit that is not finite gets no vote.
        """
        weights = self.arrays if programmed is None else programmed
        found: Tensor | None = None
        for factors in self._masks(law, masks):
            largest, choice = self.outputs({name: weights[name] * factors[name] for name in weights}).max(1)
            if found is None:
                found = torch.zeros(len(choice), self._classes, dtype=torch.int64, device=choice.device)
            found.scatter_add_(1, choice[:, None], largest.isfinite()[:, None].long())
        assert found is not None
        return found.cpu().numpy()

    def _masks(self, law: Masks, count: int) -> Iterator[dict[str, Tensor]]:
        """Factors of mean 1: that the arrays are divided by the mean is part of the trained network."""
        streams = {array: self.key.generator("certificate-masks", array) for array in self.arrays}
        for _ in range(count):
            yield {
                array: multinomial(weight.shape, law.rate, streams[array], law.half_share).to(weight.device)
                for array, weight in self.arrays.items()
            }

    @cached_property
    def _classes(self) -> int:
        return self.outputs(self.arrays).shape[1]

    @cached_property
    def _batches(self) -> list[Any]:
        device = next(iter(self.arrays.values())).device
        return blocks_of(self.workload, self.dataset, self.key.block, device)

    @cached_property
    def _engine(self) -> Any:
        with torch.inference_mode():
            return evaluator(self.network, self.arrays, self._batches[0][0])

    @cached_property
    def _prepared(self) -> list[Any]:
        with torch.inference_mode():
            return [self._engine.prepare(batch[0]) for batch in self._batches]


def keeps(votes: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(N,): whether the label alone has the most votes; votes (N, classes), labels (N,)."""
    others = votes.copy()
    np.put_along_axis(others, labels[:, None], -1, axis=1)
    own = np.take_along_axis(votes, labels[:, None], axis=1)[:, 0]
    return own > others.max(1)
