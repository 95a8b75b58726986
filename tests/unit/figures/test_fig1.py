"""Figure 1: drawn without any workload, and without the workbooks where a data root lacks them."""

import os
from pathlib import Path

import matplotlib
import pandas
import pytest

from suite.figures import fig1, style
from suite.figures.render import Rendered, render
from tests.unit.figures.figure_trees import both, tree


@pytest.fixture
def no_root(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SUITE_DATA", str(tmp_path / "empty"))


def drawn(rows):
    with style.house_style():
        return fig1.draw(rows, tree())


def test_it_is_drawn_from_any_cube_and_without_data(tmp_path, no_root):
    made = render("fig1", tree(), tmp_path, "quick")
    assert isinstance(made, Rendered)
    assert made.gaps == ()
    assert "the data root has no perovskite/ workbooks" in made.caption
    assert "200 repetitions" in made.caption
    table = pandas.read_csv(made.paths[2])
    assert tuple(table.columns) == fig1.COLUMNS
    assert set(table["panel"]) == {"search", "search, whole loop", *fig1.FACTORS}
    again = render("fig1", both(), tmp_path / "again", "quick")
    assert [path.read_bytes() for path in made.paths] == [path.read_bytes() for path in again.paths]


def test_the_search_panel_ends_at_the_best_device(no_root):
    rows = fig1.table(tree())
    search = rows[rows["panel"] == "search"]
    assert set(search["series"]) == set(fig1.STRATEGIES)
    assert search.groupby("series")["x"].max().eq(37).all()
    assert search[search["x"] == 37]["y"].round(4).eq(1.0).all()
    lines = {line.get_label(): line for line in drawn(rows).axes[0].get_lines()}
    own = search[search["series"] == "random"]
    # The authors' own search stands beside the replays over the same devices.
    theirs = rows[rows["series"] == "authors"]
    assert set(theirs["panel"]) == {"search, whole loop"}
    assert (len(theirs), theirs["y"].max(), theirs.loc[theirs["y"].idxmax(), "x"]) == (41, 0.349196, 7)
    assert list(lines["random"].get_ydata()) == pytest.approx(list(1 - own["y"]))


def test_strips_show_all_devices_of_every_factor_with_their_median(no_root):
    rows = fig1.table(tree())
    for place, factor in enumerate(fig1.FACTORS, start=2):
        own = rows[rows["panel"] == factor]
        axes = drawn(rows).axes[place]
        shown = [value for line in axes.get_lines() for value in line.get_ydata()]
        assert sorted(shown) == pytest.approx(sorted(own["y"]))
        assert len(shown) == 37
    times = drawn(rows).axes[2]
    assert [label.get_text() for label in times.get_xticklabels()] == ["1", "3", "10"]
    medians = [path.vertices[0][1] for lines in times.collections for path in lines.get_paths()]
    assert medians == pytest.approx([0.525889, 0.936322, 0.957129], abs=1e-5)


def test_no_text_is_smaller_than_seven_points(no_root):
    texts = [text for text in drawn(fig1.table(tree())).findobj(matplotlib.text.Text) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 7


def test_the_sweeps_of_a_good_and_a_bad_device_are_shown_where_they_are(tmp_path):
    root = os.environ.get("SUITE_DATA")
    if not root or not (Path(root) / "perovskite").is_dir():
        pytest.skip("no data root with perovskite/ (set SUITE_DATA)")
    rows = fig1.table(tree())
    assert {"sweep: good", "sweep: bad", "log ratio: good", "log ratio: bad"} <= set(rows["panel"])
    spread = rows.groupby("panel")["y"].std()
    assert spread["log ratio: good"] < 0.5 < 2 < spread["log ratio: bad"]
    drawing = drawn(rows)
    assert len(drawing.axes) == 10
    assert "(c) All cycles of a good and a bad device." in fig1.caption(rows)
