"""The files of a figure: complete, honest about what they show, and equal bytes for equal cubes."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas
import pytest

from suite.figures import render, style
from suite.figures.render import Rendered, Skipped
from suite.figures.summary import COLUMNS, summary
from suite.results.files import ResultsNotWritable
from tests.unit.figures.figure_trees import LEVELS, PANELS, both, cells, drawn, tree, workload


def titles(monkeypatch):
    """Records the titles that render gives its figures."""
    seen = []
    original = matplotlib.figure.Figure.suptitle
    monkeypatch.setattr(
        matplotlib.figure.Figure, "suptitle", lambda self, t, **kwargs: (seen.append(t), original(self, t, **kwargs))
    )
    return seen


def test_render_writes_pdf_png_and_csv(tmp_path):
    made = render.render("fig2a", both(), tmp_path / "figures", "test")
    assert isinstance(made, Rendered)
    assert [path.name for path in made.paths] == ["fig2a.pdf", "fig2a.png", "fig2a.csv"]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["fig2a.csv", "fig2a.pdf", "fig2a.png"]
    table = pandas.read_csv(made.paths[2])
    assert tuple(table.columns) == COLUMNS
    assert np.allclose(table["mean"], summary(both(), PANELS)["mean"], atol=5e-7)
    assert "2 seeds × 3 realisations (n = 6 per point)" in made.caption
    assert "Study: test." in made.caption
    assert made.gaps == ()
    assert made.paths[0].read_bytes().startswith(b"%PDF")
    image = matplotlib.image.imread(made.paths[1])
    assert image.shape[1] == 300 * 7


def test_files_hold_no_date_and_fonts_are_embedded(tmp_path):
    pdf, png, _ = (path.read_bytes() for path in render.render("fig2a", both(), tmp_path, "test").paths)
    assert b"CreationDate" not in pdf
    assert b"Matplotlib" not in pdf + png
    assert b"/FontFile2" in pdf


def test_rendering_twice_gives_equal_bytes_in_any_process(tmp_path):
    first = render.render("fig2a", both(), tmp_path / "first", "test").paths
    again = render.render("fig2a", both(), tmp_path / "again", "test").paths
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: 20\npdf.fonttype: 3\n")
    code = (
        "from pathlib import Path; from suite.figures import render; from tests.unit.figures.figure_trees import both; "
        + (f"render.render('fig2a', both(), Path({str(tmp_path / 'other')!r}), 'test')")
    )
    paths = os.pathsep.join([str(Path(__file__).parents[3]), *filter(None, sys.path)])
    changed = {"PYTHONHASHSEED": "7", "PYTHONPATH": paths, "MATPLOTLIBRC": str(tmp_path), "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **changed})
    for path, twice in zip(first, again, strict=True):
        assert path.read_bytes() == twice.read_bytes()
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


def test_the_users_matplotlib_settings_come_back(tmp_path):
    with matplotlib.rc_context({"font.size": 23.0}):
        render.render("fig2a", both(), tmp_path, "test")
        assert matplotlib.rcParams["font.size"] == 23.0


def test_a_stand_in_says_synthetic_in_its_title(tmp_path, monkeypatch):
    seen = titles(monkeypatch)
    render.render("fig2a", both(), tmp_path, "test")
    mixed = tree(mnist_mlp=workload(source="synthetic:digits"), mnist_lenet=workload())
    render.render("fig2a", mixed, tmp_path, "test")
    assert seen == ["MNIST: accuracy against usability", "MNIST: accuracy against usability (synthetic data)"]


def test_one_seed_draws_no_spread_and_says_so(tmp_path):
    single = both(scores={"accuracy": cells(seeds=1)})
    assert all(not axes.collections for axes in drawn(single).axes)
    made = render.render("fig2a", single, tmp_path, "test")
    assert "mean over 1 seed × 3 realisations (n = 3 per point). One seed: no spread is shown." in made.caption
    assert pandas.read_csv(made.paths[2])["n_seeds"].eq(1).all()


def test_a_panel_without_data_is_left_out_and_named(tmp_path):
    half = tree(mnist_mlp=workload(), other=workload())
    assert len(drawn(half).axes) == 1
    assert drawn(half).get_figwidth() == style.SINGLE_COLUMN_IN
    made = render.render("fig2a", half, tmp_path, "test")
    assert made.gaps == ("mnist_lenet is not in this cube",)
    assert "Not drawn: mnist_lenet is not in this cube." in made.caption


def test_conditions_without_usability_have_no_place_on_its_axis_and_are_named(tmp_path):
    usability = np.array([*LEVELS[:-1], np.nan])
    late = workload(usability=usability, device=["lognormal"] * 4 + ["pcm"])
    made = render.render("fig2a", tree(mnist_mlp=late, mnist_lenet=workload()), tmp_path, "test")
    assert made.gaps == ("mnist_mlp on pcm, which has no usability",)
    assert "Not drawn: mnist_mlp on pcm, which has no usability." in made.caption
    rows = pandas.read_csv(tmp_path / "fig2a.csv")
    assert sorted(rows.loc[rows["workload"] == "mnist_mlp", "usability"].unique()) == sorted(LEVELS[:-1])


def test_a_figure_without_data_is_skipped_with_its_reason(tmp_path):
    nothing = tree(mnist_mlp=workload({"accuracy": np.full_like(cells(), np.nan)}))
    reason = "mnist_mlp has no finished cell for this figure; mnist_lenet is not in this cube"
    assert render.render("fig2a", nothing, tmp_path / "none", "test") == Skipped("fig2a", reason)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(ResultsNotWritable, match=r"taken/fig2a\.pdf: cannot write results"):
        render.render("fig2a", both(), tmp_path / "taken", "test")
