"""A chip as a method sees it: programmed once, read without gradients, and never written again."""

import pytest
import torch
from torch import nn

from suite.contract import Condition, Device, Method, ProgrammedWeights, Recipe, SuiteError
from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.training.adapt import Reprogrammed, adapt
from tests.toys import WORKLOAD

RECIPE = Recipe(epochs=1, batch=8, learning_rate=0.1)
PLAIN, CHIP = Crossbar(), Crossbar(g_max_uS=50.0, input_bits=6, output_bits=8, read_noise_uS=0.2)
FLICKER = Device(
    "Flicker",
    "tests",
    lambda shape, generator: torch.randn(shape, generator=generator),
    lambda cells, condition, noise: ProgrammedWeights(cells + 0 * noise, 0.1 * (cells + 0 * noise)),
)


def toy():
    namespace = {}
    exec(WORKLOAD, namespace)
    return namespace["WORKLOAD"].at("ci", {})


def fitted(steps, crossbar=PLAIN, realisation=0, device=DEVICE, sigma=0.5):
    """What is left of a fresh network that `steps(chip, generator)` adapts, and the network."""
    workload = toy()
    network = workload.network(torch.Generator().manual_seed(0))
    key = Key("toy", 7, 0, {"lognormal": device}, {"weights": crossbar}, 30)
    method = Method("M", "tests", adapt=lambda workload, chip, splits, recipe, generator: steps(chip, generator))
    splits, condition = workload.data("ci", None, 0), Condition.of(sigma_log=sigma)
    return adapt(workload, network, method, splits, RECIPE, condition, realisation, key, {}), network, key


def test_cells_are_those_that_a_sweep_of_this_realisation_draws_of_what_was_asked_for():
    def steps(chip, generator):
        chip.program("0.weight")
        with torch.no_grad():
            chip.network[2].weight.mul_(3)

    found, network, key = fitted(steps, realisation=4)
    programmer = programmer_of(network, {name: found.state[name] for name in found.cells}, PLAIN, key)
    expected = programmer.item(Condition.of(sigma_log=0.5), programmer.draws(DEVICE, 4), 4).weights
    assert list(found.cells) == ["0.weight", "2.weight"]
    for name, cells in found.cells.items():
        assert torch.equal(cells.values, expected[name])


@pytest.mark.parametrize("crossbar", [PLAIN, Crossbar(g_max_uS=50.0)])
def test_reading_is_the_network_with_cells_in_place_and_the_rest_as_it_is(crossbar):
    seen = {}

    def steps(chip, generator):
        inputs = torch.randn(5, 2)
        own = chip.network(inputs)
        chip.program("0.weight")
        with chip.reading() as network:
            seen["chip"] = network(inputs)
        assert torch.equal(chip.network(inputs), own)
        seen["inputs"] = inputs

    found, network, key = fitted(steps, crossbar)
    programmer = programmer_of(network, {"0.weight": found.state["0.weight"]}, crossbar, key)
    weights = programmer.of_cells({"0.weight": found.cells["0.weight"]}, 0).weights
    with programmed(network, weights):
        assert torch.allclose(network(seen["inputs"]), seen["chip"], atol=1e-6)


@pytest.mark.parametrize("crossbar", [PLAIN, CHIP])
def test_no_gradient_goes_back_through_a_measurement(crossbar):
    gradients = {}

    def steps(chip, generator):
        chip.program("0.weight")
        with chip.reading() as network:
            network(torch.randn(5, 2)).square().sum().backward()
        gradients.update({name: own.grad for name, own in chip.network.named_parameters()})

    fitted(steps, crossbar)
    assert gradients["0.weight"] is None
    assert gradients["0.bias"] is None
    assert gradients["2.weight"].abs().sum() > 0
    assert gradients["2.bias"].abs().sum() > 0


@pytest.mark.parametrize(("crossbar", "device"), [(CHIP, DEVICE), (Crossbar(g_max_uS=50.0), FLICKER)])
def test_what_is_noisy_at_reading_is_drawn_anew_for_every_context(crossbar, device):
    reads = []

    def steps(chip, generator):
        inputs = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))
        chip.program(*chip.arrays)
        for _ in range(2):
            with chip.reading() as network:
                reads.append(network(inputs))

    first, _, _ = fitted(steps, crossbar, device=device)
    assert not torch.equal(reads[0], reads[1])
    again, _, _ = fitted(steps, crossbar, device=device)
    assert torch.equal(reads[0], reads[2])
    assert all(torch.equal(first.tensors()[name], tensor) for name, tensor in again.tensors().items())


def rewritten(chip, generator):
    chip.program("0.weight")
    with torch.no_grad():
        chip.network[0].weight.add_(1)


REFUSED = [
    (lambda chip, generator: [chip.program("0.weight") for _ in range(2)], "'0.weight' is programmed already"),
    (lambda chip, generator: chip.program("0.bias"), "no array '0.bias' on this chip; it has 0.weight, 2.weight"),
    (rewritten, "M: adapt() changed array '0.weight' after it was programmed"),
]


@pytest.mark.parametrize(("steps", "said"), REFUSED)
def test_cells_are_written_once(steps, said):
    with pytest.raises(SuiteError, match=said.replace("(", r"\(").replace(")", r"\)")) as caught:
        fitted(steps)
    assert isinstance(caught.value, Reprogrammed) or "no array" in said


def test_batch_normalisation_keeps_its_statistics_while_a_chip_is_set_up():
    """Full scales are found on training samples, in evaluation mode, whatever mode the method left the network in."""
    modes = []

    def steps(chip, generator):
        chip.network.train()
        norm = nn.BatchNorm1d(8)
        chip.network.insert(1, norm)
        chip.program("0.weight")
        modes.append((chip.network.training, norm.running_mean.abs().sum().item()))
        del chip.network[1]

    fitted(steps, CHIP)
    assert modes == [(True, 0.0)]
