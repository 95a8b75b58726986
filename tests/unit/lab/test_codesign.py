"""From suggested recipes to predicted scores: curves of a cube, never continued beyond its levels."""

import math

import numpy as np
import pandas
import pytest

from suite.data.facts import perovskite_devices, perovskite_workbooks
from suite.figures.codesign import codesign_figure
from suite.figures.render import render_figure
from suite.lab.characterise.mapping import LEVELS
from suite.lab.fabrication.codesign import ASSUMES, CodesignError, Curve, curves, predicted_scores, read_suggestions
from suite.results.cube import to_frame
from tests.cubes import filled_cube, layout
from tests.toys import suite
from tests.unit.figures.figure_trees import both

CURVE = Curve(np.array([0.0, 0.5, 1.0]), np.array([0.9, 0.5, 0.7]), np.array([0.01, 0.02, 0.1]))
SUGGESTED = """halide,predicted_sigma,sigma_low,sigma_high,interval_level
MAI,0.1,0.05,0.15,0.75
FAI,0.1,0.02,0.9,0.75
MAI,2,1,inf,0.75
"""


def test_a_curve_is_linear_between_levels_and_ends_with_them():
    assert CURVE.score(0.25) == pytest.approx(0.7)
    assert CURVE.score(1.0) == pytest.approx(0.7)
    assert math.isnan(CURVE.score(1.01))


def test_the_envelope_holds_every_level_inside_the_interval():
    low, high = CURVE.envelope(0.25, 1.0)
    assert (low, high) == (pytest.approx(0.48), pytest.approx(0.8))
    assert CURVE.envelope(0.0, 0.0) == (pytest.approx(0.89), pytest.approx(0.91))
    assert all(math.isnan(end) for end in CURVE.envelope(0.5, 1.2))


def test_curves_are_means_over_seeds_with_their_t_interval(tmp_path):
    path = tmp_path / "cube.zarr"
    filled_cube(path)
    found = curves(path)[("mnist_mlp", "mnist:official", "accuracy", "erm")]
    assert list(found.sigma_log) == pytest.approx([0.0, -math.log(0.9), -math.log(0.8)])
    cells = to_frame(path).query("score == 'accuracy' and contestant == 'erm' and usability == 0.9")
    seeds = cells.groupby("seed")["value"].mean()
    assert found.mean[1] == pytest.approx(seeds.mean())
    assert found.half_width[1] == pytest.approx(12.7062 * seeds.std() / math.sqrt(2), rel=1e-4)


def test_what_lies_beyond_the_levels_is_said_and_not_invented():
    labels = ("mnist_mlp", "mnist:official", "accuracy", "erm")
    wanted = pandas.DataFrame(
        [(0.25, 0.1, 0.6, 0.8), (0.25, 0.1, 1.5, 0.8), (1.5, 1.2, 2.0, 0.8)],
        columns=["predicted_sigma", "sigma_low", "sigma_high", "interval_level"],
    )
    rows = predicted_scores(wanted, {labels: CURVE})
    assert list(rows["suggestion"]) == [1, 2, 3]
    assert rows["predicted_score"].round(3).tolist()[:2] == [0.7, 0.7]
    assert math.isnan(rows["predicted_score"][2])
    assert rows["score_low"].isna().tolist() == [False, True, True]
    assert list(rows["note"]) == [
        "",
        "interval reaches outside the cube's levels (sigma 0 to 1)",
        "outside the cube's levels (sigma 0 to 1)",
    ]
    assert rows["usability_low"][0] == pytest.approx(math.exp(-0.6))
    single = Curve(CURVE.sigma_log, CURVE.mean, np.full(3, np.nan))
    assert predicted_scores(wanted, {labels: single})["note"][0] == "one seed: no interval"


def test_a_cube_without_plain_levels_is_refused(tmp_path):
    path = tmp_path / "cube.zarr"
    filled_cube(path, layout(seeds=(0,)))
    assert curves(path)
    with pytest.raises(CodesignError, match="holds no finished level of the log-normal device"):
        curves(_of_another_device(tmp_path))


def _of_another_device(tmp_path):
    from suite.contract import Condition
    from suite.results.cube import Layout

    path = tmp_path / "other.zarr"
    made = [Condition.of(usability=0.9, device="stuck")]
    filled_cube(path, Layout.make(("erm",), (0,), made, (0, 1), (1, 2)))
    return path


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [
        ("sigma_low", "low", "has no column 'sigma_low'; write it with `suite fab suggest --csv FILE`"),
        ("interval_level", "level", "has no column 'interval_level'; write it with `suite fab suggest --csv FILE`"),
        ("0.75", "80", "row 2: interval_level lies between 0 and 1, got 80"),
        ("0.05", "little", "row 2: could not convert string to float: 'little'"),
        ("0.05", "nan", "row 2: needs 0 <= sigma_low <= predicted_sigma <= sigma_high"),
        ("0.05", "0.3", "row 2: needs 0 <= sigma_low <= predicted_sigma <= sigma_high"),
    ],
)
def test_bad_suggestions_are_named_by_row(tmp_path, old, new, rest):
    path = tmp_path / "next.csv"
    path.write_text(SUGGESTED.replace(old, new, 1))
    with pytest.raises(CodesignError) as caught:
        read_suggestions(path)
    assert str(caught.value).startswith(f"{path}: {rest}")


def test_the_verb_writes_one_table_and_one_figure(tmp_path):
    filled_cube(tmp_path / "quick" / "cube.zarr")
    path = tmp_path / "next.csv"
    path.write_text(SUGGESTED)
    result = suite("codesign", "quick", "--results", tmp_path, "--suggestions", path)
    assert result.exit_code == 0, result.output
    assert "suggestion 1: usability 0.905 [0.861, 0.951] (75 %)" in result.output
    assert f"assumed of every suggestion: {ASSUMES}\n" in result.output
    assert "interval reaches outside the cube's levels" in result.output
    folder = tmp_path / "quick" / "codesign"
    assert sorted(file.name for file in folder.iterdir()) == ["codesign.csv", "codesign.pdf", "codesign.png"]
    rows = pandas.read_csv(folder / "codesign.csv", keep_default_na=False)
    assert len(rows) == 3 * 2 * 2
    assert set(rows.loc[rows["suggestion"] == 3, "predicted_score"]) == {""}
    assert (set(rows["interval_level"]), set(rows["assumes"])) == ({0.75}, {ASSUMES})


def test_what_is_said_about_the_monotone_length_is_true_of_the_table():
    assert sum(device.mono_len < LEVELS for device in perovskite_devices()) == 14
    stored = [book for book in perovskite_workbooks() if book.stands and book.sigma_stored is not None]
    assert (sum(book.whole.mono_len < LEVELS for book in stored), len(stored)) == (5, 37)
    assert f"all {LEVELS} levels" in ASSUMES and "5 of the 37" in ASSUMES


def test_without_a_cube_the_verb_says_what_to_run(tmp_path):
    result = suite("codesign", "quick", "--results", tmp_path)
    assert result.exit_code == 2
    assert "no cube yet; run `suite run quick` first" in result.output


def test_the_figure_draws_the_first_score_of_every_workload(tmp_path):
    curve = {
        (name, "mnist:official", "accuracy", m): CURVE for name in ("mnist_mlp", "mnist_lenet") for m in ("erm", "x")
    }
    sigmas = {"predicted_sigma": [0.1, 3.0], "sigma_low": [0.05, 2.0], "sigma_high": [0.2, 4.0]}
    wanted = pandas.DataFrame({**sigmas, "interval_level": 0.8})
    figure = codesign_figure(predicted_scores(wanted, curve))
    drawing = figure.draw(figure.table(both()), both())
    assert len(drawing.axes) == 2
    lines = {line.get_label(): line for line in drawing.axes[0].get_lines()}
    assert lines["ERM"].get_ydata()[0] == pytest.approx(CURVE.score(0.1))
    assert np.isnan(lines["ERM"].get_ydata()[1])
    made = render_figure("codesign", figure, both(), tmp_path, "quick")
    assert "4 predictions lie outside the cube's levels" in made.caption
    assert "the recipe's 80 % interval of usability and of the 95 % t band over seeds" in made.caption
    assert f"assumes a device that is {ASSUMES}." in made.caption
