"""What holds for every method file, on the network of every workload that it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.data import Subset

from suite.contract import NotApplicable, Range
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.settings import Crossbar
from suite.training import COMMON_SPACE, train
from tests.contract import plainly
from tests.contract.plugins import ALL, ENTROPY, fresh, options_of, splits, usable

# Small networks with dense, convolutional and recurrent layers, on which every combination of options is tried.
SMALL = {"mnist_mlp", "mnist_lenet", "elman"}


def cases():
    """Every method as it comes on every workload that takes it and is trained, and its other options on small ones."""
    for method in ALL.entries("method"):
        for number, options in enumerate(options_of(method.value)):
            for workload in ALL.entries("workload"):
                takes = workload.value.methods is None or method.name in workload.value.methods
                if takes and workload.value.trainable and (number == 0 or workload.name in SMALL):
                    named = "-".join([method.name, *map(str, options.values()), workload.name])
                    yield pytest.param(method.name, options, workload.name, id=named)


EVERYWHERE = pytest.mark.parametrize(("name", "options", "on"), list(cases()))


def space_of(name, options, on):
    """The method's own search space; skips the test where it says why it has no meaning."""
    try:
        return ALL.method(name).space(*network_and_arrays(on), **options)
    except NotApplicable as error:
        pytest.skip(f"{name} {options} on {on}: {error}")


def network_and_arrays(on):
    network = fresh(on)
    return network, crossbar_arrays(usable(on), network, Crossbar())


def probes(space):
    return {name: dim.probe for name, dim in space.items()}


@EVERYWHERE
def test_the_probe_lies_in_the_range(name, options, on):
    usable(on)
    for dim, found in space_of(name, options, on).items():
        assert isinstance(found, Range)
        assert dim not in COMMON_SPACE
        assert found.low < found.high
        assert found.low <= found.probe <= found.high
        assert found.low > 0 or not found.log


@EVERYWHERE
def test_noise_is_off_in_evaluation_and_leaves_no_trace(name, options, on):
    method, workload, data = ALL.method(name), usable(on), splits(on).validation
    params = probes(space_of(name, options, on))
    network, arrays = network_and_arrays(on)
    clean, state = plainly.content(plainly.outputs(workload, network, data)), plainly.content(network.state_dict())
    handles = method.attach(network, arrays, params, torch.Generator().manual_seed(0), **options)
    assert plainly.content(plainly.outputs(workload, network.eval(), data)) == clean
    for handle in handles:
        handle.remove()
    assert plainly.content(network.state_dict()) == state
    assert plainly.content(plainly.outputs(workload, network.eval(), data)) == clean
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


@EVERYWHERE
def test_equal_streams_train_to_equal_bytes(name, options, on):
    workload, data = usable(on), splits(on)
    params = probes(space_of(name, options, on))
    # Few samples: some networks take a tenth of a second for each.
    short = replace(data, train=Subset(data.train, range(min(24, len(data.train)))))

    def state(seed):
        network = train(
            workload,
            ALL.method(name),
            short,
            replace(workload.recipe("ci"), epochs=2, batch=8),
            name=on,
            entropy=ENTROPY,
            seed=seed,
            params=params,
            options=options,
        )
        assert list(network.state_dict()) == list(fresh(on).state_dict())
        return plainly.content(network.state_dict())

    first = state(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        assert state(0) == first
    assert state(1) != first


@pytest.mark.parametrize("name", [entry.name for entry in ALL.entries("method")])
def test_every_option_value_works_somewhere(name):
    method = ALL.method(name)
    works = set()
    for _, options, on in (case.values for case in cases() if case.values[0] == name):
        try:
            method.space(*network_and_arrays(on), **options)
        except NotApplicable as error:
            assert name in str(error)
            continue
        works.update(options.items())
    assert works >= {(option, value) for option, values in method.options.items() for value in values}
