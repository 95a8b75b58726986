"""The figures of every study: curves and boxes of workloads, devices and levels that nobody here knows."""

import numpy as np
import pandas
import pytest

from suite import figures
from suite.contract import Condition
from suite.figures.render import Rendered, render
from tests.unit.figures.figure_trees import LEVELS, cells, drawn, tree, workload

SECONDS = (0.0, 1.0, 60.0, 3600.0, 86400.0)


def late(**options):
    """A workload on a device that knows seconds, not usability."""
    keys = [Condition.of(device="pcm", levels={"seconds": value}).key for value in SECONDS]
    found = workload(usability=np.full(len(SECONDS), np.nan), device=["pcm"] * len(SECONDS), **options)
    return found.assign_coords(condition=np.array(keys, dtype=object), seconds=("condition", np.array(SECONDS)))


def circuit():
    """A workload on plain weights and on a chip."""
    return workload(crossbar=["weights"] * 3 + ["chip"] * 2)


def panels(study_tree, name="fig_curves"):
    return drawn(study_tree, figures.find(name)).axes


def test_they_are_the_figures_of_every_study():
    assert figures.of_study(["fig2a"]) == ["fig2a", "fig_box", "fig_curves", "fig_ranks"]
    assert {name for name in figures.names() if figures.find(name).of_every_study} == {*figures.of_study([])}


def test_a_panel_per_workload_and_score_with_a_line_per_contestant():
    found = tree(mine=workload({"accuracy": cells(), "auc@old": 0.5 * cells()}), other=workload())
    axes = panels(found)
    assert [panel.get_title(loc="left").strip() for panel in axes] == ["mine", "mine", "other"]
    assert [panel.get_ylabel() for panel in axes] == ["Accuracy", "Auc@old (old)", "Accuracy"]
    table = figures.find("fig_curves").table(found)
    for panel, own in zip(axes, [rows for _, rows in table.groupby(["workload", "score"], sort=False)], strict=True):
        lines = {line.get_label(): line for line in panel.get_lines()}
        assert set(lines) == {"ERM", "BayesMulti", "chance"}
        expected = own[own["contestant"] == "erm"]
        assert np.array_equal(lines["ERM"].get_ydata(), expected["mean"])
        assert sorted(lines["ERM"].get_xdata()) == pytest.approx(sorted(LEVELS))
        assert len(panel.collections) == 2
        assert panel.get_title(loc="right") == "mnist:official"


def test_the_table_agrees_with_numpy():
    scores = cells(seeds=3)
    row = figures.find("fig_curves").table(tree(mine=workload({"accuracy": scores}))).set_index(["contestant", "x"])
    own = row.loc[("bayesmulti", 0.74)]
    assert own["mean"] == pytest.approx(scores[1, :, 2].mean())
    assert own["std"] == pytest.approx(scores[1, :, 2].std(ddof=1))
    assert (own["n_seeds"], own["n"], own["line"]) == (3, 9, "lognormal on weights")


def test_what_varies_is_the_axis_whatever_it_is():
    (panel,) = panels(tree(mine=late()))
    assert (panel.get_xlabel(), panel.get_xscale()) == ("seconds", "symlog")
    assert list(panel.get_lines()[0].get_xdata()) == list(SECONDS)


def test_crossbars_have_lines_of_their_own():
    (panel,) = panels(tree(mine=circuit()))
    lines = {line.get_label(): line for line in panel.get_lines()}
    assert {"ERM, lognormal on weights", "ERM, lognormal on chip", "BayesMulti, lognormal on chip"} < set(lines)
    plain, chip = lines["ERM, lognormal on weights"], lines["ERM, lognormal on chip"]
    assert plain.get_color() == chip.get_color()
    assert (plain.get_linestyle(), chip.get_markerfacecolor()) == ("-", "white")


def test_measured_devices_are_points():
    own = workload(device=["measured"] * 5, specimen=list("abcde"))
    (panel,) = panels(tree(mine=own))
    assert {line.get_linestyle() for line in panel.get_lines() if line.get_label() != "chance"} == {"None"}
    assert not panel.collections


def test_boxes_hold_the_cells_of_chosen_levels():
    scores = cells(seeds=3, realisations=4)
    found = tree(mine=workload({"accuracy": scores}))
    table = figures.find("fig_box").table(found)
    assert list(dict.fromkeys(table["level"])) == [
        "sigma 0.00 (u 1.00)",
        "sigma 0.11 (u 0.90)",
        "sigma 0.69 (u 0.50)",
        "sigma 1.61 (u 0.20)",
    ]
    own = table[(table["contestant"] == "erm") & (table["level"] == "sigma 0.69 (u 0.50)")]
    assert sorted(own["value"]) == sorted(scores[0, :, 3].ravel())
    (panel,) = panels(found, "fig_box")
    assert len(panel.patches) == 2 * 4


def test_boxes_have_a_panel_per_crossbar():
    titles = [panel.get_title(loc="left").strip() for panel in panels(tree(mine=circuit()), "fig_box")]
    assert titles == ["mine, lognormal on weights", "mine, lognormal on chip"]


@pytest.mark.parametrize("name", ["fig_curves", "fig_box"])
def test_they_are_rendered_with_what_they_show_in_words(name, tmp_path):
    half = {"accuracy": np.where(np.arange(2)[:, None, None, None] == 1, np.nan, cells())}
    made = render(name, tree(mine=workload(half), late=late()), tmp_path, "test")
    assert isinstance(made, Rendered) and made.gaps == ()
    assert "Study: test." in made.caption
    rows = pandas.read_csv(tmp_path / f"{name}.csv")
    assert set(rows["workload"]) == {"mine", "late"}
    assert set(rows.loc[rows["workload"] == "mine", "contestant"]) == {"erm"}


@pytest.mark.parametrize("name", ["fig_curves", "fig_box"])
def test_an_empty_cube_feeds_neither(name):
    nothing = tree(mine=workload({"accuracy": np.full_like(cells(), np.nan)}))
    assert figures.find(name).table(nothing).empty
