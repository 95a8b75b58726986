"""One trained state -> the named arrays of one observation, on one crossbar."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from suite.contract import Condition, Device, Observation, Observed, Splits, Workload
from suite.crossbar.arrays import crossbar_arrays, programmed
from suite.crossbar.batches import blocks_of, joined
from suite.crossbar.programming import Item, Programmer
from suite.crossbar.settings import Crossbar
from suite.seeds import torch_generator
from suite.sweep import CLEAN


def observe(
    workload: Workload,
    network: nn.Module,
    splits: Splits,
    observation: Observation,
    condition: Condition,
    realisation: int,
    *,
    name: str,
    what: str,
    entropy: int,
    seed: int,
    device: Device,
    crossbar: Crossbar,
    block: int,
) -> dict[str, np.ndarray]:
    """The arrays of `observation`, {name: values}, of `network` as programmed under one condition and realisation.

    Cells are those of a sweep of this (workload, seed, realisation). name and what: of the workload and the
    observation in their files; block: samples per forward pass.
    """
    with torch.no_grad():
        item = _item(workload, network.eval(), condition, realisation, device, crossbar, (entropy, name, seed))
        with programmed(network, item.weights):
            observed = Observed(
                network,
                splits,
                condition,
                torch_generator(entropy, "observe", name, seed, what, realisation),
                _Outputs(workload, network, splits, (entropy, name, seed), item, block),
                item.weights,
            )
            return dict(observation.observe(observed))


def _item(
    workload: Workload,
    network: nn.Module,
    condition: Condition,
    realisation: int,
    device: Device,
    crossbar: Crossbar,
    key: tuple[int, str, int],
) -> Item:
    arrays = crossbar_arrays(workload, network, crossbar)
    if condition.ideal:
        return Item(arrays, CLEAN)
    return next(Programmer(arrays, {condition.device: device}, key).items([condition], [realisation]))


class _Outputs:
    """What `Observed.outputs` is: the whole network, batch by batch, as it stands programmed."""

    def __init__(
        self,
        workload: Workload,
        network: nn.Module,
        splits: Splits,
        key: tuple[int, str, int],
        item: Item,
        block: int,
    ) -> None:
        self._workload, self._network, self._splits = workload, network, splits
        self._key, self._item, self._block = key, item, block

    def __call__(self, test: str) -> tuple[Any, Any]:
        workload, (entropy, name, seed) = self._workload, self._key
        on = next((tensor.device for tensor in self._network.state_dict().values()), torch.device("cpu"))
        batches = blocks_of(workload, self._splits.tests[test], self._block, on)
        generator = torch_generator(entropy, "outputs", name, seed, self._item.realisation, test)
        make = workload.outputs or (lambda network, batch, generator: network(batch[0]))
        outputs = joined([make(self._network, batch, generator) for batch in batches])
        return outputs, joined([workload.targets(batch) for batch in batches])
