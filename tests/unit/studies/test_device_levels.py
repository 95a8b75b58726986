"""Levels of a device's own in a study: a grid of them, and what is no level of the device is refused."""

from pathlib import Path

import pytest

from suite.contract import SuiteError
from suite.plan.plan import make_plan
from suite.results.cube import open_tree
from suite.studies.levels import Levels
from suite.studies.study import StudyError, load_study
from tests.contract.plugins import DROPINS
from tests.toys import context_of, plugin, run_toy, toy_study

AGING = '''"""Weights that lose a part per second, under noise."""

from suite.contract import SIGMA, Device, Level, ProgrammedWeights


def draw(shape, generator):
    """Standard normal."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets, condition, noise):
    """A factor per cell."""
    kept = 1 - condition.level("loss") * condition.level("seconds")
    return ProgrammedWeights((condition.sigma_log * noise).exp() * kept * targets)


LEVELS = {**SIGMA, "seconds": Level("since programming, s", 10.0), "loss": Level("per second, 1/s", 0.01)}
DEVICE = Device(title="Aging", source="tests", draw=draw, program=program, levels=LEVELS)
'''


def study(folder: Path, *entries: dict[str, object], **changes: object) -> Path:
    path = toy_study(folder, conditions=list(entries), **{"seeds": 1, **changes})
    plugin(folder / "own", "device", "aging", AGING)
    (folder / "own" / "devices" / "drifting.py").write_text((DROPINS / "devices" / "drifting.py").read_text())
    return path


def keys(path: Path) -> list[str]:
    return [condition.key for condition in load_study(path).conditions_of("toy")]


def test_several_levels_span_a_grid_whose_last_key_runs_fastest() -> None:
    entry = {"device": "aging", "seconds": [10, 1], "usability": [1.0], "sigma_log": [0.3], "loss": [0.0, 0.02]}
    assert [condition.key for condition in Levels.model_validate(entry).conditions()] == [
        f"aging(sigma_log={sigma},loss={loss},seconds={seconds})@weights"
        for sigma in ("0", "0.3")
        for seconds in ("10", "1")
        for loss in ("0", "0.02")
    ]


def test_levels_alone_make_conditions_without_usability(tmp_path: Path) -> None:
    path = study(tmp_path, {"device": "drifting", "seconds": [1, 3600.0]}, {"usability": [1.0]})
    assert keys(path) == [
        "drifting(seconds=1)@weights", "drifting(seconds=3600)@weights", "lognormal(sigma_log=0)@weights",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"seconds": [1]}, r"conditions\.0\.seconds: unknown key.*; levels of device lognormal: sigma_log \("),
        (
            {"device": "drifting", "second": [1]},
            r"\.second: unknown key, did you mean 'seconds'\?.*drifting: seconds \(since programming, s\)",
        ),
        (
            {"device": "drifting", "seconds": [1], "usability": [1.0]},
            r"conditions\.0\.usability: drifting has no sigma",
        ),
        ({"device": "drifting", "seconds": [1], "grid": "paper"}, r"conditions\.0\.grid: drifting has no sigma_log"),
        (
            {"device": "aging", "seconds": [1], "usability": [1.0]},
            r"conditions\.0: gives no loss, add loss: \[0\.01\]",
        ),
        ({"device": "aging", "seconds": [1], "loss": [0]}, r"conditions\.0: gives no sigma_log, add sigma_log: \["),
        ({"device": "drifting", "seconds": 3600}, r"seconds: unknown key.*; a level of the device takes a list"),
        ({"usability": [1.0], "setings": {"a": 1}}, r"setings: unknown key, did you mean 'settings'"),
        ({"device": "drifting", "seconds": []}, r"conditions\.0\.seconds: .*at least 1 item"),
        ({"device": "drifting", "seconds": [True]}, r"conditions\.0\.seconds\.0: .*valid number"),
        ({"device": "drifting", "seconds": [float("inf")]}, r"conditions\.0\.seconds\.0: .*finite number"),
        ({"device": "drifting", "seconds": [0.0, -0.0]}, r"given twice: drifting\(seconds=0\)@weights"),
        ({"device": "measured", "devices": "all", "seconds": [1]}, "from `devices` or `fits`, and from nothing else"),
    ],
)
def test_what_is_no_level_of_the_device_is_refused(tmp_path: Path, entry: dict[str, object], said: str) -> None:
    with pytest.raises(StudyError, match=rf"toy\.yaml: field .*?{said}"):
        load_study(study(tmp_path, entry))


def test_levels_of_an_observation_are_checked_too(tmp_path: Path) -> None:
    observe = [{"what": "anything", "workloads": ["toy"], "conditions": [{"device": "drifting", "hours": [1]}]}]
    with pytest.raises(StudyError, match=r"field observe\.0\.conditions\.0\.hours: unknown key.*seconds"):
        load_study(study(tmp_path, {"usability": [1.0]}, observe=observe))


def test_a_level_that_is_called_as_a_score_is_refused(tmp_path: Path) -> None:
    path = study(tmp_path, {"device": "aging", "accuracy": [1.0], "loss": [0.0], "usability": [1.0]})
    plugin(tmp_path / "own", "device", "aging", AGING.replace("seconds", "accuracy"))
    with pytest.raises(SuiteError, match=r"conditions\.0: accuracy: is a score of workload 'toy' too"):
        make_plan(context_of(path), None)


def test_a_device_reads_its_levels_and_a_reader_chooses_them(tmp_path: Path) -> None:
    """Of a weight times 1 - 0.1 s nothing is left after ten seconds: every answer is then the same."""
    entry = {"device": "aging", "usability": [1.0], "seconds": [0, 10], "loss": [0.1]}
    path = study(tmp_path, entry, {"usability": [1.0]})
    assert run_toy(path).failed == {}
    found = open_tree(context_of(path).cube)["toy"]["accuracy"].isel(contestant=0)
    clean = float(found.where(found.device == "lognormal", drop=True).mean())
    assert found.sel(seconds=0).values.tolist() == [[clean, clean]]
    assert found.sel(seconds=10).mean() < 0.7 < 0.8 < clean


def test_a_value_of_which_a_device_knows_nothing_is_refused(tmp_path: Path) -> None:
    entry = {"device": "rram40", "crossbar": "chip", "seconds": [1, 1e6]}
    path = study(tmp_path, entry, crossbars={"chip": {"g_max_uS": 40}})
    said = r"conditions\.0\.seconds: nothing is known at 1e\+06, give a value from 0\.01 to 100000 \(since programming"
    with pytest.raises(StudyError, match=said):
        load_study(path)
