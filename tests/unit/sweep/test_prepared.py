"""Networks that keep what they make of their weights: renewed after each programming, wherever they are called."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

import suite.sweep.sweep as engine
from suite.certify.smoothing import NoClassifier, Voter
from suite.contract import Observation, Splits
from suite.contract.registry import registry
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.sweep.observe import observe
from suite.sweep.sweep import sweep
from tests.contract.plugins import DROPINS
from tests.reference import ENTROPY, NAME, SEED, conditions, every_output, perturbed

PROMPTED = registry((DROPINS,)).workload("prompted").at("ci", {})
ARRAYS = ("read.weight", "keep.weight", "hidden.weight", "head.weight")
# Programming changes what the encoder makes of the prompt, and with it every output.
SIGMAS, REALISATIONS = (0.0, 0.3, 1.0), (0, 1)
KEYS = {"name": NAME, "entropy": ENTROPY, "seed": SEED, "block": 4}


def words(count=10):
    inputs = torch.randint(0, 12, (count, 8), generator=torch.Generator().manual_seed(1))
    return TensorDataset(inputs, torch.zeros(count, dtype=torch.long))


def built():
    return PROMPTED.network(torch.Generator().manual_seed(1)).eval()


IDEAL = Crossbar()


def swept(network, crossbar=IDEAL, workload=PROMPTED, sigmas=SIGMAS):
    """{output: (conditions, realisations)}"""
    return sweep(
        replace(workload, scores=every_output), network, {"test": words(), "again": words(5)}, conditions(*sigmas),
        REALISATIONS, devices={"lognormal": DEVICE}, crossbars={"weights": crossbar}, calibration=words(20), **KEYS,
    ).scores  # fmt: skip


def outputs_of(found, row, column):
    return torch.tensor([found[str(index)][row, column] for index in range(20)]).float()


def test_a_sweep_of_programmed_frozen_arrays_equals_plain_calls():
    network = built()
    found = swept(network)
    for row, sigma in enumerate(SIGMAS):
        for column in REALISATIONS:
            copy = perturbed(network, ARRAYS, sigma, column)
            with torch.no_grad():
                PROMPTED.prepare(copy)
                expected = copy(words().tensors[0]).flatten()
            torch.testing.assert_close(outputs_of(found, row, column), expected)
    assert np.array_equal(found["3@again"], found["3"])


def test_without_renewal_it_would_not():
    network = built()
    with torch.no_grad():
        PROMPTED.prepare(network)
    stale = swept(network, workload=replace(PROMPTED, prepare=None))
    found = swept(network)
    assert np.array_equal(stale["3"][0], found["3"][0])
    assert (stale["3"][1:] != found["3"][1:]).all()


def test_it_is_renewed_once_per_programming_and_test_set():
    calls = []
    swept(built(), workload=replace(PROMPTED, prepare=lambda network: calls.append(network)))
    programmings = 1 + 2 * len(REALISATIONS)  # the ideal level is the clean network
    assert len(calls) == 2 * programmings


@pytest.mark.parametrize("crossbar", [{}, {"input_bits": 4}, {"output_bits": 5}])
def test_what_is_kept_is_what_would_be_made_anew_through_the_same_reads(crossbar):
    """Converters are set by the prompt as well."""
    crossbar = Crossbar(g_max_uS=100.0, **crossbar)
    anew = swept(built(), crossbar, replace(PROMPTED, prepare=None))
    assert all(np.array_equal(values, anew[name]) for name, values in swept(built(), crossbar).items())


def test_read_noise_reaches_what_is_kept():
    noisy = Crossbar(g_max_uS=100.0, read_noise_uS=1.0)
    network, seen = built(), []

    def prepare(network):
        PROMPTED.prepare(network)
        seen.append(network.prompted.clone())

    first, again = (swept(network, noisy, replace(PROMPTED, prepare=prepare), (0.0,)) for _ in range(2))
    assert all(np.array_equal(values, again[name]) for name, values in first.items())
    clean, *_, drawn, other = seen[: len(seen) // 2]
    assert not clean.equal(drawn)
    assert not drawn.equal(other)


def test_an_observation_sees_what_its_own_programming_makes():
    network = built()

    def shown(observed):
        before = observed.network.prompted.clone()
        outputs, _ = observed.outputs("test")
        assert observed.network.prompted.equal(before)
        return {"prompted": before.numpy(), "outputs": outputs.numpy()}

    (condition,) = conditions(0.5)
    observation = Observation("Shown", {"prompted": ("one", "cell"), "outputs": ("sample", "class")}, shown)
    splits = Splits(words(), words(), {"test": words()}, "synthetic:words")
    found = observe(
        PROMPTED, network, splits, observation, condition, 1, what="shown", device=DEVICE, crossbar=Crossbar(), **KEYS
    )
    with torch.no_grad():
        copy = perturbed(network, ARRAYS, 0.5, 1)
        PROMPTED.prepare(copy)
        torch.testing.assert_close(torch.from_numpy(found["prompted"]), copy.prompted)
        torch.testing.assert_close(torch.from_numpy(found["outputs"]), copy(words().tensors[0]))


def test_a_certificate_refuses_it():
    with pytest.raises(NoClassifier, match="prepare"):
        Voter.of(PROMPTED, built(), words(), 4, (ENTROPY, NAME, SEED))


# ------------------------------------------------------------------------------------------- large networks


def most_held(monkeypatch, budget):
    """How many programmings of a sweep are still in memory when the next is made, and its scores."""
    made, held = [], []

    def counted(weights, realisation):
        held.append(sum(item() is not None for item in made))
        item = Item(weights, realisation)
        made.append(weakref.ref(item))
        return item

    monkeypatch.setattr(engine, "GROUP_BYTES", budget)
    with monkeypatch.context() as patched:
        patched.setattr("suite.crossbar.programming.Item", counted)
        found = swept(built(), sigmas=(0.1, 0.2, 0.3))
    assert len(made) == 3 * len(REALISATIONS)
    return max(held), found


def test_how_many_programmings_are_held_at_once_follows_from_their_size(monkeypatch):
    most, expected = most_held(monkeypatch, engine.GROUP_BYTES)
    fewest, found = most_held(monkeypatch, 1)
    assert (most, fewest) == (5, 0)
    assert all(np.array_equal(values, expected[name]) for name, values in found.items())


@pytest.mark.parametrize(("cells", "at_once"), [(10**4, 8), (10**7, 8), (3 * 10**7, 3), (5 * 10**7, 2), (10**8, 1)])
def test_of_networks_with_many_cells_fewer(cells, at_once):
    assert engine._at_once({"w": torch.empty(cells, device="meta")}) == at_once
