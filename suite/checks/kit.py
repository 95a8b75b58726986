"""What the checks share: the plug-ins, data that are read once and networks that are trained once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Subset

from suite.checks.check import DoesNotApply, Lacking
from suite.contract import DataMissing, Handle, NotApplicable, Range, Recipe, Scale, Splits, Workload
from suite.contract.registry import Registry, registry
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.training.loop import train

ENTROPY = 7
# Samples: some networks take a tenth of a second for each.
SOME = 16


@dataclass(frozen=True, eq=False)
class Kit:
    """folders: of the user; on: the workloads on which methods are tried as they come; small: those of them on which
    every combination of options of a training is tried; usual: the one of them on which devices and methods fill a
    cube and methods that adapt have every combination tried; longest: the scale of the longest training; root: of the
    data."""

    folders: tuple[Path, ...]
    on: tuple[str, ...]
    small: tuple[str, ...]
    usual: str
    longest: Scale
    root: Path | None = None
    _made: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def plugins(self) -> Registry:
        """The files of the house and of the folders."""
        return registry(self.folders)

    def workload(self, name: str, scale: Scale = "ci") -> Workload:
        """The workload at that scale, its settings at their defaults. Raises Lacking where a package that it needs is
        not installed."""
        entry = self.plugins.entry("workload", name)
        if entry.missing:
            raise Lacking(f"{name} needs {', '.join(entry.missing)}: pip install {' '.join(entry.missing)}")
        found: Workload = entry.value
        return found.at(scale, {})

    def splits(self, name: str, scale: Scale = "ci") -> Splits:
        """The data of seed 0. Raises Lacking where they are not on this machine."""
        found: Splits = self.once(("splits", name, scale), lambda: self.read(name, scale))
        return found

    def some(self, name: str) -> Subset[Any]:
        """As many validation samples as tell one network from another."""
        validation = self.splits(name).validation
        return Subset(validation, range(min(SOME, len(validation))))

    def read(self, name: str, scale: Scale = "ci") -> Splits:
        """The data of seed 0, read anew. Raises Lacking."""
        try:
            return self.workload(name, scale).data(scale, self.root, 0)
        except DataMissing as error:
            raise Lacking(str(error)) from error

    def fresh(self, name: str, seed: int = 0, scale: Scale = "ci") -> nn.Module:
        """A network as the workload builds it, in evaluation mode. Raises Lacking where files that it reads are not on
        this machine."""
        try:
            return self.workload(name, scale).network(torch.Generator().manual_seed(seed)).eval()
        except DataMissing as error:
            raise Lacking(str(error)) from error

    def arrays(self, name: str, network: nn.Module) -> dict[str, Tensor]:
        """What a network of the workload has on crossbars."""
        return crossbar_arrays(self.workload(name), network, Crossbar())

    def trained(self, name: str, scale: Scale = "ci") -> nn.Module:
        """A network trained by plain risk minimisation with the recipe as it is; the training is done once."""

        def state() -> Mapping[str, Tensor]:
            recipe = self.workload(name).recipe(scale)
            return self.train(name, "erm", self.splits(name, scale), recipe, scale=scale).state_dict()

        network = self.fresh(name, scale=scale)
        network.load_state_dict(self.once(("state", name, scale), state))
        return network

    def key(self, name: str, crossbars: Mapping[str, Crossbar]) -> Key:
        """What a network of seed 0 is swept by, with the device of tuning."""
        block = self.workload(name).recipe("ci").test_block
        return Key(name, ENTROPY, 0, {"lognormal": self.plugins.device("lognormal")}, crossbars, block)

    def train(
        self,
        name: str,
        method: str,
        splits: Splits,
        recipe: Recipe,
        seed: int = 0,
        params: Mapping[str, float] | None = None,
        options: Mapping[str, Any] | None = None,
        scale: Scale = "ci",
    ) -> nn.Module:
        """One training."""
        return train(
            self.workload(name, scale),
            self.plugins.method(method),
            splits,
            recipe,
            name=name,
            entropy=ENTROPY,
            seed=seed,
            params=params or {},
            options=options or {},
        )

    def space(self, method: str, options: Mapping[str, Any], on: str) -> dict[str, Range]:
        """What a method searches on a workload beside what all search. Raises DoesNotApply with its own reason."""
        network = self.fresh(on)
        try:
            return self.plugins.method(method).space(network, self.arrays(on, network), **options)
        except NotApplicable as error:
            raise DoesNotApply(str(error)) from error

    def attach(
        self, method: str, options: Mapping[str, Any], on: str, network: nn.Module, params: Mapping[str, float]
    ) -> Sequence[Handle]:
        """Puts a method's noise on a network of the workload `on`."""
        arrays, generator = self.arrays(on, network), torch.Generator().manual_seed(0)
        return self.plugins.method(method).attach(network, arrays, params, generator, **options)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives or raises, made once."""
        if key not in self._made:
            try:
                self._made[key] = make(), None
            except Exception as error:
                self._made[key] = None, error
        made, raised = self._made[key]
        if raised is not None:
            raise raised
        return made
