"""State machines of dense codes on weights of few values, and how large they may be, at small size: what the authors
describe at 10,000 neurons. Tolerated noise grows as the root of neurons over stored vectors."""

import numpy as np
import pytest
import torch
from test_vsa_fsm import embedded, walked

from suite.contract import Condition
from suite.contract.registry import registry
from suite.data.automata.generated import generated
from suite.statistics.capacity import Trials, edge_cost, exponent, per_neuron
from workloads.shared.vsa.capacity import measured

SMALL = generated(3, 4)
RATIOS = (0.5, 1.0, 3.0)


def on(device, seed, **levels):
    """Scores of walks in 1,000 neurons on programmed weights, and their share of zeros."""
    network, known = embedded(SMALL, neurons=1000, seed=seed), registry().device(device)
    ideal = network.factors().dense()
    noise = known.draw(tuple(ideal.shape), torch.Generator().manual_seed(0))[None]
    network.weights = known.program(ideal, Condition.of(levels=levels, device=device), noise).weights()[0]
    return {**walked(network, SMALL), "zeros": float((network.weights == 0).float().mean())}


@pytest.mark.parametrize("seed", [0, 1])
def test_signs_survive_noise_as_large_as_they_are_and_not_seven_times(seed):
    for noise, least in ((0.0, 0.99), (1.0, 0.99), (2.0, 0.98)):
        found = on("signed_noise", seed, noise=noise)
        assert found["success"] == 1 and found["overlap"] > least
    assert on("signed_noise", seed, noise=7.0)["success"] == 0


@pytest.mark.parametrize("seed", [0, 1])
def test_most_signs_may_be_zeros_and_not_nearly_all(seed):
    few = on("ternary", seed, zeros=0.7)
    assert few["success"] == 1 and few["overlap"] > 0.99 and few["zeros"] >= 0.7
    assert on("ternary", seed, zeros=0.995)["success"] == 0


def trials(neurons, active, generator):
    """Of networks of one size, by ratio of edges to states."""
    with torch.inference_mode():
        found = measured(embedded(SMALL, neurons=neurons, active=active), generator)
    ratio = found["edges"] / found["states"]
    nearest = np.array(RATIOS)[np.abs(np.log(ratio[:, None] / RATIOS)).argmin(1)]
    for one in np.unique(nearest):
        states, edges, success = (found[name][nearest == one] for name in ("states", "edges", "success"))
        yield Trials(neurons, active or 0, one, states.astype(float), edges.astype(float), success)


@pytest.fixture
def few_trials(monkeypatch):
    """Half of what studies take."""
    monkeypatch.setattr("workloads.shared.vsa.capacity.TRIALS", 4)


@pytest.mark.usefixtures("few_trials")
def test_dense_capacity_is_a_fiftieth_of_the_neurons_and_an_edge_costs_two_states():
    generator = torch.Generator().manual_seed(0)
    groups = [one for neurons in (250, 500) for one in trials(neurons, None, generator)]
    assert 0.018 < per_neuron(groups) < 0.030
    assert 1.8 < edge_cost(groups) < 2.8
    assert 0.7 < exponent(groups, sparse=False) < 1.3


@pytest.mark.usefixtures("few_trials")
def test_sparse_capacity_grows_as_the_square():
    generator = torch.Generator().manual_seed(0)
    sparse = [one for neurons in (512, 1024) for one in trials(neurons, 64, generator)]
    assert 1.5 < exponent(sparse, sparse=True) < 2.5


def share(size, active):
    """Of the walks through six networks of 2,048 neurons, each of as many states as edges, those that are right."""
    ring = generated(size, size)
    found = [walked(embedded(ring, neurons=2048, seed=seed, active=active), ring)["success"] for seed in range(6)]
    return float(np.mean(found))


def test_sparse_codes_hold_what_dense_ones_do_not_at_two_thousand_neurons():
    assert share(85, None) < 0.1
    assert share(85, 100) > 0.5


def test_few_active_neurons_fail_at_any_load():
    """A stimulus acts on a random half of a state: of a small one it may be too little, however little is stored."""
    assert share(8, 16) < 0.8
    assert share(8, 100) == 1
