"""Leaky integrate-and-fire neurons that hold an automaton of sparse codes, one inhibitory pool for all.

In steps of 1 ms, for each walk of a batch: tau_m dV/dt = -V + I0 + g I - g_inh A, threshold 1, reset 0, floor -1; I and
A are filtered by tau_s, I from W spikes / (k (1 - f)) and A from the number of spikes / k. Under a stimulus the neurons
where it is -1 are held at 0. All constants are our own choice: those of arXiv:2405.01305 are not known to us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workloads.shared.vsa.attractor import TOLD, Embedded, Seen
from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.drive import timeline
from workloads.shared.vsa.factors import Factors, sparse_factors

# ms of drive that put a network into its first state, and in which one share of spikes is told while it is held.
START_MS, WINDOW_MS = 50, 100


@dataclass(frozen=True)
class Neurons:
    """Times in ms, currents in units of the threshold; pulse_ms: what one spike is worth at the synapse; start: drive
    along a state's pattern at the beginning."""

    membrane_ms: float = 20.0
    synapse_ms: float = 20.0
    refractory_ms: int = 2
    pulse_ms: float = 10.0
    excitation: float = 32.0
    inhibition: float = 8.0
    drive: float = 2.0
    start: float = 2.0


@dataclass(frozen=True)
class Timing:
    """Of a walk, in ms: rest before and after each stimulus, either half of one, time without input at the end."""

    rest: int
    half: int
    hold: int


class Spiking(Embedded):
    """active: neurons that fire in a state; gain: what synapses are multiplied by, so that programmed cells have the
    strength of the ideal ones."""

    spiking = True

    def __init__(self, codes: Codes, active: int, neurons: Neurons, timing: Timing) -> None:
        super().__init__(codes, edge_states=True)
        self.active, self.cell, self.timing, self.gain = active, neurons, timing, 1.0

    def factors(self) -> Factors:
        """The ideal weights, so that a neuron of the present state gets 1 where all the others fire."""
        found = sparse_factors(self.codes, self.edge_states)
        return Factors(found.left / (self.active * (1 - self.active / self.neurons)), found.right, None)

    def calibrate(self) -> None:
        """gain = <W, W> / <W, W*> for the weights W* in place, told by reads of them; 1 where they share nothing."""
        factors = self.factors()
        own, seen = ((factors.left * read(factors.right)).sum() for read in (factors.product, self.reader()))
        self.gain = float(own / seen) if seen > 0 else 1.0

    def forward(self, inputs: Tensor, generator: torch.Generator, seen: Seen | None = None) -> tuple[Tensor, Tensor]:
        """Walks (walks, edges + 2) -> share of the spikes in the second half of every rest that are on the neurons of
        each state (walks, edges + 2, states), and how many seconds it stays above TOLD without input (walks, states).

        seen(spikes (walks, N), open neurons or None): is called at every step.
        """
        codes = self.codes
        membranes = Membranes(self.cell, self.reader(), self.gain, self.active, (len(inputs), self.neurons))
        pattern = 2 * codes.nodes[inputs[:, 0]].float() - 1
        for _ in membranes.run(START_MS, None, self.cell.start * pattern, seen):
            pass
        shares = [self._share(membranes, self.timing.rest, seen)]
        for numbers in inputs[:, 1:].T:
            for half in (codes.first, codes.second):
                for _ in membranes.run(self.timing.half, (half[numbers] > 0).float(), None, seen):
                    pass
            shares.append(self._share(membranes, self.timing.rest, seen))
        return torch.stack(shares, 1), self._held(membranes, seen)

    def timeline(self, stimuli: Sequence[int]) -> list[int]:
        """The stimulus at every step of a walk, -1 where there is none."""
        return [-1] * START_MS + timeline(stimuli, self.timing.rest, 2 * self.timing.half, self.timing.hold)

    def alike(self, counts: Tensor, vectors: Tensor) -> Tensor:
        """Spikes (walks, N), (vectors, N) -> (walks, vectors), the share on a vector's neurons; 0 if there are none."""
        return (counts @ vectors.float().T) / counts.sum(1, keepdim=True).clamp_min(1)

    def _share(self, membranes: Membranes, steps: int, seen: Seen | None) -> Tensor:
        """Of the spikes in the second half of so many steps, those on each state's neurons."""
        counts = membranes.voltage.new_zeros(membranes.voltage.shape)
        for step, spikes in enumerate(membranes.run(steps, None, None, seen)):
            if step >= steps // 2:
                counts += spikes
        return self.alike(counts, self.codes.nodes)

    def _held(self, membranes: Membranes, seen: Seen | None) -> Tensor:
        told = torch.ones(len(membranes.voltage), len(self.codes.nodes), dtype=torch.bool)
        held = torch.zeros(told.shape)
        for _ in range(self.timing.hold // WINDOW_MS):
            told &= (self._share(membranes, WINDOW_MS, seen) > TOLD).cpu()
            held += told * (WINDOW_MS / 1000)
        return held


class Membranes:
    """The neurons of a batch of walks in the course of time; voltage: (walks, N)."""

    def __init__(
        self,
        cell: Neurons,
        read: Callable[[Tensor], Tensor],
        gain: float,
        active: int,
        shape: tuple[int, int],
    ) -> None:
        self.cell, self.read, self.gain, self.active = cell, read, gain, active
        self.voltage, self.current, self.resting = torch.zeros(3, *shape)
        self.pool = torch.zeros(shape[0], 1)

    def run(
        self,
        steps: int,
        opened: Tensor | None,
        drive: Tensor | None,
        seen: Seen | None,
    ) -> Iterator[Tensor]:
        """The spikes (walks, N) of each step; opened: 1 for neurons that the stimulus leaves free, else 0."""
        for _ in range(steps):
            spikes = self._step(opened, drive)
            if seen is not None:
                seen(spikes, opened)
            yield spikes

    def _step(self, opened: Tensor | None, drive: Tensor | None) -> Tensor:
        cell = self.cell
        pushed = cell.excitation * self.current - cell.inhibition * self.pool + cell.drive
        if drive is not None:
            pushed += drive
        free = self.resting <= 0
        if opened is not None:
            free = free & (opened > 0)
        self.voltage = (self.voltage + (pushed - self.voltage) / cell.membrane_ms).clamp_min(-1) * free
        spikes = (self.voltage >= 1).float()
        self.voltage = self.voltage * (1 - spikes)
        self.resting = torch.where(spikes > 0, float(cell.refractory_ms), self.resting - 1)
        kept, weight = 1 - 1 / cell.synapse_ms, cell.pulse_ms / cell.synapse_ms
        self.current = self.current * kept + (weight * self.gain) * self.read(spikes)
        self.pool = self.pool * kept + weight * spikes.sum(1, keepdim=True) / self.active
        return spikes
