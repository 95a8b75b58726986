"""The critical-difference diagram: drawn from 8 workloads and 3 methods on, else skipped with its reason."""

import numpy as np

from suite import figures
from suite.figures.render import Skipped, render
from tests.unit.figures import figure_trees

METHODS = ("erm", "dropout", "bayesmulti")


def study(workloads):
    """bayesmulti is always ahead, erm always last."""
    rng = np.random.default_rng(3)
    shape = (len(METHODS), 2, len(figure_trees.LEVELS), 3)
    ahead = np.array([0.0, 0.2, 0.4])[:, None, None, None]
    scores = [{"accuracy": 0.2 + ahead + 0.1 * rng.random(shape)} for _ in range(workloads)]
    made = {f"toy{number}": figure_trees.workload(one, contestants=METHODS) for number, one in enumerate(scores)}
    return figure_trees.tree(**made)


def test_eight_workloads_are_ranked(tmp_path):
    tree = study(8)
    drawing = figure_trees.drawn(tree, figures.find("fig_ranks"))
    texts = [text.get_text() for text in drawing.axes[0].texts]
    assert any("bayesmulti (1.00)" in text for text in texts)
    assert any("erm" in text and "3" in text for text in texts)
    assert "Friedman" in drawing.axes[0].get_title(loc="left")
    render("fig_ranks", tree, tmp_path, "test")
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}


def test_fewer_are_not_and_the_figure_says_why(tmp_path):
    skipped = render("fig_ranks", study(7), tmp_path, "test")
    assert isinstance(skipped, Skipped)
    assert "8 workloads and 3 methods" in skipped.reason and "7 and 3" in skipped.reason
