"""Attractor networks of binary neurons that hold an automaton: signs of dense codes, the k strongest of sparse ones.

All walks of a batch go through one matrix at once. Where no weights are programmed the network computes with its
factors, and N x N numbers are nowhere (`Factors`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import torch
from torch import Tensor, nn

from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.drive import Protocol, phases
from workloads.shared.vsa.factors import Factors, dense_factors, sparse_factors

# Of the overlap with a state: above it the network is told to be there.
TOLD = 0.5
# Share of the neurons that are updated at a step where not all are.
UPDATED = 0.1

Seen = Callable[[Tensor, "Tensor | None"], None]


class Embedded(nn.Module):
    """Codes as the stored state, and one array of N x N that is there only while it is programmed."""

    weights: Tensor | None
    spiking = False

    def __init__(self, codes: Codes, edge_states: bool) -> None:
        super().__init__()
        self.edge_states = edge_states
        for field in fields(codes):
            self.register_buffer(field.name, getattr(codes, field.name))
        self.register_buffer("weights", None)

    @property
    def codes(self) -> Codes:
        """The vectors of the automaton."""
        return Codes(**{field.name: self.get_buffer(field.name) for field in fields(Codes)})

    @property
    def neurons(self) -> int:
        """N."""
        return self.get_buffer("nodes").shape[1]

    def factors(self) -> Factors:
        """The ideal weights."""
        raise NotImplementedError

    def reader(self) -> Callable[[Tensor], Tensor]:
        """states (walks, N) -> fields (walks, N): of the programmed weights, else of the ideal ones."""
        weights = self.weights
        return self.factors().product if weights is None else lambda states: states @ weights.T


class Attractor(Embedded):
    """active: ones of a state where codes are sparse, None where they are dense; asynchronous: a random tenth of the
    neurons is updated at a step instead of all."""

    def __init__(
        self, codes: Codes, protocol: Protocol, active: int | None, edge_states: bool, asynchronous: bool
    ) -> None:
        super().__init__(codes, edge_states)
        self.protocol, self.active, self.asynchronous = protocol, active, asynchronous

    def factors(self) -> Factors:
        """The ideal weights."""
        if self.active is None:
            return dense_factors(self.codes, self.edge_states, self.protocol.multiplied)
        return sparse_factors(self.codes, self.edge_states)

    def forward(self, inputs: Tensor, generator: torch.Generator, seen: Seen | None = None) -> tuple[Tensor, Tensor]:
        """Walks (walks, edges + 2) -> overlaps with all states in the middle of every node interval (walks, edges + 2,
        states), and the steps for which each of them stays above TOLD without input (walks, states).

        seen(states, stimulus factors): is called at every step.
        """
        codes, read, middles = self.codes, self.reader(), []
        states = codes.nodes[inputs[:, 0]].float()
        for phase in phases(codes, inputs[:, 1:], self.protocol, generator):
            for step in range(phase.steps):
                factors = phase.at(step)
                states = self._updated(states, factors, read, generator)
                if seen is not None:
                    seen(states, factors)
                if phase.interval >= 0 and step == phase.steps // 2:
                    middles.append(self.overlaps(states))
        return torch.stack(middles, 1), self._held(states, read, generator, seen)

    def timeline(self, stimuli: Sequence[int]) -> list[int]:
        """The stimulus at every step of a walk, -1 where there is none."""
        return self.protocol.timeline(stimuli)

    def overlaps(self, states: Tensor) -> Tensor:
        """(walks, N) -> (walks, states): 1 for a state's own pattern, 0 for an independent one."""
        return self.alike(states, self.codes.nodes)

    def alike(self, states: Tensor, vectors: Tensor) -> Tensor:
        """(walks, N), (vectors, N) -> (walks, vectors): 1 for a vector's own pattern, 0 for an independent one."""
        products = states @ vectors.float().T
        if self.active is None:
            return products / self.neurons
        share = self.active / self.neurons
        return (products / self.active - share) / (1 - share)

    def _held(
        self, states: Tensor, read: Callable[[Tensor], Tensor], generator: torch.Generator, seen: Seen | None
    ) -> Tensor:
        told = self.overlaps(states) > TOLD
        held = torch.zeros_like(told, dtype=torch.float32)
        for _ in range(self.protocol.hold):
            states = self._updated(states, None, read, generator)
            if seen is not None:
                seen(states, None)
            told &= self.overlaps(states) > TOLD
            held += told
        return held

    def _updated(
        self, states: Tensor, factors: Tensor | None, read: Callable[[Tensor], Tensor], generator: torch.Generator
    ) -> Tensor:
        fields = read(states if factors is None else states * factors)
        wanted = signs(fields) if self.active is None else strongest(fields, self.active)
        if not self.asynchronous:
            return wanted
        drawn = torch.rand(states.shape, generator=generator, device=generator.device).to(states.device)
        return torch.where(drawn < UPDATED, wanted, states)


def signs(fields: Tensor) -> Tensor:
    """+1 where a field is 0 or more, else -1."""
    return (fields >= 0).to(fields.dtype) * 2 - 1


def strongest(fields: Tensor, count: int) -> Tensor:
    """(walks, N): 1 for the `count` largest fields of each walk, else 0; of equal ones the first count."""
    least = fields.topk(count, dim=1).values[:, -1:]
    above, equal = fields > least, fields == least
    spare = count - above.sum(1, keepdim=True)
    return (above | (equal & (equal.cumsum(1) <= spare))).to(fields.dtype)
