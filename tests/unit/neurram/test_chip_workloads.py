"""The authors' own weights in our workloads, in software and on the simulated chip."""

from dataclasses import replace

import numpy as np
import torch
from torch.utils.data import TensorDataset

from suite.contract import Condition, accuracy
from suite.contract.registry import registry
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.sweep import sweep
from tests.unit.neurram.chip_data import ROOT, boltzmann_machine, mnist_cnn, official, resnet
from tests.unit.neurram.test_chip_readouts import CHIP, DAY_S

ON_CHIP = replace(CHIP, tile_rows=100, tile_columns=512)
GENERATOR = torch.Generator()


def digits():
    """Images and labels of the test, and the training set."""
    splits = official("mnist").splits("reference", standardised=False)
    return *splits.tests["test"].tensors, splits.train


def swept(name, network, tests, conditions, crossbars, train=None, realisations=(0,), **changes):
    found = registry()
    devices = {device: found.device(device) for device in ("lognormal", "generic", "rram40")}
    workload = replace(found.workload(name), **changes)
    key = Key(name, 1, 0, devices, crossbars, 1000)
    return sweep(workload, network, tests, conditions, realisations, key, train).scores


def test_the_convolutional_network_reaches_what_its_authors_report():
    network = mnist_cnn(registry().workload("neurram_mnist").at("reference", {}).network(GENERATOR))
    images, labels, _ = digits()
    with torch.no_grad():
        outputs = torch.cat([network(block) for block in images.split(1000)])
    assert 0.991 <= accuracy(outputs, labels) <= 0.9925


def test_its_dense_layer_on_the_chip_keeps_its_accuracy():
    """A day after programming, at 0.65 codes of noise."""
    network = mnist_cnn(registry().workload("neurram_mnist").at("reference", {}).network(GENERATOR))
    images, labels, train = digits()
    condition = Condition.of(levels={"seconds": DAY_S}, device="rram40", crossbar="chip")
    plain = Condition.of(sigma_log=0)
    crossbars = {"chip": ON_CHIP, "weights": Crossbar()}
    tests = {"test": TensorDataset(images, labels)}
    changes = {"arrays": lambda network: {"dense.weight": network.dense.weight}}
    scores = swept("neurram_mnist", network, tests, [plain, condition], crossbars, train, **changes)["accuracy"]
    assert abs(scores[1, 0] - scores[0, 0]) <= 0.0015


def test_the_boltzmann_machine_recovers_as_its_authors_report():
    """Under weight noise of 0.1, on 2,000 digits."""
    machine = boltzmann_machine()
    splits = registry().workload("neurram_rbm").at("reference", {}).data("reference", ROOT, 0)
    tests = {name: TensorDataset(*(tensor[:2000] for tensor in data.tensors)) for name, data in splits.tests.items()}
    condition = Condition.of(levels={"noise": 0.1}, device="generic")
    assert float(machine.weight.detach().abs().max()) == 1
    scores = swept("neurram_rbm", machine, tests, [condition], {"weights": Crossbar()}, realisations=(0, 1, 2))
    assert 0.83 <= scores["reduction"].mean() <= 0.86
    assert 0.22 <= scores["reduction@bottom"].mean() <= 0.27


def test_the_residual_network_scores_what_these_pictures_allow():
    """82 to 83.5 % on 400 pictures of the JPEG mirror, not the 87.6 % of the published set."""
    network, content = resnet(), official("cifar10")
    pixels, labels = (torch.from_numpy(np.ascontiguousarray(part)) for part in first(content.test, 400))
    with torch.no_grad():
        assert 0.815 <= accuracy(network(pixels.float() / 255), labels.long()) <= 0.84


def first(part, count):
    return part[0][np.arange(count)], part[1][:count]
