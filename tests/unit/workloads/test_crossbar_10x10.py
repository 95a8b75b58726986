"""The task of one array: inputs from the training images alone, and what is observed of it."""

import numpy as np
import pytest
import torch

from suite.contract import Condition
from suite.contract.energy import read_energy_J
from suite.contract.registry import registry
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.data import load
from suite.studies.study import load_study
from suite.sweep.observe import observe

NAME = "crossbar_10x10"
KNOWN = registry()
WORKLOAD = KNOWN.workload(NAME).at("ci", {})


@pytest.fixture(scope="module")
def splits():
    return WORKLOAD.data("ci", None, 0)


@pytest.fixture
def network():
    return WORKLOAD.network(torch.Generator().manual_seed(1)).eval()


def seen(network, splits, what, crossbar, usability=1.0):
    return observe(
        WORKLOAD,
        network,
        splits,
        WORKLOAD.observations[what],
        Condition.of(usability=usability, crossbar="named"),
        0,
        Key(NAME, 1, 0, {"lognormal": KNOWN.device("lognormal")}, {"named": crossbar}, 256),
        what,
    )


def test_voltages_are_whitened_by_the_training_images_alone(splits):
    train, test = splits.train.tensors[0].double(), splits.tests["test"].tensors[0].double()
    assert train.shape == (451, 10)
    assert train.mean(0) == pytest.approx(np.zeros(10), abs=1e-5)
    assert np.cov(train.T.numpy()) == pytest.approx(np.eye(10), abs=1e-4)
    assert test.mean(0).abs().max() > 0.01
    images = load("digits", None).of(5).parts(150, 300)[0].images.astype(float)
    assert np.linalg.matrix_rank(images - images.mean(0)) > 10


def test_the_array_has_ten_word_lines_and_ten_bit_lines(network, splits):
    cells = seen(network, splits, "array", Crossbar(g_max_uS=100.0, g_min_uS=1.0))["conductance_uS"]
    assert cells.shape == (10, 10)
    weights = network.array.weight.detach().numpy()
    scale = np.abs(weights).max() / 99.0
    assert (cells[:, 0::2] - cells[:, 1::2]).T * scale == pytest.approx(weights, abs=1e-6)
    assert np.minimum(cells[:, 0::2], cells[:, 1::2]) == pytest.approx(np.ones((10, 5)), abs=1e-4)


def test_energy_is_that_of_its_cells(network, splits):
    crossbar = Crossbar(g_max_uS=100.0, g_min_uS=1.0)
    found = seen(network, splits, "energy", crossbar, usability=0.7)
    cells = seen(network, splits, "array", crossbar, usability=0.7)["conductance_uS"]
    voltages = splits.tests["test"].tensors[0].numpy()
    pairs = np.stack([cells[:, 0::2].T, cells[:, 1::2].T])
    expected = read_energy_J(voltages, pairs, read_voltage_V=0.1, read_time_s=10e-9).mean()
    assert found["low_J"] == pytest.approx(expected)
    assert found["high_J"] == pytest.approx(100 * expected)


@pytest.mark.parametrize("what", ["array", "energy"])
def test_plain_weights_have_no_cells(network, splits, what):
    with pytest.raises(Exception, match="crossbar 'named' has weights and no cells; give it g_max_uS"):
        seen(network, splits, what, Crossbar())


def test_the_confusion_matrix_counts_every_digit(network, splits):
    count = seen(network, splits, "confusion", Crossbar())["count"]
    assert count.sum(1).tolist() == [60] * 5
    with torch.no_grad():
        predicted = network(splits.tests["test"].tensors[0]).argmax(1)
    assert count.sum(0).tolist() == torch.bincount(predicted, minlength=5).tolist()


def test_an_output_that_is_not_finite_is_predicted_as_none(network, splits):
    with torch.no_grad():
        network.array.weight[2] = float("nan")
    assert seen(network, splits, "confusion", Crossbar())["count"].sum() == 0


def test_the_study_reads_one_array_of_one_tile():
    for label, settings in load_study("crossbar").crossbars.items():
        crossbar = settings.crossbar()
        assert (crossbar.tile_rows, crossbar.tile_columns) in ((None, None), (10, 10))
        assert crossbar.circuit == (label != "weights")
