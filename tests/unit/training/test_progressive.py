"""Fine-tuning with the chip in the loop: what is programmed stays, the rest learns from it."""

import pytest
import torch

from suite.contract import Condition, Recipe
from suite.contract.registry import registry
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.training.adapt import adapt
from tests.toys import WORKLOAD


def fitted(**options):
    namespace = {}
    exec(WORKLOAD, namespace)
    workload = namespace["WORKLOAD"].at("ci", {})
    network = workload.network(torch.Generator().manual_seed(0))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    key = Key("toy", 7, 0, {"lognormal": DEVICE}, {"weights": Crossbar()}, 30)
    method, splits = registry().method("progressive"), workload.data("ci", None, 0)
    recipe, condition = Recipe(epochs=1, batch=8, learning_rate=0.1), Condition.of(sigma_log=0.5)
    found = adapt(workload, network, method, splits, recipe, condition, 0, key, {"steps": 10, **options})
    return before, found


def test_arrays_that_are_not_on_the_chip_yet_learn_from_those_that_are():
    before, found = fitted()
    first, *_, last = found.cells
    assert found.state[first].equal(before[first])
    assert not found.state[last].equal(before[last])


@pytest.mark.parametrize("how", ["seen", "unseen"])
def test_the_control_takes_other_steps_than_the_chip_asks_for(how):
    _, seen = fitted()
    before, found = fitted(chip_in_loop=how)
    last = list(found.cells)[-1]
    assert found.state[last].equal(seen.state[last]) == (how == "seen")
    assert not found.state[last].equal(before[last])
