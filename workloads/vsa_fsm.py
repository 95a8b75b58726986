"""Walks through a finite state machine that an untrained attractor network of dense codes holds: signs of W z.

Data: random walks of 6 edges through an automaton, each with an invalid stimulus and a time without input behind it,
made here: they are the task itself, and stand in for nothing. M. Cotteret et al., "Vector Symbolic Finite State
Machines in Attractor Neural Networks", Neural Computation 36(4), 2024, arXiv:2212.01196. The weights are built in one
shot from the automaton and random vectors, which differ by seed. Expected clean score: 1.0 (`quick`, seeds 0 to 2;
measured here), far below the capacity.
Settings: automaton (`player`, a file, generated:STATES:EDGES) and neurons, by scale where they are left out;
edge_states: whether edges have states of their own; asynchronous: a tenth of the neurons is updated at a step; spread:
steps over which a stimulus arrives at the neurons; multiplied: it multiplies outputs for one step, and silences none.
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
NEURONS: dict[Scale, int] = {"ci": 256, "quick": 1000, "reference": 4000, "paper": 10_000}
# Steps of every phase, where all neurons are updated at each and where a tenth of them is.
STEPS, ASYNCHRONOUS_STEPS, HOLD_STEPS = 10, 40, 50


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Walks; nothing is learned from the training split."""
    return task.data(settings["automaton"] or AUTOMATA[scale], scale, seed)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """The codes are the state; warns of an automaton that is too large for the network."""
    from workloads.shared.vsa.attractor import Attractor
    from workloads.shared.vsa.codes import Codes
    from workloads.shared.vsa.drive import Protocol

    automaton = task.automaton_of(settings["automaton"] or AUTOMATA[scale])
    neurons = settings["neurons"] or NEURONS[scale]
    task.warn_of_capacity(automaton, neurons)
    steps = ASYNCHRONOUS_STEPS if settings["asynchronous"] else STEPS
    drive = 1 if settings["multiplied"] else steps
    protocol = Protocol(steps, drive, HOLD_STEPS, settings["spread"], settings["multiplied"])
    codes = Codes.draw(automaton, neurons, None, generator)
    return Attractor(codes, protocol, None, settings["edge_states"], settings["asynchronous"])


WORKLOAD = Workload(
    title="State machine, dense codes",
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
    settings={
        "automaton": "",
        "neurons": 0,
        "edge_states": True,
        "asynchronous": False,
        "spread": 0,
        "multiplied": False,
    },
)
