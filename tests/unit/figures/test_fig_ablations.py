"""Figures of ablations: lines of chosen methods and crossbars, workloads that lack one are left out."""

import numpy as np
import pytest

from suite import figures
from suite.figures.render import Skipped, render
from suite.studies.study import load_study
from tests.unit.figures import figure_trees
from tests.unit.figures.figure_trees import LEVELS

STUDY = load_study("ablations")
ABLATIONS = [name for name in figures.names() if name.startswith("fig_ablation_")]


def cube():
    """Every contestant and crossbar of the study `ablations`, scores that tell them apart."""
    contestants, crossbars = tuple(STUDY.methods), tuple(STUDY.crossbars)
    levels = [*LEVELS] * len(crossbars)
    place = np.arange(len(contestants))[:, None] / 10 + np.repeat(np.arange(len(crossbars)), len(LEVELS))[None] / 100
    scores = {"accuracy": np.broadcast_to(place[:, None, :, None], (len(contestants), 2, len(levels), 3)).copy()}
    labels = {"crossbar": [name for name in crossbars for _ in LEVELS]}
    made = figure_trees.workload(scores, contestants=contestants, usability=levels, **labels)
    return figure_trees.tree(mnist_mlp=made, other=figure_trees.workload(contestants=("erm", "dropout")))


def test_the_study_draws_all_of_them():
    assert list(STUDY.figures) == ABLATIONS


@pytest.mark.parametrize("name", ABLATIONS)
def test_each_shows_what_it_names_and_says_what_it_lacks(name, tmp_path):
    rendered = render(name, cube(), tmp_path, "ablations")
    assert len(rendered.paths) == 3
    (gap,) = rendered.gaps
    assert gap.startswith("other without")
    lines = figures.find(name).table(cube()).groupby("contestant")["mean"].first()
    assert 3 <= len(lines) <= 4
    assert lines.nunique() == len(lines), "two lines of one variant"


def test_lines_come_from_their_crossbar():
    rows = figures.find("fig_ablation_cells").table(cube()).groupby("contestant")["mean"].first()
    assert rows["ERM, weights"] == 0.0
    assert rows["ERM, all parameters"] == pytest.approx(list(STUDY.crossbars).index("all_parameters") / 100)


def test_a_study_without_them_skips_the_figure(tmp_path):
    skipped = render("fig_ablation_rates", figure_trees.both(), tmp_path, "test")
    assert isinstance(skipped, Skipped) and "bayesmulti/two_rates on weights" in skipped.reason
