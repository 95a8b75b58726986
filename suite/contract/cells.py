"""The device part of the contract: what one memory cell does to the value that it is programmed with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from suite.contract.conditions import Condition
from suite.contract.levels import SIGMA, Level, check_levels

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Programmed(Protocol):
    """Arrays after programming, for a batch of realisations."""

    def weights(self) -> Tensor:
        """The noisy weights, (realisations, *array shape): all that a device whose physics ends at programming has."""
        ...

    @property
    def read_sd(self) -> Tensor | None:
        """Standard deviation of each cell from read to read, uS, (realisations, *array shape); None: there is none."""
        ...


@dataclass(frozen=True)
class ProgrammedWeights:
    """Cells as they are after programming, (realisations, *array shape).

    read_sd: by how much each of them varies from read to read, a standard deviation in uS of the same shape, beside
    the read noise of the crossbar. None is the fast path: programming is the only thing that happens to a cell.
    """

    values: Tensor
    read_sd: Tensor | None = None

    def __post_init__(self) -> None:
        if self.read_sd is not None and self.read_sd.shape != self.values.shape:
            shapes = f"{tuple(self.read_sd.shape)}, the cells {tuple(self.values.shape)}"
            raise ValueError(f"read_sd: one number per cell and realisation, got {shapes}")

    def weights(self) -> Tensor:
        """(realisations, *array shape)."""
        return self.values


def never(condition: Condition) -> bool:
    """Of a device that says of no condition that it changes nothing."""
    return False


@dataclass(frozen=True)
class Device:
    """What one memory cell does to a programmed value, in one file `suite/devices/NAME.py` (`DEVICE = Device(...)`).

    draw(shape, generator) -> tensor of that shape, or (numbers, *shape) where a cell takes several: the randomness of
        one array in one realisation. It does not know the condition, so that all levels see the same crossbars and it
        is drawn once for all of them.
    program(targets, condition, noise) -> Programmed: targets (*shape), noise (realisations, *shape of a draw). Targets
        are weights, or on a crossbar with a circuit the conductances in uS of the pairs, (2, *shape of the weights).
    conductances: whether `program` has a meaning for conductances in uS alone, as where it gives a `read_sd`: a study
        that puts this device on a crossbar of plain weights is then refused.
    most_uS: the conductance up to which its laws are known: a crossbar of a larger g_max_uS is refused.
    levels: {name: Level} of what a study sweeps on this device, each a coordinate of the cube; sigma_log (or usability)
        alone if left out, and without it neither has a meaning: both are NaN. `program` reads condition.sigma_log, or
        condition.level("seconds").
    settings: {name: default} of what a study may set on this device's conditions.
    ideal(condition): whether `program` gives back its targets whatever the noise, so that it need not be called. Only
        the device knows; left out, `program` is called under every condition, that of sigma_log = 0 included.
    """

    title: str
    source: str
    draw: Callable[[tuple[int, ...], torch.Generator], Tensor]
    program: Callable[[Tensor, Condition, Tensor], Programmed]
    settings: Mapping[str, Any] = field(default_factory=dict)
    ideal: Callable[[Condition], bool] = never
    levels: Mapping[str, Level] = field(default_factory=lambda: SIGMA)
    conductances: bool = False
    most_uS: float = math.inf

    def __post_init__(self) -> None:
        check_levels(self.levels, self.settings)

    def example(self, name: str) -> Condition:
        """A condition at the example of every level; name: of the device's file."""
        others = {level: about.example for level, about in self.levels.items() if level not in SIGMA}
        sigma = self.levels["sigma_log"].example if "sigma_log" in self.levels else None
        return Condition.of(sigma_log=sigma, levels=others, device=name)

    def complete(self, condition: Condition) -> Condition:
        """The condition with every setting of this device: what is left out has its default."""
        return replace(condition, settings=tuple({**self.settings, **dict(condition.settings)}.items()))
