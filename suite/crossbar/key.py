"""What a trained state is swept by, beside its data: the names that key its draws, its devices and its crossbars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Generator

from suite.contract import Device
from suite.contract.seeds import torch_generator
from suite.crossbar.settings import Crossbar


@dataclass(frozen=True)
class Key:
    """workload: its name; devices, crossbars: by the names that conditions have for them; block: samples per forward
    pass."""

    workload: str
    entropy: int
    seed: int
    devices: Mapping[str, Device]
    crossbars: Mapping[str, Crossbar]
    block: int

    def generator(self, purpose: str, *names: str | int) -> Generator:
        """The keyed stream of one purpose."""
        return torch_generator(self.entropy, purpose, self.workload, self.seed, *names)
