"""What holds for the scores of every workload file: always defined, clean when ideal, a floor with a meaning."""

from __future__ import annotations

import math

import pytest
import torch

from suite.contract import Condition
from suite.crossbar.arrays import programmed
from suite.crossbar.settings import Crossbar
from suite.seeds import torch_generator
from suite.sweep import sweep
from tests.contract import plainly
from tests.contract.plugins import ALL, ENTROPY, fresh, splits, trained, usable, workloads


def scored(workload, outputs, targets):
    """The scores, checked to be what the workload announces and to be numbers."""
    found = {name: float(value) for name, value in workload.scores(outputs, targets).items()}
    assert sorted(found) == sorted(workload.measures)
    assert all(math.isfinite(value) for value in found.values())
    return found


def first_test_set(name, scale="ci"):
    """The first test set: what the floor speaks of."""
    return next(iter(splits(name, scale).tests.values()))


def swept(name, conditions):
    """The sweep engine's scores of realisations 0 and 1: {score: (conditions, 2)}."""
    workload = usable(name)
    return sweep(
        workload,
        trained(name),
        splits(name).tests,
        conditions,
        (0, 1),
        name=name,
        entropy=ENTROPY,
        seed=0,
        devices={"lognormal": ALL.device("lognormal")},
        crossbars={"weights": Crossbar()},
        block=workload.recipe("ci").test_block,
    ).scores


def expected(name, network, realisation):
    """Scores of every test set computed plainly, called as the cube calls them."""
    workload, found = usable(name), {}
    for test, data in splits(name).tests.items():
        generator = torch_generator(ENTROPY, "outputs", name, 0, realisation, test)
        outputs = plainly.outputs(workload, network, data, generator)
        for score, value in scored(workload, outputs, plainly.targets(workload, data)).items():
            found[score if test == "test" else f"{score}@{test}"] = value
    return found


@workloads()
def test_the_ideal_condition_is_the_clean_score(name):
    found = swept(name, [Condition.of(usability=0.5), Condition(1.0, 0.0)])
    clean = expected(name, trained(name), "clean")
    assert list(found) == list(clean)
    for score, values in found.items():
        assert list(values[1]) == pytest.approx([clean[score]] * 2, rel=1e-6)


@workloads()
def test_a_noisy_condition_is_the_score_of_a_copy_with_noisy_weights(name):
    found = swept(name, [Condition(1.0, 0.0), Condition.of(sigma_log=1.5)])
    for realisation in (0, 1):
        network = trained(name)
        state = network.state_dict()
        for array, tensor in usable(name).arrays(network).items():
            generator = torch_generator(ENTROPY, "device-noise", name, 0, realisation, array)
            state[array] = tensor.detach() * (1.5 * torch.randn(tensor.shape, generator=generator)).exp()
        network.load_state_dict(state)
        noisy = expected(name, network, realisation)
        assert {score: values[1, realisation] for score, values in found.items()} == pytest.approx(noisy, rel=1e-6)


@workloads()
def test_constant_predictions_have_a_score(name):
    workload, data = usable(name), first_test_set(name)
    outputs, targets = plainly.outputs(workload, trained(name), data), plainly.targets(workload, data)
    constant = outputs[:1].expand_as(outputs) if isinstance(outputs, torch.Tensor) else [outputs[0]] * len(outputs)
    scored(workload, constant, targets)
    scored(workload, plainly.mapped(outputs, torch.zeros_like), targets)


def everywhere(value):
    """Makes every number of an output `value`."""
    return lambda tensor: torch.full_like(tensor, value)


def lowest_of_each(tensor):
    """Makes the lowest number of every sample minus infinity, which an argmax would never see."""
    if tensor.ndim < 2:
        return torch.full_like(tensor, -math.inf)
    return torch.where(tensor == tensor.amin(-1, keepdim=True), -math.inf, tensor)


@workloads()
@pytest.mark.parametrize(
    "damage", [everywhere(math.nan), everywhere(math.inf), lowest_of_each], ids=["nan", "inf", "one-entry"]
)
def test_outputs_that_are_not_finite_count_as_wrong(name, damage):
    workload, data = usable(name), first_test_set(name)
    outputs, targets = plainly.outputs(workload, trained(name), data), plainly.targets(workload, data)
    for score, found in scored(workload, plainly.mapped(outputs, damage), targets).items():
        measure = workload.measures[score]
        assert found <= measure.chance if measure.higher_is_better else found >= measure.chance


@workloads()
def test_quick_training_reaches_the_floor(name):
    workload, data = usable(name), first_test_set(name, "quick")
    reached = plainly.score(workload, trained(name, "quick"), data)
    chance, floor = (plainly.sign(workload) * value for value in _chance_and_floor(workload))
    assert chance < floor <= reached
    assert floor >= (chance + reached) / 2, "the floor lies less than halfway from chance to what is reached"


@workloads()
@pytest.mark.parametrize("seed", range(3))
def test_random_weights_do_not_reach_the_floor(name, seed):
    workload, network = usable(name), fresh(name, seed)
    generator = torch.Generator().manual_seed(seed)
    random = {
        array: tensor.detach().flatten()[torch.randperm(tensor.numel(), generator=generator)].view_as(tensor)
        for array, tensor in workload.arrays(network).items()
    }
    with programmed(network, random):
        found = plainly.score(workload, network, first_test_set(name))
    assert found < plainly.sign(workload) * workload.floor


def _chance_and_floor(workload):
    return workload.measures[workload.objective].chance, workload.floor
