"""State machines of sparse codes and of spiking neurons: at small size what a faithful simulation must show, against
membranes written out one by one, and reads that a crossbar with converters takes."""

import numpy as np
import pytest
import torch

from suite.contract import Condition
from suite.contract.registry import registry
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.data.automata.generated import generated
from suite.sweep.sweep import sweep
from workloads.shared.vsa.codes import Codes
from workloads.shared.vsa.spiking import Neurons, Spiking, Timing
from workloads.shared.vsa.task import scores
from workloads.shared.vsa.walks import walks

KNOWN = registry()
RING = generated(3, 3)
SHORT = Timing(100, 100, 500)


def spiking(timing=SHORT, neurons=1024, active=100, seed=0):
    codes = Codes.draw(RING, neurons, active, torch.Generator().manual_seed(seed))
    return Spiking(codes, active, Neurons(), timing)


def walked(network, edges=1, count=1):
    inputs, targets = walks(RING, count, edges, np.random.default_rng(3)).tensors
    shares, held = network(inputs, torch.Generator())
    return scores([{"overlap": a, "held": b} for a, b in zip(shares, held, strict=True)], targets)


def slow_spikes(network, inputs, steps):
    """Spikes of one walk, neuron by neuron and step by step, from the weights as a matrix."""
    weights, cell, codes = network.factors().dense().double(), network.cell, network.codes
    pattern = 2 * codes.nodes[inputs[0]].double() - 1
    voltage, current, rest, pool, found = *torch.zeros(3, network.neurons).double(), 0.0, []
    rest_ms, half_ms = network.timing.rest, network.timing.half
    for step in range(steps):
        since = step - 50 - rest_ms
        opened = torch.ones(network.neurons, dtype=torch.bool)
        if since >= 0 and since % (2 * half_ms + rest_ms) < 2 * half_ms:
            half = codes.first if since % (2 * half_ms + rest_ms) < half_ms else codes.second
            opened = half[inputs[1 + since // (2 * half_ms + rest_ms)]] > 0
        spikes = torch.zeros(network.neurons).double()
        for neuron in range(network.neurons):
            push = 32 * current[neuron] - 8 * pool + 2 + (cell.start * pattern[neuron] if step < 50 else 0)
            free = rest[neuron] <= 0 and opened[neuron]
            voltage[neuron] = max(-1.0, voltage[neuron] + (push - voltage[neuron]) / 20) if free else 0.0
            if voltage[neuron] >= 1:
                spikes[neuron], voltage[neuron], rest[neuron] = 1, 0, cell.refractory_ms
            else:
                rest[neuron] -= 1
        current = current * 0.95 + 0.5 * (weights @ spikes)
        pool = pool * 0.95 + 0.5 * float(spikes.sum()) / network.active
        found.append(spikes)
    return torch.stack(found)


def test_spikes_are_those_of_membranes_written_out_one_by_one():
    network = spiking(Timing(20, 20, 0), neurons=60, active=12)
    inputs, seen = walks(RING, 1, 2, np.random.default_rng(0)).tensors[0], []
    network(inputs, torch.Generator(), lambda spikes, _: seen.append(spikes[0].double()))
    expected = slow_spikes(network, inputs[0].tolist(), 130)
    assert expected.sum() > 100
    assert torch.stack(seen)[:130].equal(expected)


def test_the_same_weights_serve_any_timing_and_a_state_is_held_for_ten_seconds():
    network = spiking()
    found = {}
    for rest, hold in ((50, 10_000), (200, 0), (2000, 0)):
        network.timing = Timing(rest, 100, hold)
        found[rest] = walked(network)
    assert [row["success"] for row in found.values()] == [1, 1, 1]
    assert found[50]["held"] == pytest.approx(10)
    assert found[50]["ignored"] == 1


def test_one_gain_makes_good_what_programming_does_to_the_strength():
    network = spiking(neurons=512, active=50)
    ideal = network.factors().dense()
    network.weights = 0.25 * ideal
    network.calibrate()
    assert network.gain == pytest.approx(4, rel=1e-4)
    network.weights = -ideal
    network.calibrate()
    assert network.gain == 1


@pytest.mark.parametrize(
    ("device", "level", "bearable", "lethal"),
    [("additive_noise", "noise", 2.0, 8.0), ("missing_synapses", "missing", 0.5, 0.95)],
)
def test_spiking_walks_survive_noise_and_missing_synapses_up_to_a_point(device, level, bearable, lethal):
    network, known = spiking(Timing(100, 100, 0)), KNOWN.device(device)
    ideal = network.factors().dense()
    noise = known.draw(tuple(ideal.shape), torch.Generator().manual_seed(0))[None]
    for value, expected in ((bearable, 1), (lethal, 0)):
        condition = Condition.of(levels={level: value}, device=device)
        network.weights = known.program(ideal, condition, noise).weights()[0]
        network.calibrate()
        assert walked(network, edges=2)["success"] == expected


def test_sparse_walks_are_right_at_a_low_load():
    workload = KNOWN.workload("vsa_fsm_sparse").at("ci", {"neurons": 1024, "active": 64})
    splits = workload.data("ci", None, 0)
    found = []
    for seed in range(3):
        network = workload.network(torch.Generator().manual_seed(seed))
        batch = splits.tests["test"].tensors
        found.append(workload.scores(workload.outputs(network, batch, torch.Generator()), batch[1]))
    assert [row["success"] for row in found] == [1, 1, 1]
    assert [row["ignored"] for row in found] == [1, 1, 1]
    assert min(row["overlap"] for row in found) > 0.99


@pytest.mark.parametrize("name", ["vsa_fsm_sparse", "vsa_fsm_spiking"])
def test_more_active_neurons_than_there_are_is_refused(name):
    with pytest.raises(Exception, match="active: 300 of 256 neurons cannot be active; give a number below `neurons`"):
        KNOWN.workload(name).at("ci", {"neurons": 256, "active": 300}).network(torch.Generator())


def swept(name, settings, crossbar, condition, realisations=(0, 1)):
    workload = KNOWN.workload(name).at("ci", settings)
    splits = workload.data("ci", None, 0)
    network = workload.network(torch.Generator().manual_seed(0))
    devices = {device: KNOWN.device(device) for device in ("lognormal", "rram40")}
    key = Key(name, 1, 0, devices, {"weights": Crossbar(), "chip": crossbar}, 16)
    found = sweep(workload, network, splits.tests, [condition], realisations, key, splits.train)
    return found.scores["success"].mean()


PAIRS = Crossbar(g_min_uS=1, g_max_uS=40, programming_noise_uS=1)
IDEAL = Condition.of(sigma_log=0.0, crossbar="chip")


def test_pairs_that_are_written_and_have_relaxed_for_a_day_are_as_good_as_plain_weights():
    day = Condition.of(levels={"seconds": 1e5}, device="rram40", crossbar="chip")
    for neurons, size in ((128, "2:2"), (256, "3:3")):
        settings = {"neurons": neurons, "automaton": f"generated:{size}"}
        found = [swept("vsa_fsm", settings, PAIRS, condition) for condition in (IDEAL, day)]
        assert found == [1, 1]
        assert swept("vsa_fsm", settings, Crossbar(), IDEAL) == 1


@pytest.mark.parametrize("name", ["vsa_fsm_sparse", "vsa_fsm_spiking"])
def test_a_fifth_of_the_cells_is_stuck_harmlessly_where_none_stands_for_the_largest_weight(name):
    """The largest weight of sparse codes is 11 to 14 standard deviations: of a cell that is stuck on, too much."""
    settings = {"neurons": 1024, "active": 100, "automaton": "generated:2:2"}
    for scale, expected in (({"scale_percentile": 99, "clip_at_g_max": True}, 1), ({}, 0)):
        chip = Crossbar(g_min_uS=1, g_max_uS=40, stuck_on=0.1, stuck_off=0.1, **scale)
        assert swept(name, settings, chip, IDEAL, (0,)) == expected


def test_reads_go_through_converters_of_six_bits():
    chip = Crossbar(g_min_uS=1, g_max_uS=40, tile_rows=64, tile_columns=128, output_bits=6, read_noise_uS=0.4)
    assert swept("vsa_fsm", {}, chip, IDEAL) == 1


def test_spiking_reads_are_products_that_converters_take():
    settings = {
        "neurons": 256,
        "active": 40,
        "automaton": "generated:2:2",
        "rest_ms": 50,
        "drive_ms": 50,
        "hold_s": 0.1,
    }
    chip = Crossbar(g_min_uS=1, g_max_uS=40, output_bits=8)
    assert swept("vsa_fsm_spiking", settings, chip, IDEAL, (0,)) == 1
