"""A trained state with the data it is run on, read once per sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.utils.data import Subset

from suite.contract import SuiteError, Workload
from suite.crossbar.circuit.tiles import pieces
from suite.crossbar.key import Key
from suite.sweep.engine.batches import blocks_of, joined


class NoCalibration(SuiteError):
    """A crossbar wants training samples that this sweep was not given."""


@dataclass(frozen=True)
class TestSet:
    """batches: blocks of the set; targets: of the whole set."""

    batches: list[Any]
    targets: Any


@dataclass(frozen=True)
class State:
    """A trained network and what it is run on; calibration: a training split."""

    workload: Workload
    network: nn.Module
    tests: Mapping[str, TestSet]
    key: Key
    calibration: Any = None
    _first: dict[int, list[Any]] = field(default_factory=dict)

    @staticmethod
    def of(workload: Workload, network: nn.Module, tests: Mapping[str, Any], key: Key, calibration: Any) -> State:
        """tests: {test set: map-style dataset}, read once."""
        state = State(workload, network, {}, key, calibration)
        blocks = {test: blocks_of(workload, data, key.block, state.device) for test, data in tests.items()}
        targets = {test: joined([workload.targets(batch) for batch in some]) for test, some in blocks.items()}
        return replace(state, tests={test: TestSet(blocks[test], targets[test]) for test in tests})

    @cached_property
    def device(self) -> torch.device:
        """Where the network lies."""
        return next((tensor.device for tensor in self.network.state_dict().values()), torch.device("cpu"))

    @property
    def held(self) -> int:
        """Training samples at hand."""
        return 0 if self.calibration is None else len(self.calibration)

    def first_samples(self, count: int) -> list[Any]:
        """The first `count` training samples in blocks of about the same size. Raises NoCalibration."""
        if self.held < count:
            raise NoCalibration(
                f"workload '{self.key.workload}': the crossbar is calibrated on {count} training samples, the sweep "
                f"has {self.held}: ask for fewer (recalibrate_bn), or give sweep(calibration=...) the training split"
            )
        if count not in self._first:
            samples = [Subset(self.calibration, range(some.start, some.stop)) for some in pieces(count, self.key.block)]
            self._first[count] = [blocks_of(self.workload, some, len(some), self.device)[0] for some in samples]
        return self._first[count]
