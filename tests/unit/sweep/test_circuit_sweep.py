"""Sweeps over crossbars with circuits: what equals what, what is drawn once, and a study from end to end."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

import suite as public
from suite.contract import Condition, Device
from suite.crossbar.circuit.readout import Readout
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.sweep.engine.outputs import CONVERTER_SAMPLES
from suite.sweep.engine.state import NoCalibration
from suite.sweep.sweep import sweep
from tests.networks import NETWORKS, built, images
from tests.reference import classifier, every_output, key
from tests.toys import refused, run_toy, toy_study

TARGETS = torch.arange(30) % 10
TESTS = {"test": TensorDataset(images(30), TARGETS)}
TRAIN = TensorDataset(images(300, seed=5), torch.arange(300) % 10)
TILES = {"tile_rows": 32, "tile_columns": 32}
EVERYTHING = {
    "g_min_uS": 1.0, "levels": 32, "programming_noise_uS": 0.5, "stuck_on": 0.001, "stuck_off": 0.01, **TILES,
    "wire_ohm": 1.0, "input_bits": 8, "output_bits": 8, "read_noise_uS": 0.2,
}  # fmt: skip


def swept(network, crossbar, sigmas=(0.0, 0.3), realisations=(0, 1), block=8, calibration=TRAIN, **changes):
    """Every output as a number: (conditions, realisations, samples x classes)."""
    result = sweep(
        classifier(network, **{"scores": every_output, **changes}),
        network,
        TESTS,
        [Condition.of(sigma_log=sigma, crossbar="circuit") for sigma in sigmas],
        realisations,
        key(block, circuit=crossbar),
        calibration,
    )
    return np.stack([result.scores[str(index)] for index in range(300)], axis=-1)


@pytest.mark.parametrize("name", ["mlp", "lenet", "residual", "unknown", "tied", "recurrent", "both-ways", "attending"])
def test_an_ideal_circuit_is_the_clean_network(name):
    clean = swept(built(name), Crossbar(), sigmas=(0.0,), realisations=(0,))[0, 0]
    for crossbar in (Crossbar(g_max_uS=100.0), Crossbar(g_max_uS=100.0, g_min_uS=5.0, **TILES)):
        found = swept(built(name), crossbar, sigmas=(0.0,))
        assert np.abs(found - clean).max() < 1e-5 * np.abs(clean).max()


def test_a_circuit_without_rest_drifts_as_plain_weights_do_in_law():
    network = built("mlp")
    plain, pairs = (
        swept(network, crossbar, sigmas=(0.4,), realisations=range(60))
        for crossbar in (Crossbar(), Crossbar(g_max_uS=100.0))
    )
    assert not np.array_equal(plain, pairs)
    assert pairs.std(axis=1).mean() == pytest.approx(plain.std(axis=1).mean(), rel=0.1)


@pytest.mark.parametrize("setting", sorted(set(EVERYTHING) - {"tile_rows", "tile_columns", "g_min_uS"}))
def test_each_setting_has_an_effect_of_its_own(setting):
    """And none is large: settings are those of a good crossbar."""
    network = built("lenet")
    clean = swept(network, Crossbar(), sigmas=(0.0,), realisations=(0,))[0, 0]
    needed = TILES if setting == "wire_ohm" else {}
    found = swept(network, Crossbar(g_max_uS=100.0, **needed, **{setting: EVERYTHING[setting]}), sigmas=(0.0,))
    difference = np.abs(found - clean).max() / np.abs(clean).max()
    assert 1e-5 < difference < 0.5
    drawn = setting in ("programming_noise_uS", "stuck_on", "stuck_off", "read_noise_uS")
    assert np.array_equal(found[0, 0], found[0, 1]) != drawn


def test_all_settings_compose_and_belong_to_the_realisation():
    network, crossbar = built("lenet"), Crossbar(g_max_uS=100.0, **EVERYTHING, recalibrate_bn=64)
    found = swept(network, crossbar, realisations=(0, 1))
    assert np.isfinite(found).all()
    assert not np.array_equal(found[:, 0], found[:, 1])
    assert np.array_equal(swept(network, crossbar, sigmas=(0.3,), realisations=(1,))[0, 0], found[1, 1])


def test_nothing_drawn_is_evaluated_once():
    calls = []

    def scores(outputs, targets):
        calls.append(outputs)
        return {str(index): 0.0 for index in range(300)}

    wires = Crossbar(g_max_uS=100.0, **TILES, wire_ohm=5.0)
    swept(built("mlp"), wires, sigmas=(0.0,), realisations=range(6), scores=scores)
    assert len(calls) == 2


@pytest.mark.parametrize("label", ["weights", "circuit"])
@pytest.mark.parametrize("sigma", [0.0, 0.3])
def test_a_device_is_programmed_under_every_condition_unless_it_says_that_it_changes_nothing(label, sigma):
    """One that loses half of every value is no perfect one at sigma 0, whatever the crossbar."""

    def halved(targets, condition, noise):
        return DEVICE.program(0.5 * targets, condition, 0 * noise)

    def outputs(ideal):
        devices = {"lognormal": Device("Halved", "tests", DEVICE.draw, halved, **ideal)}
        both = replace(key(8, weights=Crossbar(), circuit=Crossbar(g_max_uS=100.0)), devices=devices)
        where = [Condition.of(sigma_log=sigma, crossbar=label)]
        result = sweep(classifier(network, scores=every_output), network, TESTS, where, (0, 1), both)
        return np.stack([result.scores[str(index)][0] for index in range(300)], axis=-1)

    network, half = built("mlp"), built("mlp")
    with torch.no_grad():
        for place in (1, 4):
            half[place].weight.mul_(0.5)
        expected, clean = (of(images(30)).flatten().numpy() for of in (half, network))
    for found in outputs({}):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    said = outputs({"ideal": lambda condition: condition.sigma_log == 0.0})
    np.testing.assert_allclose(said[0], clean if sigma == 0.0 else expected, rtol=1e-5, atol=1e-5)


def test_read_noise_is_of_the_block_not_of_the_order():
    crossbar = Crossbar(g_max_uS=100.0, read_noise_uS=1.0)
    found = swept(built("mlp"), crossbar, sigmas=(0.3, 0.0))
    assert np.array_equal(found[::-1], swept(built("mlp"), crossbar, sigmas=(0.0, 0.3)))
    assert not np.array_equal(found[0, 0, :80], found[0, 0, 80:160])


def test_converters_are_set_by_the_first_training_samples():
    network, crossbar = built("mlp"), Crossbar(g_max_uS=100.0, input_bits=6)
    first = TensorDataset(*(tensor[:CONVERTER_SAMPLES] for tensor in TRAIN.tensors))
    assert np.array_equal(swept(network, crossbar), swept(network, crossbar, calibration=first))
    fewer = TensorDataset(*(tensor[:3] for tensor in TRAIN.tensors))
    assert not np.array_equal(swept(network, crossbar), swept(network, crossbar, calibration=fewer))


def test_full_scales_are_the_largest_values_seen():
    network, inputs = built("mlp"), images(20)
    arrays = {name: network.get_parameter(name).detach() for name in ("1.weight", "4.weight")}
    crossbar = Crossbar(g_max_uS=100.0, output_bits=8, tile_rows=400, tile_columns=8)
    with torch.no_grad():
        readout = Readout.of(network, arrays, crossbar, key(8), lambda: network(inputs))
    found = readout.ranges["1.weight"][False]
    flat = inputs.flatten(1)
    halves = [flat[:, part] @ arrays["1.weight"][:, part].t() for part in (slice(0, 392), slice(392, 784))]
    assert found.inputs == float(flat.max())
    largest = max(float(half.abs().max()) for half in halves)
    assert found.outputs == pytest.approx((largest, largest))


@pytest.mark.parametrize("settings", [{"g_max_uS": 9.0, "input_bits": 4}, {"recalibrate_bn": 301}])
def test_calibration_needs_training_samples(settings):
    with pytest.raises(NoCalibration, match=r"workload 'reference'.*training samples, the sweep has"):
        swept(built("residual"), Crossbar(**settings), calibration=None if "input_bits" in settings else TRAIN)


def boxes(network, batch, generator):
    return list(network(batch[0]) + torch.rand(1, generator=generator))


def test_workloads_with_outputs_of_their_own_are_read_too():
    crossbar = Crossbar(g_max_uS=100.0, input_bits=6, read_noise_uS=1.0)

    def total(outputs, targets):
        return {str(index): float(torch.stack(outputs).sum()) for index in range(300)}

    found = swept(built("mlp"), crossbar, outputs=boxes, scores=total)[..., 0]
    assert len(set(found.flatten().tolist())) == 4


@pytest.mark.parametrize("name", NETWORKS)
def test_statistics_of_batch_norm_are_those_of_a_plain_loop(name):
    """Fresh averages over blocks, momentum by momentum; networks without batch norm are left as they are."""
    network, crossbar = built(name), Crossbar(recalibrate_bn=40)
    found = swept(network, crossbar, sigmas=(0.0,), realisations=(0,))[0, 0]
    own = {key: value.clone() for key, value in network.state_dict().items()}
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        for start in range(0, 40, 8):
            network(TRAIN.tensors[0][start : start + 8])
        network.eval()
        expected = torch.cat([network(block) for block in images(30).split(8)]).flatten().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert bool(norms) == any(not own[key].equal(value) for key, value in network.state_dict().items())


def test_recalibration_helps_a_drifted_network_with_batch_norm():
    """Untrained weights, honest statistics: under drift, new ones bring outputs back to the clean ones' scale."""
    network = built("residual")
    network.norm.train()
    network.norm.momentum = None
    network.norm.reset_running_stats()
    with torch.no_grad():
        network(TRAIN.tensors[0])
    network.eval()
    clean = swept(network, Crossbar(), sigmas=(0.0,), realisations=(0,))[0, 0]
    stale, fresh = (
        np.abs(swept(network, crossbar, sigmas=(0.8,), realisations=range(8))[0] - clean).mean()
        for crossbar in (Crossbar(), Crossbar(recalibrate_bn=256))
    )
    assert fresh < stale


def test_the_network_is_as_it_was_after_a_sweep():
    network = built("residual")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    swept(network, Crossbar(g_max_uS=100.0, **EVERYTHING, recalibrate_bn=40))
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())
    assert not any(module.training for module in network.modules())
    assert network.norm.momentum == 0.1


CIRCUIT = {"g_max_uS": 100, "g_min_uS": 1, "tile_rows": 4, "tile_columns": 4, "wire_ohm": 10, "output_bits": 6}


def test_a_study_sweeps_its_circuits(tmp_path):
    levels = [{"usability": [1.0, 0.5]}, {"usability": [1.0, 0.5], "crossbar": "tiles"}]
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        study = toy_study(folder, crossbars={"weights": {}, "tiles": CIRCUIT}, conditions=levels)
        assert not run_toy(study).failed
        found.append(public.open("toy", folder / "results")["toy"]["accuracy"])
    assert found[0].notnull().all()
    assert found[0].equals(found[1])


def test_a_study_is_told_what_a_circuit_lacks(tmp_path):
    study = toy_study(tmp_path, crossbars={"weights": {}, "tiles": {"levels": 4}})
    assert "crossbars.tiles: levels: needs g_max_uS" in refused("plan", study)
