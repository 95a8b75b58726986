"""The tidy table behind curves of scores against usability."""

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.figures import FigureError
from suite.figures.summary import COLUMNS, Panel, summary
from tests.unit.figures.figure_trees import LEVELS, PANELS, both, cells, tree, workload


def test_table_agrees_with_numpy():
    scores = cells(seeds=3, realisations=4)
    table = summary(tree(mnist_mlp=workload({"accuracy": scores})), PANELS)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * len(LEVELS)
    row = table[(table.contestant == "bayesmulti") & (table.usability == 0.74)].iloc[0]
    sample = scores[1, :, 2, :]
    assert row["mean"] == pytest.approx(sample.mean(), abs=1e-12)
    assert row["std"] == pytest.approx(sample.std(ddof=1), abs=1e-12)
    assert (row.n_seeds, row.n_realisations, row.n) == (3, 4, 12)
    assert row.sigma_log == pytest.approx(-np.log(0.74))


@settings(max_examples=25, deadline=None)
@given(mask=st.lists(st.booleans(), min_size=60, max_size=60))
def test_cells_not_done_count_nowhere(mask):
    scores = cells()
    scores[np.array(mask).reshape(scores.shape)] = np.nan
    table = summary(tree(mnist_mlp=workload({"accuracy": scores})), PANELS).set_index(["contestant", "usability"])
    for m, contestant in enumerate(("erm", "bayesmulti")):
        for c, level in enumerate(LEVELS):
            done = np.isfinite(scores[m, :, c, :])
            assert ((contestant, level) in table.index) == done.any()
            if done.any():
                row, values = table.loc[(contestant, level)], scores[m, :, c, :][done]
                assert row["mean"] == pytest.approx(values.mean())
                counts = (done.any(1).sum(), done.any(0).sum(), done.sum())
                assert (row.n_seeds, row.n_realisations, row.n) == counts
                assert np.isnan(row["std"]) if done.sum() == 1 else row["std"] == pytest.approx(values.std(ddof=1))


def test_rows_are_sorted_whatever_the_cubes_order():
    shuffled = both().isel(condition=[3, 0, 4, 2, 1], contestant=[1, 0])
    order = ["workload", "score", "contestant", "usability"]
    table = summary(shuffled, PANELS)
    pandas.testing.assert_frame_equal(table, table.sort_values(order, ignore_index=True))
    pandas.testing.assert_frame_equal(table, summary(both(), PANELS))


def test_the_curve_joins_levels_of_the_lognormal_device_only():
    labels = {
        "device": ["lognormal", "lognormal", "lognormal", "ladder", "lognormal"],
        "crossbar": ["weights", "all", "weights", "weights", "weights"],
        "curve_source": ["", "", "", "", "measured:7"],
    }
    table = summary(tree(mnist_mlp=workload(**labels)), PANELS)
    assert set(table.usability) == {1.0, 0.74}


def test_two_conditions_at_one_level_are_refused():
    with pytest.raises(FigureError, match=r"'mnist_mlp' has two conditions at usability 0\.9 .* crossbar label"):
        summary(tree(mnist_mlp=workload(usability=(1.0, 0.9, 0.9, 0.5, 0.2))), PANELS)


def test_a_score_the_workload_lacks_is_named():
    with pytest.raises(FigureError, match="'mnist_mlp' has no score 'auc'; its scores are: accuracy"):
        summary(both(), [Panel("mnist_mlp", "MLP", "auc")])


def test_a_lazy_cube_gives_the_same_table():
    lazy = tree(mnist_mlp=workload().chunk({"contestant": 1, "condition": 2}))
    pandas.testing.assert_frame_equal(summary(lazy, PANELS), summary(tree(mnist_mlp=workload()), PANELS))
