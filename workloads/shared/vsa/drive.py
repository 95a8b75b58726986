"""How stimuli reach neurons over time: a walk as phases of steps, and what each neuron's output is multiplied by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workloads.shared.vsa.codes import Codes


@dataclass(frozen=True)
class Protocol:
    """Steps of a walk: `rest` at its beginning and after every stimulus, `drive` for either half of a stimulus, `hold`
    without input at its end.

    spread: each neuron's part of a half begins at random within so many steps and ends within so many; multiplied:
    outputs are multiplied by the stimulus, which is right for one step, instead of being silenced where it is -1.
    """

    rest: int
    drive: int
    hold: int
    spread: int = 0
    multiplied: bool = False

    @property
    def half(self) -> int:
        """Steps from the first neuron's beginning to the last one's end."""
        return self.drive + 2 * self.spread

    def timeline(self, stimuli: Sequence[int]) -> list[int]:
        """The stimulus at every step of a walk, -1 where there is none."""
        return timeline(stimuli, self.rest, 2 * self.half, self.hold)


def timeline(stimuli: Sequence[int], rest: int, drive: int, hold: int) -> list[int]:
    """The stimulus at every step, -1 where there is none: rest, then each stimulus and rest, then the hold."""
    steps = [-1] * rest
    for stimulus in stimuli:
        steps += [stimulus] * drive + [-1] * rest
    return steps + [-1] * hold


@dataclass(frozen=True)
class Phase:
    """Some steps with one half of a stimulus, or without any: factors (walks, N), None: ones; on, off: the steps
    (walks, N) between which a neuron has its factor, None: in all; interval: which node interval a rest is, else -1."""

    steps: int
    factors: Tensor | None = None
    on: Tensor | None = None
    off: Tensor | None = None
    interval: int = -1

    def at(self, step: int) -> Tensor | None:
        """Factors of the neurons' outputs at a step; None: ones."""
        if self.factors is None or self.on is None or self.off is None:
            return self.factors
        return torch.where((self.on <= step) & (step < self.off), self.factors, 1.0)


def phases(codes: Codes, stimuli: Tensor, protocol: Protocol, generator: torch.Generator) -> Iterator[Phase]:
    """Of a batch of walks: rest, then for each of `stimuli` (walks, count) its two halves and rest."""
    yield Phase(protocol.rest, interval=0)
    for interval, numbers in enumerate(stimuli.T, 1):
        for half in (codes.first, codes.second):
            yield _half(half[numbers].float(), protocol, generator)
        yield Phase(protocol.rest, interval=interval)


def _half(signs: Tensor, protocol: Protocol, generator: torch.Generator) -> Phase:
    factors = signs if protocol.multiplied else (signs > 0).float()
    if not protocol.spread:
        return Phase(protocol.half, factors)

    def delay() -> Tensor:
        found = torch.randint(protocol.spread + 1, signs.shape, generator=generator, device=generator.device)
        return found.to(signs.device)

    return Phase(protocol.half, factors, delay(), protocol.spread + protocol.drive + delay())
