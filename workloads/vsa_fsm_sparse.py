"""Walks through a finite state machine that an untrained attractor network of sparse codes holds: the strongest of W z.

Data: random walks of 6 edges through an automaton, each with an invalid stimulus and a time without input behind it,
made here: they are the task itself, and stand in for nothing. M. Cotteret et al., "Vector Symbolic Finite State
Machines in Attractor Neural Networks", Neural Computation 36(4), 2024, arXiv:2212.01196. The weights are built in one
shot from the automaton and random vectors, which differ by seed. Expected clean score: 0.98 (`quick`, seeds 0 to 9;
measured here): states with many edges out need more active neurons than the best number for a ring, and a seed in ten
has an edge that fails.
Settings: automaton (`player`, a file, generated:STATES:EDGES), neurons and active, by scale where they are left out;
edge_states: whether edges have states of their own. The overlap is 0 where neurons are shared by chance alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Settings, Splits, Workload
from workloads.shared.vsa import shown, task

if TYPE_CHECKING:
    import torch
    from torch import nn

AUTOMATA: dict[Scale, str] = {"ci": "generated:3:3", "quick": "player", "reference": "player", "paper": "player"}
NEURONS: dict[Scale, int] = {"ci": 512, "quick": 2048, "reference": 4000, "paper": 10_000}
ACTIVE: dict[Scale, int] = {"ci": 48, "quick": 200, "reference": 200, "paper": 1000}
STEPS, HOLD_STEPS = 10, 50


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Walks; nothing is learned from the training split."""
    return task.data(settings["automaton"] or AUTOMATA[scale], scale, seed)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """The codes are the state."""
    from workloads.shared.vsa.attractor import Attractor
    from workloads.shared.vsa.codes import Codes
    from workloads.shared.vsa.drive import Protocol

    automaton = task.automaton_of(settings["automaton"] or AUTOMATA[scale])
    neurons, active = settings["neurons"] or NEURONS[scale], settings["active"] or ACTIVE[scale]
    codes = Codes.draw(automaton, neurons, active, generator)
    return Attractor(codes, Protocol(STEPS, STEPS, HOLD_STEPS), active, settings["edge_states"], asynchronous=False)


WORKLOAD = Workload(
    title="State machine, sparse codes",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=1, batch=16, learning_rate=1.0, test_block=16, unit_evaluations=30),
    measures=task.measures("Overlap with the right state", "Steps held without input, of 50"),
    scores=task.scores,
    floor=("overlap", 0.9),
    arrays=task.arrays,
    outputs=task.outputs,
    trainable=False,
    observations={"walk": shown.WALK, "raster": shown.RASTER, "weights": shown.WEIGHTS, "capacity": shown.CAPACITY},
    settings={"automaton": "", "neurons": 0, "active": 0, "edge_states": True},
)
