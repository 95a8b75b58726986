"""Measured devices as conditions: from the table, from a fitted file, and their plain twins."""

import json
import math
import pickle
from dataclasses import replace

import pytest

from suite.contract import Condition, SuiteError
from suite.contract.registry import registry
from suite.data.facts import perovskite_curves, perovskite_devices, perovskite_workbooks
from suite.lab.characterise.mapping import LEVELS
from suite.lab.characterise.specimens import specimens
from suite.results.cube.labels import condition_from_json, condition_to_json
from suite.studies.study import Levels, StudyError, load_study

PROBE = perovskite_devices()[1].name
FIT = {
    "name": "mine",
    "file": "mine.csv",
    "sha256": "0" * 64,
    "estimator": "log_mle",
    "sigma_log": 0.5,
    "sigma_low": 0.4,
    "sigma_high": 0.7,
    "usability": math.exp(-0.5),
    "mono_len": 30,
    "window": (3, 33),
    "cycles": 7,
    "used": 217,
    "left_out": 0,
    "voltage_V": [0.01 * k for k in range(100)],
    "conductance_uS": [1.0 + k for k in range(100)],
    "level_ratio": [1.0] * 30 + [0.5] * 5,
    "notes": [],
    "warnings": [],
}


def written(path, **changes):
    path.write_text(json.dumps({"format": "crossbar-suite device fit 1", **FIT, **changes}))
    return path


def study_file(folder, conditions):
    path = folder / "mine.yaml"
    path.write_text(
        f"name: mine\nscale: ci\nworkloads: [mnist_mlp]\nmethods: [erm]\nconditions:\n  - {json.dumps(conditions)}\n"
    )
    return path


def test_all_devices_of_the_table_are_conditions_that_differ():
    found = Levels(device="measured", devices="all").conditions()
    assert len({condition.key for condition in found}) == 43
    assert {condition.curve_source for condition in found} == {"measured"}
    for condition, device in zip(found[:37], perovskite_devices(), strict=True):
        assert (condition.specimen, condition.sigma_log) == (device.name, device.sigma_log)
        assert condition.usability == pytest.approx(device.usability, abs=1e-5)


def test_where_no_sigma_is_stored_it_is_that_of_the_whole_loop():
    ours = {book.device: book.whole.sigma_log for book in perovskite_workbooks() if book.sigma_stored is None}
    assert {specimen.name: specimen.sigma_log for specimen in specimens("all", ())[37:]} == ours


def test_every_curve_is_the_device_s_own_and_levels_beyond_the_window_lose_value():
    short = 0
    for specimen in specimens("all", ()):
        curve = perovskite_curves()[specimen.name]
        kept = min(specimen.mono_len, LEVELS)
        assert curve[:kept] == (1.0,) * kept
        assert all(0 <= ratio <= 1 for ratio in curve[kept:])
        assert kept == LEVELS or min(curve[kept:]) < 1
        assert specimen.level_ratio == (curve if kept < LEVELS else ())
        short += kept < LEVELS
    assert short == 6


def test_another_device_takes_their_sigmas_alone():
    twins = Levels(devices=(PROBE,)).conditions()
    assert [twin.key for twin in twins] == ["lognormal(sigma_log=0.185432)@weights"]


def test_a_fitted_file_lies_beside_its_study_and_goes_where_the_study_goes(tmp_path):
    written(tmp_path / "mine.json")
    study = load_study(study_file(tmp_path, {"device": "measured", "fits": ["mine.json"]}))
    (condition,) = study.conditions_of(next(iter(study.workloads)))
    assert (condition.sigma_log, condition.curve_source, condition.specimen) == (0.5, "measured", "mine")
    assert condition.level_ratio == tuple(FIT["level_ratio"])
    sent = pickle.dumps(study)
    (tmp_path / "mine.json").unlink()
    assert pickle.loads(sent).conditions_of(next(iter(study.workloads))) == (condition,)


@pytest.mark.parametrize("change", [{"level_ratio": [1.0] * 30 + [0.4] * 5}, {"sigma_log": 0.6}])
def test_an_edited_fit_is_another_condition(tmp_path, change):
    (before,) = specimens((), (written(tmp_path / "mine.json"),))
    sigma = change.get("sigma_log", 0.5)
    (after,) = specimens((), (written(tmp_path / "mine.json", usability=math.exp(-sigma), **change),))
    assert before.condition("weights").key != after.condition("weights").key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"usability": 0.9}, r"usability 0\.9 is not exp\(-sigma_log\)"),
        ({"level_ratio": [1.0] * 34}, "level_ratio"),
        ({"level_ratio": [1.0] * 34 + [1.5]}, r"level_ratio\.34"),
        ({"sigma_log": -1.0}, "sigma_log"),
        ({"mono_len": 29}, "monotone length 29"),
        ({"format": "something else"}, "format"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_damaged_fit_is_named_with_its_field(tmp_path, change, message):
    written(tmp_path / "mine.json", **change)
    study = study_file(tmp_path, {"device": "measured", "fits": ["mine.json"]})
    with pytest.raises(StudyError, match=rf"mine\.yaml: field conditions\.0: .*mine\.json: .*{message}"):
        load_study(study)


def test_a_missing_fit_is_named_with_the_way_to_make_it(tmp_path):
    study = study_file(tmp_path, {"device": "measured", "fits": ["no.json"]})
    with pytest.raises(StudyError, match=r"no\.json: cannot be read .*suite device fit"):
        load_study(study)


def test_unknown_devices_and_misplaced_levels_are_errors(tmp_path):
    with pytest.raises(SuiteError, match="no device 'nothing' in the table"):
        specimens(("nothing",), ())
    for levels in ({"device": "measured"}, {"device": "measured", "devices": "all", "usability": [0.5]}):
        with pytest.raises(StudyError, match=r"takes its levels from `devices` or `fits`"):
            load_study(study_file(tmp_path, levels))


def test_a_cube_gives_the_condition_back():
    (condition,) = Levels(device="measured", devices=(PROBE,)).conditions()
    found = condition_from_json(json.loads(json.dumps(condition_to_json(condition))))
    assert found == condition
    assert hash(found) == hash(condition)


def test_the_device_multiplies_each_level_by_its_ratio():
    import torch

    device = registry().device("measured")
    (condition,) = Levels(device="measured", devices=(PROBE,)).conditions()
    weights = torch.tensor([[1.0, -1.0, 0.5], [0.0, -0.81, 0.83]])
    found = device.program(weights, condition, torch.zeros(1, 2, 3)).weights()[0]
    ratio = condition.level_ratio
    expected = [[ratio[34], -ratio[34], 0.5], [0.0, -0.81, 0.83 * ratio[28]]]
    assert found == pytest.approx(torch.tensor(expected))
    noisy = device.program(weights, condition, torch.ones(1, 2, 3)).weights()[0]
    assert noisy == pytest.approx(math.exp(condition.sigma_log) * found)


def test_lost_levels_are_not_ideal_even_without_spread():
    device, perfect = registry().device("measured"), Condition.of(sigma_log=0.0, device="measured")
    assert device.ideal(perfect)
    assert device.ideal(replace(perfect, level_ratio=(1.0,) * LEVELS))
    assert not device.ideal(replace(perfect, level_ratio=(1.0,) * 20 + (0.3,) * 15))
    assert not device.ideal(Condition.of(sigma_log=0.1, device="measured"))


def test_it_draws_the_numbers_of_the_lognormal_device():
    import torch

    drawn = [
        registry().device(name).draw((3, 4), torch.Generator().manual_seed(1)) for name in ("measured", "lognormal")
    ]
    assert drawn[0].equal(drawn[1])
