"""How large an automaton a network of ideal weights holds: random walks on random automata of growing size.

Sizes lie about what is known of the capacity. Dense codes: states + 2.2 edges from a part of 0.1 N to beyond it, at
three ratios of edges to states. Sparse codes: as many edges as states, about 85 at 2,048 neurons, growing as N^1.9.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from suite.data.automata.automaton import EDGE_COST
from suite.data.automata.generated import generated
from workloads.shared.vsa.attractor import TOLD, Attractor
from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.task import EDGES
from workloads.shared.vsa.walks import walks

if TYPE_CHECKING:
    from torch import Generator

TRIALS, WALKS = 8, 4
# Dense: loads (states + 2.2 edges) / N, and edges per state. Sparse: sizes in units of what is expected.
LOADS = (0.03, 0.045, 0.055, 0.065, 0.075, 0.085, 0.10, 0.115)
RATIOS = (0.5, 1.0, 3.0)
SPARSE_SIZES = (0.15, 0.4, 0.7, 1.0, 1.3, 1.7, 2.2, 3.0)
SPARSE_AT, SPARSE_SIZE, SPARSE_EXPONENT = 2048, 85.0, 1.9


def sizes(neurons: int, active: int | None) -> list[tuple[int, int]]:
    """States and edges of the automata, from small to large at each ratio; each once."""
    if active is None:
        states = [(load * neurons / (1 + EDGE_COST * ratio), ratio) for ratio in RATIOS for load in LOADS]
    else:
        expected = SPARSE_SIZE * (neurons / SPARSE_AT) ** SPARSE_EXPONENT
        states = [(size * expected, 1.0) for size in SPARSE_SIZES]
    found = [(max(2, round(count)), max(2, round(count * ratio))) for count, ratio in states]
    return list(dict.fromkeys(found))


def measured(network: Attractor, generator: Generator) -> dict[str, np.ndarray[Any, Any]]:
    """states, edges (sizes,) and the share of right walks of each trial (sizes, TRIALS), on networks as this one."""
    found = sizes(network.neurons, network.active)
    success = [
        [_share_right(network, states, edges, trial, generator) for trial in range(TRIALS)] for states, edges in found
    ]
    states, edges = np.array(found).T
    active = np.array(network.active or 0)
    neurons = np.array(network.neurons)
    return {"states": states, "edges": edges, "success": np.array(success), "neurons": neurons, "active": active}


def _share_right(network: Attractor, states: int, edges: int, trial: int, generator: Generator) -> float:
    """Of WALKS walks through one automaton, with vectors of its own."""
    draw = int(torch.randint(2**31, (1,), generator=generator))
    automaton = generated(states, edges, draw)
    codes = Codes.draw(automaton, network.neurons, network.active, generator)
    protocol = replace(network.protocol, hold=0)
    own = Attractor(codes, protocol, network.active, network.edge_states, network.asynchronous)
    inputs, expected = walks(automaton, WALKS, EDGES, np.random.default_rng([draw, trial])).tensors
    overlaps, _ = own(inputs, generator)
    right = overlaps[:, :-1].gather(2, expected[..., None])[..., 0] > TOLD
    return float(right.all(1).float().mean())
