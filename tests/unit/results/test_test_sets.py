"""Sources and chance levels that differ by test set: from the workload file to cube, tables and figures."""

import pytest
from matplotlib.axes import Axes

from suite.contract import Score, Splits, SuiteError
from suite.figures import style
from suite.figures.curves import draw_curves
from suite.figures.summary import Panel, summary
from suite.plan.plan import make_plan
from suite.results.cube import open_tree, to_frame
from suite.statistics.comparison.scores import measure_of, measures_in
from tests.contract.plugins import DROPINS
from tests.toys import context_of, run_toy, suite, toy_study

SOURCES = {"test": "synthetic:steps", "steps": "synthetic:steps-alone"}
CHANCES = {"accuracy": 0.625, "accuracy@steps": 0.25}
PANELS = [Panel("state_machine", "Both", "accuracy"), Panel("state_machine", "Steps", "accuracy@steps")]


def study(folder, **changes):
    own = {"plugins": [str(DROPINS)], "standins": "allow", "seeds": 1, **changes}
    return toy_study(folder, workloads=["state_machine"], **own)


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    path = study(tmp_path_factory.mktemp("sets"))
    assert not run_toy(path).failed
    return context_of(path)


def test_the_cube_and_its_rows_say_which_source_a_score_is_of(context):
    tree, frame = open_tree(context.cube), to_frame(context.cube)
    assert tree["state_machine"].attrs["source"] == SOURCES
    by_score = frame.groupby("score")["source"].unique().map(list).to_dict()
    assert {score: by_score[score] for score in CHANCES} == {
        "accuracy": ["synthetic:steps"],
        "accuracy@steps": ["synthetic:steps-alone"],
    }
    assert set(summary(tree, PANELS).groupby("score")["source"].first()) == set(SOURCES.values())
    assert (
        "state_machine (test: synthetic:steps, steps: synthetic:steps-alone): "
        in suite("status", context.study.reference, "--results", context.results).output
    )


def test_every_score_has_the_chance_level_of_its_test_set(context):
    tree, frame = open_tree(context.cube), to_frame(context.cube)
    said = tree["state_machine"].attrs["measures"]
    assert {score: said[score]["chance"] for score in CHANCES} == CHANCES
    known = measures_in(frame, (DROPINS,))
    assert {score: measure_of(known, "state_machine", score).level for score in CHANCES} == CHANCES
    with style.house_style():
        axes = draw_curves(summary(tree, PANELS), tree, PANELS, 2).findobj(Axes)
    shown = {
        panel.get_title(loc="right"): line.get_ydata()[0]
        for panel in axes
        for line in panel.get_lines()
        if line.get_label() == "chance"
    }
    assert shown == {"synthetic:steps": 0.625, "synthetic:steps-alone": 0.25}


def test_a_stand_in_among_the_sources_must_be_asked_for(tmp_path):
    unknown = make_plan(context_of(study(tmp_path, standins="forbid")), None).unknown["state_machine"]
    assert unknown.startswith("only a stand-in (synthetic:steps, synthetic:steps-alone) is at hand")


def test_sources_name_the_test_sets_there_are():
    for source in ({"test": "a"}, {"test": "a", "other": "b"}):
        with pytest.raises(SuiteError, match=r"Splits.source names test.* and the test sets are test, ring: give one"):
            Splits([], [], {"test": [], "ring": []}, source)


def test_a_test_set_without_a_chance_level_is_refused():
    score = Score("Accuracy", {"test": 0.1})
    assert score.on("test").level == 0.1
    with pytest.raises(SuiteError, match=r"Score\('Accuracy'\) has chance levels of test and none of test set 'ring'"):
        score.on("ring")
    with pytest.raises(TypeError, match="depends on the test set"):
        _ = score.level
    assert Score("Accuracy", 0.1).on("anywhere").level == 0.1
