"""Tables of a comparison, and the verb that writes them."""

from __future__ import annotations

import re

import numpy as np
import pandas
import pytest

from suite.contract import Score, SuiteError
from suite.contract.conditions import Condition
from suite.statistics.comparison.report import compare, latex, markdown
from suite.statistics.comparison.robustness import robustness
from suite.statistics.comparison.tables import cells, differences
from tests.curves import scores_of
from tests.toys import run_toy, suite, toy_study

MEASURES = {"w": {"accuracy": Score("Accuracy", 0.1)}}
ERROR = {"w": {"accuracy": Score("Error", 0.9, higher_is_better=False)}}


def table(**curves):
    """Scores by seed of curves {contestant: (seeds, levels)} at sigma 0, 0.2, 0.4, 0.8."""
    return scores_of(curves, (0.0, 0.2, 0.4, 0.8), lambda seed: 0.02 * (seed + 1))


LOWER = np.array([[0.9, 0.8, 0.5, 0.1], [0.92, 0.82, 0.52, 0.12], [0.91, 0.81, 0.51, 0.08]])
HIGHER = np.array([[0.9, 0.9, 0.8, 0.3], [0.93, 0.92, 0.82, 0.32], [0.91, 0.9, 0.83, 0.31]])


def test_cells_keep_both_spreads():
    found = cells(table(erm=LOWER))
    row = found[found["sigma_log"] == 0.2].iloc[0]
    assert row["mean"] == pytest.approx(0.81)
    assert row["sd_seeds"] == pytest.approx(0.01)
    assert row["sd_realisations"] == pytest.approx(0.02 * np.sqrt((1 + 4 + 9) / 3))
    # t(0.975, 2) = 4.302653
    assert row["high"] - row["mean"] == pytest.approx(4.302653 * 0.01 / np.sqrt(3), rel=1e-5)
    assert (row["n_seeds"], row["n_realisations"]) == (3, 4)


def test_differences_are_corrected_by_holm_over_one_workload():
    found = differences(table(erm=LOWER, better=HIGHER), "erm", MEASURES)
    assert set(found["contestant"]) == {"better"} and len(found) == 4
    raw, corrected = (found[name].sort_values().to_numpy() for name in ("p_value", "p_holm"))
    stepped = np.minimum(np.maximum.accumulate(raw * [4, 3, 2, 1]), 1)
    np.testing.assert_allclose(corrected, stepped)


def test_conditions_without_sigma_are_compared_and_are_on_no_curve():
    plain = table(erm=LOWER, better=HIGHER)
    late = plain[plain["sigma_log"] == 0.4].assign(
        device="pcm",
        sigma_log=np.nan,
        usability=np.nan,
        condition=Condition.of(device="pcm", levels={"seconds": 60}).key,
    )
    both = pandas.concat([plain, late], ignore_index=True)
    found, alone = compare(both, "erm", MEASURES), compare(plain, "erm", MEASURES)
    pandas.testing.assert_frame_equal(found.robustness, alone.robustness)
    for one, other in ((found.cells, alone.cells), (found.differences, alone.differences)):
        own = one[one["condition"] == "pcm(seconds=60)@weights"]
        assert own["mean"].tolist() == other.loc[other["sigma_log"] == 0.4, "mean"].tolist()
    page = markdown(found, "t")
    assert re.search(r"\| pcm, seconds 60 +\| +\| 0\.81", page)
    said = "No sigma, so neither a tolerated one nor an area nor a rank: conditions of pcm."
    assert said in page and f"% {said}" in latex(found, "t")
    assert "No sigma" not in markdown(alone, "t") + latex(alone, "t")


def test_fold_is_a_ratio_and_an_excess_over_chance():
    found = differences(table(erm=LOWER, better=HIGHER), "erm", MEASURES).set_index("sigma_log")
    assert found.loc[0.4, "ratio"] == pytest.approx(0.816667 / 0.51, rel=1e-5)
    assert found.loc[0.4, "excess_ratio"] == pytest.approx(0.716667 / 0.41, rel=1e-5)
    # ERM is at chance there: no excess to divide by
    assert np.isnan(found.loc[0.8, "excess_ratio"])
    flipped = differences(table(erm=1 - LOWER, better=1 - HIGHER), "erm", ERROR).set_index("sigma_log")
    assert flipped.loc[0.4, "ratio"] == pytest.approx(0.49 / 0.183333, rel=1e-5)
    assert flipped.loc[0.4, "excess_ratio"] == pytest.approx(found.loc[0.4, "excess_ratio"])


def test_a_seed_that_one_method_lacks_is_left_out_for_that_method_alone():
    found = differences(table(erm=LOWER, better=HIGHER[:2], other=HIGHER), "erm", MEASURES)
    assert dict(found.groupby("contestant")["n_seeds"].first()) == {"better": 2, "other": 3}


def test_curves_in_single_numbers():
    found = robustness(table(erm=LOWER, better=HIGHER), "erm", MEASURES).set_index(["contestant", "quantity"])
    # The mean curve of ERM is 0.91, 0.81, 0.51, 0.10
    assert found.loc[("erm", "sigma_5_points"), "value"] == pytest.approx(0.1)
    assert found.loc[("erm", "sigma_half_to_chance"), "value"] == pytest.approx(0.4 + 0.4 * 0.005 / 0.41)
    better = found.loc[("better", "sigma_5_points")]
    assert better["low"] <= better["value"] <= better["high"]
    assert better["difference"] == pytest.approx(better["value"] - 0.1)
    assert np.isnan(found.loc[("erm", "area"), "difference"])
    assert not found["beyond"].any()


def test_scores_that_fall_when_they_get_better_are_mirrored():
    up = robustness(table(erm=LOWER, better=HIGHER), "erm", MEASURES).set_index(["contestant", "quantity"])
    down = robustness(table(erm=1 - LOWER, better=1 - HIGHER), "erm", ERROR).set_index(["contestant", "quantity"])
    for quantity in ("sigma_5_points", "sigma_10_points", "sigma_half_to_chance"):
        assert down.loc[("better", quantity), "value"] == pytest.approx(up.loc[("better", quantity), "value"])
    assert down.loc[("erm", "area"), "value"] == pytest.approx(1 - up.loc[("erm", "area"), "value"])


def test_a_curve_that_holds_to_the_end_is_said_to():
    flat = np.full((3, 4), 0.9) + np.array([[0.0], [0.001], [0.002]])
    found = robustness(table(erm=flat), "erm", MEASURES).set_index("quantity")
    assert found.loc["sigma_5_points", "beyond"] and found.loc["sigma_5_points", "value"] == 0.8
    assert not found.loc["area", "beyond"]
    assert "≥ 0.800" in markdown(compare(table(erm=flat), "erm", MEASURES), "toy")


def test_one_seed_shows_no_interval_and_no_star():
    page = markdown(compare(table(erm=LOWER[:1], better=HIGHER[:1]), "erm", MEASURES), "toy")
    assert "0.9000 " in page and "0.9000 ±" not in page and "nan" not in page
    assert "*" not in page


def test_pages_name_what_differs():
    found = compare(table(erm=LOWER, better=HIGHER), "erm", MEASURES)
    page = markdown(found, "toy")
    assert "w, accuracy (toy:points)" in page and "0.8167 ± " in page and "*" in page
    assert "Average rank by area over 1 workload(s), 1 is best: better 1.00, erm 2.00." in page
    tex = latex(found, "toy")
    assert r"\toprule" in tex and r"$\pm$" in tex and "sigma 0.40 (u 0.67)" in tex


def test_an_unknown_baseline_and_an_empty_study_are_told():
    with pytest.raises(SuiteError, match=r"--baseline erv: no such method.*erm"):
        compare(table(erm=LOWER), "erv", MEASURES)
    with pytest.raises(SuiteError, match="nothing is scored"):
        compare(table(erm=LOWER).iloc[:0], "erm", MEASURES)


def test_the_verb_says_the_same_of_a_cube_and_of_its_tables(tmp_path):
    study = toy_study(
        tmp_path,
        methods={"erm": {}, "fixed": {"method": "erm", "tuning": "none"}},
        seeds=2,
        conditions=[{"sigma_log": [0.0, 0.5, 1.2]}],
    )
    run_toy(study)
    results, tables = tmp_path / "results", tmp_path / "tables"
    assert suite("publish", study, "--results", results, "--to", tables).exit_code == 0
    done = suite("compare", study, "--results", results)
    assert done.exit_code == 0, done.output
    again = suite("compare", study, "--tables", tables, "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    for name in ("cells.csv", "differences.csv", "robustness.csv", "ranks.csv"):
        first, second = (
            pandas.read_csv(folder / name) for folder in (results / "toy" / "comparison", tmp_path / "again")
        )
        pandas.testing.assert_frame_equal(first, second, atol=1e-4)
    assert (tmp_path / "again" / "comparison.md").is_file() and (tmp_path / "again" / "comparison.tex").is_file()
    missing = suite("compare", study, "--tables", tmp_path / "nowhere")
    assert missing.exit_code == 2 and "no such table" in missing.output
