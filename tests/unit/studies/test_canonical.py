"""Entries that mean the same are the same, however they are written; what is left out is given back where it counts."""

from pathlib import Path

import numpy as np
import pytest

from suite.contract import Condition, Device, Method, SuiteError
from suite.plan.plan import make_plan
from suite.results.cube import Cube, Layout, open_tree
from suite.studies.study import StudyError, load_study
from tests.cubes import ensure, fill
from tests.toys import METHOD, context_of, plugin, run_toy, toy_study

# Whose own defaults are not those that it declares: the declared ones count.
DEVICE = '''"""Weights times a factor."""

from suite.contract import Device, ProgrammedWeights


def draw(shape, generator):
    """Standard normal."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets, condition, noise):
    """A factor above 0, or none."""
    found = dict(condition.settings)
    factor = found.get("factor", -1.0) if found.get("mode", "off") == "on" else -1.0
    return ProgrammedWeights(factor * (1 + 0 * noise) * targets)


DEVICE = Device(
    title="Factor", source="tests", draw=draw, program=program, settings={"factor": 1.0, "count": 2, "mode": "on"}
)
'''
OPTIONS = (
    'source="tests")',
    'source="tests", attach=attach, options={"kind": ("plain", "strange"), "twice": (True, False)})',
)
ATTACH = (
    "METHOD = ",
    """def attach(network, arrays, params, generator, kind="strange", twice=False):
    assert (kind, twice) == ("plain", True)
    return []


METHOD = """,
)


def study_of(folder: Path, *settings: dict[str, object], options: dict[str, object] | None = None) -> Path:
    levels = [{"device": "factor", "usability": [0.5], "settings": given} for given in settings]
    methods = {"opted": {"options": options or {}, "tuning": "none"}}
    path = toy_study(folder, conditions=levels or None, methods=methods, seeds=1)
    plugin(folder / "own", "device", "factor", DEVICE)
    plugin(folder / "own", "method", "opted", METHOD, ATTACH, OPTIONS)
    return path


def keys(path: Path) -> list[str]:
    return [condition.key for condition in load_study(path).conditions_of("toy")]


PLAIN = "factor(sigma_log=0.693147181)@weights"


@pytest.mark.parametrize("settings", [{}, {"factor": 1}, {"factor": 1.0, "count": 2}, {"mode": "on", "factor": 1}])
def test_settings_that_repeat_the_defaults_are_left_out(tmp_path: Path, settings: dict[str, object]) -> None:
    assert keys(study_of(tmp_path, settings)) == [PLAIN]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("factor", [3, 3.0])
def test_a_number_is_of_the_kind_of_its_default(tmp_path: Path, factor: float, order: int) -> None:
    settings = dict([("factor", factor), ("count", 3)][::order])
    assert keys(study_of(tmp_path, settings)) == ["factor(sigma_log=0.693147181,count=3,factor=3.0)@weights"]


@pytest.mark.parametrize(
    ("one", "other"),
    [({}, {"factor": 1}), ({"factor": 2}, {"factor": 2.0}), ({"count": 3}, {"mode": "on", "count": 3})],
)
def test_one_condition_written_in_two_ways_is_given_twice(tmp_path: Path, one: object, other: object) -> None:
    with pytest.raises(StudyError, match=r"toy\.yaml: field conditions: given twice: factor\(.*; remove"):
        load_study(study_of(tmp_path, one, other))


def test_what_is_of_another_kind_is_refused_and_no_default(tmp_path: Path) -> None:
    for settings in ({"factor": "1.0"}, {"count": 2.0}, {"factor": True}):
        with pytest.raises(SuiteError, match=r"field conditions\.0: settings\.(factor|count): .*factor expects a"):
            make_plan(context_of(study_of(tmp_path, settings)), None)


def test_options_that_repeat_the_defaults_change_no_hash(tmp_path: Path) -> None:
    def hashes(name: str, options: dict[str, object]) -> set[str]:
        context = context_of(study_of(tmp_path / name, options=options))
        return {fit.hash for fit in make_plan(context, None).workloads["toy"].fits(context.study)}

    plain = hashes("plain", {})
    for number, options in enumerate([{"kind": "plain"}, {"twice": True}, {"twice": 1, "kind": "plain"}]):
        assert hashes(f"same-{number}", options) == plain
    assert hashes("other", {"twice": False}) != plain


def test_devices_and_methods_get_what_is_left_out(tmp_path: Path) -> None:
    """With the factor of the file the toy is solved; with that of `program` every class is the other one."""
    path = study_of(tmp_path, {"factor": 1.0}, {"factor": 2.0}, options={"kind": "plain"})
    assert run_toy(path).failed == {}
    found = open_tree(context_of(path).cube)["toy"]["accuracy"]
    assert float(found.min()) > 0.8


def test_what_is_completed_is_all_that_a_file_declares() -> None:
    device = Device("D", "tests", lambda *given: None, lambda *given: None, {"a": 1.0, "b": "x"})
    assert dict(device.complete(Condition.of(sigma_log=0.1, settings=(("b", "y"),))).settings) == {"a": 1.0, "b": "y"}
    method = Method("M", "tests", options={"a": (1, 2), "b": ("x", "y")})
    assert method.complete({"b": "y"}) == {"a": 1, "b": "y"}


def test_a_cube_whose_conditions_spell_their_defaults_out_is_still_read(tmp_path: Path) -> None:
    """As cubes were written before there was one form."""
    old = [Condition.of(sigma_log=0.1, settings=given) for given in ((("mean_preserving", False),), (("a", "1,b=2"),))]
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    layout = ensure(cube, Layout.make(["erm"], [0], old, [0], (1, 1)))
    fill(cube, layout.blocks())
    found = open_tree(cube.path)["mnist_mlp"]["accuracy"]
    assert [str(key) for key in found["condition"].values] == [condition.key for condition in old]
    assert np.isfinite(found).all()
