"""From a table to the next recipes: space, batches, pending recipes, intervals, and the verbs."""

import math
from pathlib import Path

import numpy as np
import pandas
import pytest

from suite.lab.fabrication import lab
from suite.lab.fabrication.encoding import Encoder
from suite.lab.fabrication.pool import pools
from suite.lab.fabrication.space import MOST, BadSpace, Space, candidates, read_space
from suite.lab.fabrication.suggest import Laboratory, read_pending, suggestions, write_suggestions
from suite.lab.fabrication.table import BadTable, Columns, frame, read_table
from suite.lab.fabrication.targets import modelled, sigma_of, usability_of
from suite.lab.fabrication.validation import Validation, cross_validation, recipe_folds
from tests.toys import suite

TABLE = """halide,layer,ag_nm,sigma
MAI,no,100,0.9
MAI,no,200,0.5
MAI,yes,300,0.15
FAI,no,100,0.6
FAI,yes,200,0.08
FAI,yes,300,0.03
FAI,no,300,
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(TABLE)
    return file


def space_file(tmp_path, text):
    file = tmp_path / "space.yaml"
    file.write_text(text)
    return file


def suggested(path, size=4, space=None, target="log_sigma", pending=None):
    table = read_table(path)
    waiting = table.pending if pending is None else pending
    return suggestions(Laboratory.of(table, target), table, waiting, space or Space(), size)


def recipes(rows):
    return list(rows[["ag_nm", "halide", "layer"]].itertuples(index=False, name=None))


def test_suggestions_are_new_recipes_of_known_levels_and_repeat_to_the_byte(path):
    rows = suggested(path)
    table = read_table(path)
    known = {*recipes(table.rows), *recipes(table.pending)}
    assert len(set(recipes(rows))) == 4
    assert not set(recipes(rows)) & known
    assert set(rows["sigma"]) == {""}
    pandas.testing.assert_frame_equal(rows, suggested(path))


def test_intervals_are_ordered_and_two_faces_of_one(path):
    for target in ("log_sigma", "usability"):
        rows = suggested(path, target=target)
        assert (rows["sigma_low"] <= rows["predicted_sigma"]).all()
        assert (rows["predicted_sigma"] <= rows["sigma_high"]).all()
        np.testing.assert_allclose(rows["usability_low"], np.exp(-rows["sigma_high"]), atol=1e-9)
        np.testing.assert_allclose(rows["usability_high"], np.exp(-rows["sigma_low"]), atol=1e-9)
        assert (rows["expected_improvement"] >= 0).all()


def test_measured_rows_are_appended_and_pending_ones_never_suggested_again(path, tmp_path):
    out = tmp_path / "next.csv"
    first = suite("fab", "suggest", path, "--batch", 2, "--csv", out)
    assert first.exit_code == 0, first.output
    assert "numeric factors: ag_nm\n" in first.output
    assert "categorical factors: halide, layer\n" in first.output
    assert "pending, not suggested again: 1\n" in first.output
    chosen = pandas.read_csv(out, keep_default_na=False)
    table = read_table(path)
    waiting = read_pending(out, table)
    again = suggested(path, pending=waiting)
    assert not set(recipes(again)) & set(recipes(chosen))
    # One of the two is measured: what is pending shrinks by it, and the new row is read with its predictions beside it.
    done = chosen.iloc[0]
    path.write_text(TABLE + f"{done.halide},{done.layer},{done.ag_nm},0.04\n")
    grown = read_table(path)
    assert len(grown.rows) == 7
    assert len(read_pending(out, grown)) == 1
    second = suite("fab", "suggest", path, "--pending", out, "--batch", 2)
    assert "pending, not suggested again: 2\n" in second.output


def test_factors_of_many_digits_come_back_exactly_and_are_not_suggested_again(path, tmp_path):
    path.write_text(TABLE.replace("MAI,no,100,", "MAI,no,100.12345678,").replace(",200,", ",120.12345678,"))
    out, table = tmp_path / "next.csv", read_table(path)
    rows = suggested(path, size=3)
    write_suggestions(rows, out)
    waiting = read_pending(out, table)
    assert sorted(recipes(waiting)) == sorted(recipes(rows))
    assert 100.12345678 in set(waiting["ag_nm"])
    assert not set(recipes(suggested(path, size=9, pending=waiting))) & set(recipes(rows))
    written = pandas.read_csv(out, dtype=str)["predicted_sigma"]
    assert list(written) == [f"{sigma:.6g}" for sigma in rows["predicted_sigma"]]


def test_a_suggestion_file_that_was_filled_in_is_a_table(path, tmp_path):
    out = tmp_path / "next.csv"
    suite("fab", "suggest", path, "--batch", 3, "--csv", out)
    rows = pandas.read_csv(out)
    rows["sigma"] = [0.1, 0.2, 0.3]
    rows.to_csv(out, index=False)
    assert read_table(out).columns == read_table(path).columns


def test_a_space_restricts_categories_and_brings_new_numbers(path, tmp_path):
    table = read_table(path)
    text = "levels: {halide: [FAI], ag_nm: [250, 400]}\n"
    space = read_space(space_file(tmp_path, text), table.columns, table.rows)
    rows = suggested(path, size=9, space=space)
    assert set(rows["halide"]) == {"FAI"}
    assert set(rows["ag_nm"]) == {250.0, 400.0}
    assert dict(zip(rows["ag_nm"], rows["outside_range"], strict=True)) == {250.0: "", 400.0: "ag_nm"}


def test_tied_factors_come_in_the_combinations_of_the_table(path, tmp_path):
    table = read_table(path)
    space = read_space(space_file(tmp_path, "tied: [[halide, ag_nm]]\n"), table.columns, table.rows)
    rows = candidates(table.rows, table.columns, space)
    pairs = set(zip(table.rows["halide"], table.rows["ag_nm"], strict=True))
    assert set(zip(rows["halide"], rows["ag_nm"], strict=True)) <= pairs
    assert len(rows) == len(pairs) * 2 - len(table.rows)


def test_a_large_space_is_sampled_with_a_fixed_key():
    columns = Columns("sigma", "sigma", tuple("abcdef"), ())
    rows = frame([tuple(float(level) for _ in "abcdef") for level in range(10)], columns)
    found = candidates(rows, columns, Space())
    assert MOST * 0.97 < len(found) <= MOST
    pandas.testing.assert_frame_equal(found, candidates(rows, columns, Space()))
    assert not found.duplicated().any()


def test_a_space_that_is_used_up_is_an_error(path, tmp_path):
    space = read_space(space_file(tmp_path, "tied: [[halide, ag_nm, layer]]\n"), *_known(path))
    with pytest.raises(BadSpace, match="every recipe of the space is measured or pending; widen it with --space"):
        suggested(path, space=space)


def _known(path):
    table = read_table(path)
    return table.columns, table.rows


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("levels: {halide: [CsI]}", "field levels.halide: no measured device has 'CsI'"),
        ("levels: {halid: [MAI]}", "'halid' is no factor of the table, did you mean 'halide'?"),
        ("levels: {layer: [no, yes]}", "field levels.layer: YAML reads a bare yes or no as true or false"),
        ("levels: {ag_nm: [thick]}", "field levels.ag_nm: the factor is numeric in the table"),
        ("levels: {ag_nm: [.nan]}", "field levels.ag_nm: the factor is numeric in the table; give finite numbers"),
        ("levels: {ag_nm: []}", "field levels.ag_nm: is empty"),
        ("level: {}", "field level: Extra inputs are not permitted"),
        ("levels: {ag_nm: [1]}\ntied: [[ag_nm, halide]]", "factor 'ag_nm' is given twice"),
        ("levels: [", "cannot be read as YAML"),
    ],
)
def test_a_bad_space_is_named_by_field_and_fix(path, tmp_path, text, rest):
    file = space_file(tmp_path, text)
    with pytest.raises(BadSpace) as caught:
        read_space(file, *_known(path))
    assert str(caught.value).startswith(f"{file}: {rest}")


def test_an_unknown_category_in_a_pending_file_is_named_by_row(path, tmp_path):
    pending = tmp_path / "pending.csv"
    pending.write_text("halide,layer,ag_nm\nMAI,yes,100\nCsI,yes,100\n")
    with pytest.raises(BadTable, match=r"pending\.csv: row 3, column halide: no measured device has 'CsI'"):
        read_pending(pending, read_table(path))
    pending.write_text("halide,ag_nm\nMAI,100\n")
    with pytest.raises(BadTable, match=r"pending\.csv: has no column 'layer', a factor of .*devices\.csv"):
        read_pending(pending, read_table(path))


def test_a_usability_of_one_has_no_logarithm(tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(TABLE.replace("sigma", "usability").replace("0.9", "1"))
    result = suite("fab", "suggest", file)
    assert result.exit_code == 2
    assert "a usability of 1 is a sigma of 0, which has no logarithm" in result.output
    assert suite("fab", "suggest", file, "--model", "usability", "--batch", 1).exit_code == 0


def test_a_bad_table_ends_in_one_message(tmp_path):
    result = suite("fab", "suggest", tmp_path / "absent.csv")
    assert result.exit_code == 2
    assert "absent.csv: cannot be read as a CSV file" in result.output


def test_targets_go_both_ways():
    sigma = np.array([7.8e-6, 0.01, 0.5, 3.0])
    for target in ("log_sigma", "usability"):
        np.testing.assert_allclose(sigma_of(modelled(sigma, target), target), sigma, rtol=1e-9)
        np.testing.assert_allclose(usability_of(modelled(sigma, target), target), np.exp(-sigma))
        assert (np.diff(modelled(sigma, target)) < 0).all()
    assert sigma_of(np.array([-0.2, 0.0, 1.3]), "usability").tolist() == [math.inf, math.inf, 0.0]


def test_an_unknown_category_never_becomes_a_row_of_zeros():
    encoder = Encoder.of(pandas.DataFrame({"halide": ["MAI", "FAI"]}), (), ("halide",))
    assert encoder.features(pandas.DataFrame({"halide": ["MAI"]})).tolist() == [[0.0, 1.0]]
    with pytest.raises(KeyError, match="CsI"):
        encoder.features(pandas.DataFrame({"halide": ["CsI"]}))


def test_a_calibrated_interval_holds_its_share_of_what_was_left_out():
    errors = np.arange(1.0, 20.0)
    found = Validation(errors, np.zeros(19), np.ones(19), np.full(19, 10.0))
    assert found.reach(0.95) == 19.0
    assert found.reach(0.8) == 16.0
    assert found.coverage == 1 / 19
    assert found.rmse == pytest.approx(np.sqrt((errors**2).mean()))
    assert found.rmse_of_mean == pytest.approx(np.sqrt(((errors - 10) ** 2).mean()))
    few = Validation(np.arange(1.0, 4.0), np.zeros(3), np.ones(3), np.zeros(3))
    assert few.level(0.95) == 0.75
    assert few.reach(0.95) == 3.0


def test_devices_of_one_recipe_leave_together_and_never_teach_each_other():
    pool = pools()[1]
    folds = recipe_folds(pool.rows)
    assert len(set(folds)) == 34
    found = cross_validation(pool.encoder, pool.rows, pool.sigma_log, folds, "log_sigma")
    twins = [row for row in range(36) if folds.count(folds[row]) == 2]
    assert len(twins) == 4
    values = modelled(pool.sigma_log, "log_sigma")
    rest = [value for value, fold in zip(values, folds, strict=True) if fold != folds[twins[0]]]
    assert found.mean_of_rest[twins[0]] == pytest.approx(np.mean(rest))
    assert found.predicted[twins[0]] == found.predicted[folds.index(folds[twins[0]], twins[0] + 1)]


def test_what_is_said_about_confounding_is_true_of_the_table():
    rows = pools()[0].rows
    hour = rows[rows["conversion_time_h"] == 1]
    assert len(hour) == 17
    assert set(hour["halide"]) == {"MAI"} and set(hour["ag_thickness_nm"]) == {100.0}
    fai = rows[rows["halide"] == "FAI"]
    assert set(zip(fai["conversion_time_h"], fai["conversion_temp_c"], strict=True)) == {(10.0, "180+210")}
    mabr = rows[rows["halide"] == "MABr"]
    assert set(zip(mabr["conversion_time_h"], mabr["conversion_temp_c"], strict=True)) == {(3.0, "180"), (10.0, "210")}


def test_the_lab_states_its_error_its_confounding_and_feasible_recipes(tmp_path):
    out = tmp_path / "lab.csv"
    result = suite("fab", "lab", "--batch", 2, "--csv", out)
    assert result.exit_code == 0, result.output
    assert lab.CONFOUNDING in result.output
    assert result.output.count("left out by") == 2 * len(pools())
    rows, known = pandas.read_csv(out, keep_default_na=False, dtype=str), pools()[0].rows
    tied = ["conversion_temp_c", "halide"]
    assert len(rows) == 2
    assert {tuple(row) for row in rows[tied].to_numpy()} <= {tuple(row) for row in known[tied].to_numpy()}
    assert Path(out).read_text().count("\n") == 3


def test_the_lab_asks_the_whole_loop_too():
    rows = lab.next_devices(1, "log_sigma", sigma="whole")
    assert {"bt_voltage_v", "wait_min", "log10_compliance_a", "annealing"} <= set(rows)
    assert 0 < rows["sigma_low"].iloc[0] <= rows["predicted_sigma"].iloc[0] <= rows["sigma_high"].iloc[0]
