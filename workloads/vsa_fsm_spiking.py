"""Walks through a finite state machine that an untrained network of spiking neurons holds, read in steps of 1 ms.

Data: random walks of 6 edges through an automaton, each with an invalid stimulus and a time without input behind it,
made here: they are the task itself, and stand in for nothing. After M. Cotteret et al., "Distributed Representations
Enable Robust Multi-Timescale (Symbolic) Computation in Neuromorphic Hardware", Neuromorph. Comput. Eng. 5 (2025)
014008, arXiv:2405.01305, whose constants are not known to us: neurons and sizes are our own choice, and no number here
is one of that paper. The weights are those of `vsa_fsm_sparse`, scaled to the synapses; what programming does to their
strength is made good by one gain. Expected clean score: 1.0 (`quick`, seeds 0 to 2; measured here).
Settings: automaton (`player`, a file, generated:STATES:EDGES), neurons and active, by scale where they are left out;
rest_ms and drive_ms: between stimuli, and of either half of one; hold_s: without input at the end. The overlap is the
share of the spikes that are on the right state's neurons.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Settings, Splits, Workload
from workloads.shared.vsa import shown, task

if TYPE_CHECKING:
    import torch
    from torch import nn

AUTOMATA: dict[Scale, str] = {
    "ci": "generated:3:3",
    "quick": "generated:4:6",
    "reference": "player",
    "paper": "player",
}
NEURONS: dict[Scale, int] = {"ci": 1024, "quick": 2048, "reference": 4096, "paper": 8192}
ACTIVE: dict[Scale, int] = {"ci": 100, "quick": 200, "reference": 200, "paper": 300}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Walks; nothing is learned from the training split."""
    return task.data(settings["automaton"] or AUTOMATA[scale], scale, seed)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """The codes are the state."""
    from workloads.shared.vsa.codes import Codes
    from workloads.shared.vsa.spiking import Neurons, Spiking, Timing

    automaton = task.automaton_of(settings["automaton"] or AUTOMATA[scale])
    neurons, active = settings["neurons"] or NEURONS[scale], settings["active"] or ACTIVE[scale]
    codes = Codes.draw(automaton, neurons, active, generator)
    timing = Timing(settings["rest_ms"], settings["drive_ms"], round(1000 * settings["hold_s"]))
    return Spiking(codes, active, Neurons(), timing)


def prepare(network: Any) -> None:
    """One gain for all synapses, told by reads of the weights in place."""
    network.calibrate()


WORKLOAD = Workload(
    title="State machine, spiking neurons",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=1, batch=16, learning_rate=1.0, test_block=16, unit_evaluations=10),
    measures=task.measures("Spikes of the right state", "Seconds held without input"),
    scores=task.scores,
    floor=("overlap", 0.9),
    arrays=task.arrays,
    outputs=task.outputs,
    prepare=prepare,
    trainable=False,
    observations={"walk": shown.WALK, "raster": shown.RASTER, "weights": shown.WEIGHTS},
    settings={"automaton": "", "neurons": 0, "active": 0, "rest_ms": 100, "drive_ms": 100, "hold_s": 0.5},
)
