"""Figure 3: curves beside the authors' points, and pictures of what is found."""

import math

import numpy as np
import pytest
import xarray

from suite import figures
from suite.data.facts.kitti_authors import authors_points
from suite.figures.detection_pictures import labelled
from suite.figures.render import Skipped, render
from tests.unit.figures.figure_trees import cells, drawn, tree, workload

NAME = "kitti_pointpillars"
SCORES = ("ap", "easy", "hard", "average")
FIGURE = figures.find("fig3")
SOURCE = {"test": "synthetic:lidar", "real": "kitti:sample"}


def group():
    return workload({name: cells() / 2 for name in SCORES}, source=SOURCE)


def box(sweep, kind, *, x=10.0, score=None):
    head = [sweep, kind] if score is None else [sweep, kind, score]
    return [*head, x, 1.0, -0.9, 3.9, 1.6, 1.5, 0.3]


def unit(contestant, sigma, seed=0, found=2):
    random = np.random.default_rng(0)
    points = np.column_stack([np.repeat([0, 1], 40), random.uniform((2, -9, -2), (40, 9, 0), (80, 3))])
    boxes = np.array([box(row % 2, 0, x=10.0 + row, score=0.9) for row in range(found)]).reshape(-1, 10)
    labels = {"contestant": contestant, "seed": seed, "realisation": 0, "condition": f"sigma of {sigma}"}
    return xarray.Dataset(
        {
            "set": ("sweep", np.array(["test", "real"])),
            "name": ("sweep", np.array(["test 3", "000008"])),
            "points": (("point", "place"), points),
            "truth": (("object", "box"), np.array([box(0, 0), box(0, 2, x=20.0), box(1, 1)])),
            "found": (("detection", "scored_box"), boxes),
        },
        attrs=labels | {"sigma_log": sigma, "usability": math.exp(-sigma), "source": SOURCE},
    )


def whole(*units):
    nodes = {f"/{NAME}/observations/pictures/{number}": one for number, one in enumerate(units)}
    return xarray.DataTree.from_dict({f"/{NAME}": group(), **nodes})


def both():
    return whole(
        *(unit(name, sigma) for name in ("erm", "bayesmulti") for sigma in (0.0, 0.1)), unit("erm", 0.1, seed=1)
    )


def test_the_authors_points_are_means_over_classes_and_programmings():
    points = {(point.method, round(point.sigma_log, 3)): point for point in authors_points()}
    found = points["ERM", 0.063]
    assert [100 * value for value in (found.easy, found.moderate, found.hard)] == pytest.approx(
        [18.2, 12.3, 11.2], abs=0.05
    )
    assert found.average == pytest.approx((found.easy + found.moderate + found.hard) / 3)
    assert (found.count, points["ERM", 0.229].count) == (10, 3)
    moderate = {sigma: 100 * points["BayesMulti", sigma].moderate for sigma in (0.063, 0.103, 0.15, 0.229)}
    assert list(moderate.values()) == pytest.approx([47.2, 52.1, 46.8, 30.7], abs=0.05)
    assert found.usability == pytest.approx(0.939, abs=5e-4)


def test_four_panels_have_our_lines_and_the_authors_points_within_our_levels():
    drawing = drawn(tree(**{NAME: group()}), FIGURE)
    panels = {axes.get_title(loc="left"): axes for axes in drawing.axes if axes.get_xlabel() == "Usability"}
    assert list(panels) == ["Easy", "Moderate", "Hard", "Average"]
    lines = {line.get_label(): line for line in panels["Moderate"].get_lines()}
    assert {*lines} == {"ERM", "BayesMulti", "chance", "ERM, the authors'", "BayesMulti, the authors'"}
    low, high = panels["Moderate"].get_xlim()
    expected = [point for point in authors_points() if point.method == "ERM" and low <= point.usability <= high]
    theirs = lines["ERM, the authors'"]
    assert sorted(theirs.get_ydata()) == pytest.approx(sorted(point.moderate for point in expected))
    assert theirs.get_linestyle() == "None" and theirs.get_markerfacecolor() == "none"
    assert panels["Moderate"].get_ylim()[1] > max(lines["BayesMulti, the authors'"].get_ydata())


def test_there_is_a_picture_per_sweep_of_the_first_seed():
    test, real = labelled(both(), NAME)
    assert (test.title, real.title) == ("synthetic:lidar, test 3", "kitti:sample, 000008")
    assert (test.levels, len(test.found), len(test.truth), len(real.truth)) == ([0.0, 0.1], 4, 2, 1)
    assert len(test.points) == len(real.points) == 40


def test_pictures_have_a_row_of_labels_and_one_per_level():
    titles = [axes.get_title(loc="left") for axes in drawn(both(), FIGURE).axes if axes.get_visible()]
    told = [title for title in titles if "σ" in title or "labels" in title]
    row = ["BayesMulti, σ = 0", "ERM, σ = 0", "BayesMulti, σ = 0.1", "ERM, σ = 0.1"]
    assert told == ["c  labels (synthetic:lidar, test 3)", *row, "c  labels (kitti:sample, 000008)", *row]


def test_of_many_methods_the_first_two_are_shown():
    found = whole(*(unit(name, 0.0) for name in ("dropout", "bayesmulti/p10", "erm", "bayesmulti")))
    assert {one.contestant for one in labelled(found, NAME)[0].found} == {"erm", "bayesmulti"}


def test_nothing_found_is_drawn_and_a_method_may_lack_a_level():
    found = whole(unit("erm", 0.0, found=0), unit("bayesmulti", 0.0), unit("bayesmulti", 0.1))
    titles = [axes.get_title(loc="left") for axes in drawn(found, FIGURE).axes if axes.get_visible()]
    assert "ERM, σ = 0" in titles and "ERM, σ = 0.1" not in titles


def test_the_table_tells_scores_authors_and_boxes_apart():
    rows = FIGURE.table(both())
    assert set(rows["quantity"]) == {"scores", "authors", "truth", "found"}
    found = rows[(rows["quantity"] == "found") & (rows["contestant"] == "erm") & (rows["sigma_log"] == 0.1)]
    assert found[["class", "confidence", "x"]].to_numpy().tolist() == [["car", 0.9, 10.0], ["car", 0.9, 11.0]]
    assert rows["source"].notna().all()
    assert "(c)" in FIGURE.caption(rows)


def test_it_says_that_data_are_synthetic_and_what_is_lacking(tmp_path):
    result = render("fig3", tree(**{NAME: group()}), tmp_path, "quick_kitti")
    assert result.gaps == ("(c) pictures: the study observes none",)
    assert "(c) Sweeps" not in result.caption
    assert (tmp_path / "fig3.csv").read_text().startswith("workload,source,contestant,")
    skipped = render("fig3", tree(mnist_mlp=workload()), tmp_path / "none", "quick")
    assert skipped == Skipped("fig3", f"{NAME} is not in this cube")
