"""How fast attractor networks walk through automata: through the factors, and through a matrix that holds the cells.

The job: walks of 6 edges (rest, and for each edge both halves of its stimulus and rest, of 10 steps) through the
built-in automaton of 8 states and 16 edges, dense codes, one thread; vectors from a keyed generator.
"""

from __future__ import annotations

import torch

from suite.data.automata.automaton import read_automaton
from tests.bench.machine import fresh, processes, seconds, turns
from tests.bench.rows import Measured, measured
from workloads.shared.vsa.attractor import Attractor
from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.drive import Protocol

# The invalid stimulus of a sample counts as the last edge.
NEURONS, EDGES, MANY = 10_000, 6, 16
LARGE = """
import torch
from suite.data.automata.generated import generated
from tests.bench.automata import Attractor, Codes, PROTOCOL
automaton = generated(200, 400)
codes = Codes.draw(automaton, 40_000, None, torch.Generator().manual_seed(0))
network = Attractor(codes, PROTOCOL, None, edge_states=True, asynchronous=False)
torch.set_num_threads(1)
found, _ = network(torch.tensor([[0, *range(6)]]), torch.Generator())
print(float(found[0, range(7), range(7)].min()))
"""
PROTOCOL = Protocol(rest=10, drive=10, hold=0)


def run(quick: bool = False) -> list[Measured]:
    """At 10,000 neurons, half a minute and 800 MB; quick: at 2,000."""
    neurons, repeats = (2_000, 1) if quick else (NEURONS, 3)
    with processes() as (worker, _):
        found = turns(
            repeats,
            one=lambda: worker(walk_s, neurons, 1),
            many=lambda: worker(walk_s, neurons, MANY),
            dense=lambda: worker(dense_walk_s, neurons, 1),
            dense_many=lambda: worker(dense_walk_s, neurons, MANY),
            product=lambda: worker(products_s, neurons),
        )
    large = fresh(LARGE)
    name = f"{neurons:,} neurons"
    return [
        measured("automata", f"{name}: a walk through the factors", found["one"], "CPU s", "<= 0.1"),
        measured("automata", f"{name}: over as many dense products", found["one"] / found["product"], "x", "<= 0.1"),
        measured("automata", f"{name}: {MANY} walks through the factors", found["many"], "CPU s"),
        measured("automata", f"{name}: a walk through the matrix", found["dense"], "CPU s"),
        measured(
            "automata", f"{name}: {MANY} walks over one, matrix", found["dense_many"] / found["dense"], "x", "<= 2"
        ),
        measured("automata", "40,000 neurons, 200 states: lowest overlap of a walk", float(large.output), ""),
        measured("automata", "40,000 neurons, 200 states: peak memory", large.peak_gb, "GB", "<= 1"),
    ]


def walk_s(neurons: int, walks: int) -> float:
    """Of this process, for so many walks at once."""
    network = network_of(neurons)
    return seconds(lambda: _walk(network, walks))


def dense_walk_s(neurons: int, walks: int) -> float:
    """The same with the matrix in place, which is not timed."""
    network = network_of(neurons)
    network.weights = network.factors().dense()
    return seconds(lambda: _walk(network, walks))


def products_s(neurons: int) -> float:
    """As many products of one vector with a matrix of the network's size as a walk has steps."""
    matrix, state = torch.ones(neurons, neurons), torch.ones(1, neurons)
    return seconds(lambda: [state @ matrix.T for _ in PROTOCOL.timeline(range(EDGES))])


def network_of(neurons: int) -> Attractor:
    """From a keyed generator."""
    codes = Codes.draw(read_automaton("player"), neurons, None, torch.Generator().manual_seed(0))
    return Attractor(codes, PROTOCOL, None, edge_states=True, asynchronous=False)


def _walk(network: Attractor, walks: int) -> None:
    # idle, power, play, play, play, stop, menu: six edges.
    inputs = torch.tensor([[0, 0, 1, 1, 1, 2, 3]]).repeat(walks, 1)
    with torch.inference_mode():
        network(inputs, torch.Generator())
