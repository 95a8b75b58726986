"""State machines in attractor networks, against weights and walks written out one by one, and the properties that the
authors describe, at small size."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from suite.contract.registry import registry
from suite.data.automata.automaton import Automaton, read_automaton
from suite.data.automata.generated import generated
from workloads.shared.vsa.attractor import Attractor, strongest
from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.drive import Protocol
from workloads.shared.vsa.task import scores
from workloads.shared.vsa.walks import walks

REST = Protocol(rest=10, drive=10, hold=50)
PLAYER = read_automaton("player")
REPEATED = {
    "states": ["a", "b", "c", "d", "e"],
    "stimuli": ["s", "t"],
    "edges": [
        {"from": one, "input": stimulus, "to": other}
        for one, stimulus, other in [("a", "s", "b"), ("b", "s", "c"), ("c", "s", "d"), ("d", "t", "a")]
    ],
}


def embedded(automaton=PLAYER, neurons=1024, seed=0, protocol=REST, active=None, edge_states=True, asynchronous=False):
    codes = Codes.draw(automaton, neurons, active, torch.Generator().manual_seed(seed))
    return Attractor(codes, protocol, active, edge_states, asynchronous)


def walked(network, automaton=PLAYER, count=8, edges=6):
    """Scores of random walks."""
    inputs, targets = walks(automaton, count, edges, np.random.default_rng(3)).tensors
    overlaps, held = network(inputs, torch.Generator().manual_seed(0))
    return scores([{"overlap": a, "held": b} for a, b in zip(overlaps, held, strict=True)], targets)


def slow_dense(codes):
    """The weights of dense codes, edge by edge, in units of 1/N."""
    nodes, edges = codes.nodes.double(), codes.edges.double()
    first, second, outputs = codes.first.double(), codes.second.double(), codes.outputs.double()
    weights = sum(torch.outer(x, x) for x in nodes)
    for e, (source, stimulus, target, output) in zip(edges, codes.table.tolist(), strict=True):
        x, y, a, b = nodes[source], nodes[target], first[stimulus], second[stimulus]
        told = e if output < 0 else torch.where(outputs[output] == 0, e, outputs[output])
        weights = weights + torch.outer(told, e)
        weights = weights + torch.outer((a > 0) * (e - x), x * a) + torch.outer((b > 0) * (y - e), e * b)
    return weights.fill_diagonal_(0)


def slow_sparse(codes):
    """The weights of sparse codes, edge by edge."""
    nodes, edges, share = codes.nodes.double(), codes.edges.double(), codes.nodes[0].double().mean()
    first, second = codes.first.double(), codes.second.double()
    weights = sum(torch.outer(x - share, x - share) for x in nodes)
    for e, (source, stimulus, target, _) in zip(edges, codes.table.tolist(), strict=True):
        x, y = nodes[source], nodes[target]
        weights = weights + torch.outer(e - share, e - share)
        weights = weights + torch.outer(e - x, (x - share) * first[stimulus])
        weights = weights + torch.outer(y - e, (e - share) * second[stimulus])
    return weights


def slow_walk(codes, weights, inputs, update):
    """States in the middle of every node interval, one walk, one step after the other."""
    state, found = codes.nodes[inputs[0]].double(), []

    def run(mask):
        nonlocal state
        seen = []
        for _ in range(10):
            state = update(weights @ (state * mask))
            seen.append(state)
        return seen[5]

    rest = torch.ones_like(state)
    found.append(run(rest))
    for stimulus in inputs[1:]:
        run((codes.first[stimulus] > 0).double())
        run((codes.second[stimulus] > 0).double())
        found.append(run(rest))
    return found


def k_largest(fields, k):
    chosen = sorted(range(len(fields)), key=lambda neuron: (-float(fields[neuron]), neuron))[:k]
    return torch.zeros_like(fields).index_fill_(0, torch.tensor(chosen), 1.0)


@pytest.mark.parametrize(("active", "slow"), [(None, slow_dense), (20, slow_sparse)])
def test_weights_and_products_are_those_written_out(active, slow):
    network = embedded(neurons=300, active=active)
    expected, factors = slow(network.codes), network.factors()
    assert (factors.dense() - expected).abs().max() < 1e-5 * expected.abs().max()
    states = torch.randn(5, 300, generator=torch.Generator().manual_seed(1))
    fields = states.double() @ expected.T
    assert (factors.product(states) - fields).abs().max() < 1e-5 * fields.abs().max()
    assert (factors.product(states) - states @ factors.dense().T).abs().max() < 1e-5 * fields.abs().max()


@pytest.mark.parametrize(
    ("active", "slow", "update"),
    [(None, slow_dense, lambda f: (f >= 0) * 2.0 - 1), (30, slow_sparse, lambda f: k_largest(f, 30))],
)
def test_a_walk_is_the_one_written_out_step_by_step_with_and_without_the_matrix(active, slow, update):
    automaton = generated(3, 4)
    network = embedded(automaton, neurons=400, active=active)
    inputs = walks(automaton, 2, 3, np.random.default_rng(0)).tensors[0]
    weights = slow(network.codes)
    states = torch.stack([torch.stack(slow_walk(network.codes, weights, one.tolist(), update)) for one in inputs])
    expected = network.overlaps(states.float().flatten(0, 1)).unflatten(0, states.shape[:2])
    found, held = network(inputs, torch.Generator())
    assert (found - expected).abs().max() < 1e-5
    network.weights = weights.float()
    again, held_again = network(inputs, torch.Generator())
    assert (again - expected).abs().max() < 1e-5
    assert held.equal(held_again)


def test_dense_fields_are_whole_numbers_so_that_both_ways_are_equal_bit_by_bit():
    factors = embedded(neurons=501).factors()
    states = torch.randint(-1, 2, (4, 501), generator=torch.Generator().manual_seed(2)).float()
    assert factors.product(states).equal(states @ factors.dense().T)


def test_the_strongest_are_the_first_of_equals():
    fields = torch.tensor([[1.0, 3.0, 1.0, 1.0, 2.0]])
    assert strongest(fields, 3).tolist() == [[1, 1, 0, 0, 1]]


def test_walks_are_right_and_invalid_stimuli_move_nothing():
    found = [walked(embedded(seed=seed)) for seed in range(3)]
    assert [row["success"] for row in found] == [1, 1, 1]
    assert min(row["overlap"] for row in found) > 0.99
    assert [row["ignored"] for row in found] == [1, 1, 1]
    assert [row["held"] for row in found] == [50, 50, 50]


def test_cross_talk_is_that_of_random_vectors():
    """Standard deviation of W x - x over sqrt((states + 3 edges) / N), within 15 %."""
    network = embedded(neurons=4000)
    nodes = network.codes.nodes.float()
    noise = network.factors().product(nodes) / 4000 - nodes
    predicted = ((8 + 3 * 16) / 4000) ** 0.5
    assert noise.std() == pytest.approx(predicted, rel=0.15)


def test_an_output_is_told_on_its_edge():
    network = embedded(neurons=2000)
    codes, seen = network.codes, []
    inputs = torch.tensor([[0, 0]])  # idle, power: `light`
    network(inputs, torch.Generator(), lambda states, factors: seen.append(states))
    told = torch.stack(seen)[:, 0] @ codes.outputs.float().T / codes.outputs.float().abs().sum(1)
    assert told[:10].abs().max() < 0.5
    assert told[15:19, 0].min() > 0.9
    assert told[15:19, 1].abs().max() < 0.5


def test_without_edge_states_a_repeated_stimulus_overshoots():
    automaton = Automaton.model_validate(REPEATED)
    assert walked(embedded(automaton, neurons=2000), automaton)["success"] == 1
    assert walked(embedded(automaton, neurons=2000, edge_states=False), automaton)["success"] < 0.5
    unique = generated(6, 9)
    assert walked(embedded(unique, neurons=2000, edge_states=False), unique)["success"] == 1


def test_asynchronous_updates_and_delayed_masks_pass():
    slow = replace(REST, rest=40, drive=40)
    assert walked(embedded(neurons=3000, protocol=slow, asynchronous=True))["success"] == 1
    assert walked(embedded(neurons=3000, protocol=replace(REST, spread=20)))["success"] == 1


def test_multiplication_by_the_stimulus_is_right_for_one_step_and_fails_when_spread():
    once = replace(REST, drive=1, multiplied=True)
    assert walked(embedded(neurons=3000, protocol=once))["success"] == 1
    assert walked(embedded(neurons=3000, protocol=replace(once, spread=5)))["success"] == 0


def test_a_network_that_is_too_small_says_so():
    workload = registry().workload("vsa_fsm")
    with pytest.warns(UserWarning, match=r"8 states and 16 edges are more than 200 neurons hold .* take 432 neurons"):
        workload.at("ci", {"neurons": 200, "automaton": "player"}).network(torch.Generator())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        workload.at("ci", {"neurons": 432, "automaton": "player"}).network(torch.Generator())


def test_walks_that_no_automaton_has_are_refused():
    ends = Automaton.model_validate({**REPEATED, "edges": REPEATED["edges"][:3]})
    assert len(walks(ends, 3, 3, np.random.default_rng(0))) == 3
    with pytest.raises(Exception, match="no walk of 4 edges: all its walks end in states without an edge out"):
        walks(ends, 3, 4, np.random.default_rng(0))


@pytest.mark.parametrize("setting", ["generated:3", "generated:a:3", "generated:3:3:1:1"])
def test_a_mistyped_generated_automaton_is_refused(setting):
    with pytest.raises(Exception, match=f"'{setting}' is not of the form generated:STATES:EDGES"):
        registry().workload("vsa_fsm").at("ci", {"automaton": setting}).data("ci", None, 0)


def test_a_walk_that_is_not_finite_counts_as_wrong():
    right = {"overlap": torch.ones(3, 2), "held": torch.full((2,), 50.0)}
    broken = {"overlap": torch.full((3, 2), torch.nan), "held": torch.full((2,), 50.0)}
    expected = torch.tensor([0, 1])
    assert scores([right, broken], [expected, expected]) == {"success": 0.5, "overlap": 0.5, "ignored": 0.5, "held": 25}
