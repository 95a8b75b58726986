"""Walks through a finite state machine that an untrained attractor network of dense codes holds: signs of W z.

Data: random walks of 6 edges through an automaton (setting `automaton`), made here (synthetic), and after each one an
invalid stimulus and a time without input. M. Cotteret et al., "Vector Symbolic Finite State Machines in Attractor
Neural Networks", Neural Computation 36(4), 2024, arXiv:2212.01196. The weights are built in one shot from the automaton
and random vectors, which differ by seed. Expected clean score: every walk right (`quick`: 8 states and 16 edges in
1,024 neurons, seeds 0 to 4; measured here), as the automaton lies far below the capacity.
Settings: neurons and states by scale where 0 or empty; edge_states, asynchronous, spread, multiplied: as of `Protocol`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

NEURONS: dict[Scale, int] = {"ci": 256, "quick": 1024, "reference": 4000, "paper": 10_000}
# Steps of every phase, where all neurons are updated at each and where a tenth of them is.
STEPS, ASYNCHRONOUS_STEPS, HOLD_STEPS = 10, 40, 50


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Walks; nothing is learned from the training split."""
    from workloads.shared.vsa.task import automaton_of, walks_of

    return walks_of(automaton_of(scale, settings), scale, seed)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """The codes are the state; warns of an automaton that is too large for the network."""
    from workloads.shared.vsa.attractor import Attractor
    from workloads.shared.vsa.codes import Codes
    from workloads.shared.vsa.drive import Protocol
    from workloads.shared.vsa.task import automaton_of, warn_of_capacity

    automaton, neurons = automaton_of(scale, settings), settings["neurons"] or NEURONS[scale]
    warn_of_capacity(automaton, neurons)
    steps = ASYNCHRONOUS_STEPS if settings["asynchronous"] else STEPS
    drive = 1 if settings["multiplied"] else steps
    protocol = Protocol(steps, drive, HOLD_STEPS, settings["spread"], settings["multiplied"])
    codes = Codes.draw(automaton, neurons, None, generator)
    return Attractor(codes, protocol, None, settings["edge_states"], settings["asynchronous"])


def outputs(network: nn.Module, batch: Any, generator: torch.Generator) -> Sequence[Mapping[str, Tensor]]:
    """Overlaps of each walk with all states, and how long it stays there."""
    from workloads.shared.vsa import task

    return task.outputs(network, batch, generator)


def scores(outputs: Sequence[Mapping[str, Tensor]], targets: Sequence[Tensor]) -> dict[str, float]:
    """Of all walks."""
    from workloads.shared.vsa import task

    return task.scores(outputs, targets)


def arrays(network: Any) -> Mapping[str, Tensor]:
    """The one array, read at every step."""
    from workloads.shared.vsa import task

    return task.arrays(network)


WORKLOAD = Workload(
    title="State machine, dense codes",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=1, batch=16, learning_rate=1.0, test_block=16, unit_evaluations=30),
    measures={
        "success": Score("Walks without an error", chance=0.0),
        "overlap": Score("Overlap with the right state", chance=0.0),
        "ignored": Score("Invalid stimuli ignored", chance=0.0),
        "held": Score("Steps held without input, of 50", chance=0.0),
    },
    scores=scores,
    floor=("overlap", 0.9),
    arrays=arrays,
    outputs=outputs,
    trainable=False,
    standin=True,
    settings={
        "automaton": "",
        "neurons": 0,
        "edge_states": True,
        "asynchronous": False,
        "spread": 0,
        "multiplied": False,
    },
)
