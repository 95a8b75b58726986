"""What holds for every workload file: its data, its network, its arrays and its training."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
import torch
from torch.utils.data import Subset

from suite import store
from suite.contract import Score, seeded
from suite.crossbar.arrays import programmed
from suite.training import train
from tests.contract import plainly
from tests.contract.plugins import ALL, ENTROPY, fresh, splits, trained, usable, workloads

SCALES = ("ci", "quick", "reference", "paper")


def parts(data):
    """Every split that samples belong to."""
    return {"train": data.train, "validation": data.validation, **data.tests}


@workloads()
def test_measures_and_recipes_are_sound(name):
    workload = usable(name)
    assert workload.measures
    assert all(isinstance(measure, Score) and measure.title for measure in workload.measures.values())
    for recipe in map(workload.recipe, SCALES):
        assert min(recipe.epochs, recipe.batch, recipe.learning_rate, recipe.test_block, recipe.unit_evaluations) > 0
        assert recipe.weight_decay >= 0


@workloads()
def test_data_is_there_and_says_what_it_is(name):
    data = splits(name)
    assert all(len(part) > 0 for part in parts(data).values())
    assert data.tests
    assert data.source
    assert usable(name).standin or not data.source.startswith("synthetic")


@workloads()
def test_data_of_one_seed_is_the_same_bytes(name):
    data = splits(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        again = usable(name).data("ci", None, 0)
    assert again.source == data.source
    assert {part: plainly.samples(value) for part, value in parts(again).items()} == {
        part: plainly.samples(value) for part, value in parts(data).items()
    }


@workloads()
def test_no_input_lies_in_two_splits(name):
    if usable(name).leaky:
        pytest.skip(f"{name} shows what shared inputs do")
    inputs = {part: plainly.inputs(value) for part, value in parts(splits(name)).items()}
    assert {(one, other) for one, other in combinations(inputs, 2) if inputs[one] & inputs[other]} == set()


@workloads()
def test_a_network_comes_from_its_generator_alone(name):
    before = torch.random.get_rng_state()
    first = plainly.content(fresh(name).state_dict())
    assert torch.random.get_rng_state().equal(before)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        assert plainly.content(fresh(name).state_dict()) == first
    if usable(name).trainable:
        assert plainly.content(fresh(name, seed=1).state_dict()) != first


@workloads()
def test_arrays_are_tensors_of_the_state(name):
    network = fresh(name)
    state, arrays = network.state_dict(), usable(name).arrays(network)
    assert arrays
    for array, tensor in arrays.items():
        assert tensor.equal(state[array])
        assert tensor.data_ptr() == state[array].data_ptr()


@workloads()
def test_every_array_is_read(name):
    workload, network, data = usable(name), trained(name), splits(name).validation
    clean = plainly.content(plainly.outputs(workload, network, data))
    for array, tensor in workload.arrays(network).items():
        with programmed(network, {array: torch.zeros_like(tensor)}):
            assert plainly.content(plainly.outputs(workload, network, data)) != clean, f"{array} changes nothing"


@workloads()
def test_a_state_survives_the_store(name, tmp_path):
    workload, network, data = usable(name), trained(name), splits(name).validation
    store.save(tmp_path, "key", network.state_dict(), {})
    other = fresh(name, seed=1)
    other.load_state_dict(store.load(tmp_path, "key"))
    assert plainly.content(other.state_dict()) == plainly.content(network.state_dict())
    found = plainly.outputs(workload, other, data)
    assert plainly.content(found) == plainly.content(plainly.outputs(workload, network, data))


@workloads()
def test_one_step_lowers_the_loss_of_its_batch(name):
    workload, data = usable(name), splits(name)
    if not workload.trainable:
        pytest.skip(f"{name} is built in one shot")
    recipe = workload.recipe("ci")
    count = min(recipe.batch, len(data.train))
    short = replace(data, train=Subset(data.train, range(count)))
    (batch,) = plainly.batches(workload, short.train, count)

    def loss(factor):
        # A small step: what is tested is that the gradient points downhill.
        network = train(
            workload,
            ALL.method("erm"),
            short,
            replace(recipe, epochs=1, batch=count, schedule="constant"),
            name=name,
            entropy=ENTROPY,
            seed=0,
            params={"learning_rate_factor": factor},
            options={},
        ).train()
        with torch.no_grad(), seeded(torch.Generator().manual_seed(0)):
            return float(workload.step(workload, network, batch))

    assert loss(0.1) < loss(0.0)
