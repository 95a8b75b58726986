"""The figures of the measured devices: filled and hollow markers, differences against the plain twins."""

import numpy as np
import pytest

from suite import figures
from suite.data.facts import perovskite_devices, perovskite_workbooks
from suite.data.facts.conditions import perovskite_conditions
from suite.figures import render
from suite.figures.fig_devices import _authors
from suite.figures.specimens import specimen_rows
from tests.unit.figures.figure_trees import PANELS, both, drawn, tree, workload

# As a cube of older code has them: one curve is measured, the other made up from the length that the authors store.
PUBLIC, OTHER = perovskite_devices()[1].name, perovskite_devices()[4].name
LENGTHS = {book.device: book.whole.mono_len for book in perovskite_workbooks() if book.stands}
LENGTHS[OTHER] = 16
LABELS = {
    "usability": (0.9, 0.9, 0.5, 0.5, 0.2),
    "device": ["measured", "lognormal", "measured", "lognormal", "measured"],
    "curve_source": ["measured", "", "synthetic", "", "measured"],
    "specimen": [PUBLIC, "", OTHER, "", "mine"],
}


def scores(seeds=3, realisations=4):
    """(contestant, seed, condition, realisation)."""
    return np.random.default_rng(2).random((2, seeds, 5, realisations))


def measured(values=None, **changes):
    return tree(mnist_mlp=workload({"accuracy": scores() if values is None else values}, **(LABELS | changes)))


def test_rows_hold_each_device_beside_its_twin():
    values = scores()
    rows = specimen_rows(measured(values), PANELS).set_index(["contestant", "specimen"])
    assert len(rows) == 2 * 3
    for contestant, cells in zip(("erm", "bayesmulti"), values, strict=True):
        for specimen, at in ((PUBLIC, 0), (OTHER, 2)):
            row = rows.loc[contestant, specimen]
            assert row["mean"] == pytest.approx(cells[:, at].mean())
            assert row["std"] == pytest.approx(cells[:, at].std(ddof=1))
            assert row["plain"] == pytest.approx(cells[:, at + 1].mean())
            by_seed = (cells[:, at] - cells[:, at + 1]).mean(axis=1)
            assert row["effect"] == pytest.approx(by_seed.mean())
            assert row["half_width"] == pytest.approx(4.302653 * by_seed.std(ddof=1) / np.sqrt(3))
            assert (row["n"], row["n_seeds"], row["mono_len"]) == (12, 3, LENGTHS[specimen])
        mine = rows.loc[contestant, "mine"]
        assert np.isnan([mine["plain"], mine["effect"], mine["mono_len"]]).all()


def test_unfinished_cells_are_left_out_of_both_sides():
    values = scores()
    values[0, 1, 0] = np.nan
    values[0, 2, 1, :2] = np.nan
    values[1, :, 2] = np.nan
    rows = specimen_rows(measured(values), PANELS).set_index(["contestant", "specimen"])
    row, cells = rows.loc["erm", PUBLIC], values[0]
    difference = cells[:, 0] - cells[:, 1]
    assert (row["n"], row["n_seeds"]) == (8, 2)
    assert row["effect"] == pytest.approx((difference[0].mean() + difference[2, 2:].mean()) / 2)
    assert ("bayesmulti", OTHER) not in rows.index


def test_filled_is_measured_and_hollow_is_synthetic():
    for name in ("fig_devices", "fig_length"):
        axes = drawn(measured(), figures.find(name)).axes[0]
        markers = [line for line in axes.get_lines() if line.get_marker() in ("o", "s") and len(line.get_xdata())]
        filled = [line for line in markers if line.get_markerfacecolor() != "none"]
        hollow = [line for line in markers if line.get_markerfacecolor() == "none"]
        assert [len(line.get_xdata()) for line in hollow] == [1, 1]
        assert [len(line.get_xdata()) for line in filled] == ([2, 2] if name == "fig_devices" else [1, 1])


def test_lengths_are_those_of_the_table_and_users_devices_have_none():
    figure = figures.find("fig_length")
    rows = figure.table(measured())
    assert set(rows["specimen"]) == {PUBLIC, OTHER}
    assert "curve measured (1)" in figure.caption(rows)
    assert "0 by construction" in figure.caption(rows)


def test_own_fits_are_named_as_left_out_of_the_lengths(tmp_path):
    made = render.render("fig_length", measured(), tmp_path, "test")
    gap = "own fit mine, for the cube does not hold its monotone length"
    assert gap in made.gaps
    assert f"Not drawn: {gap}." in made.caption
    assert "no own fits" in made.caption
    alone = render.render("fig_length", measured(specimen=["mine", "", "mine", "", "mine"]), tmp_path, "test")
    assert isinstance(alone, render.Skipped)
    assert gap in alone.reason


@pytest.mark.parametrize("name", ["fig_devices", "fig_length"])
def test_a_cube_without_measured_devices_is_skipped_with_the_reason(name, tmp_path):
    skipped = render.render(name, both(), tmp_path, "test")
    assert isinstance(skipped, render.Skipped)
    assert "mnist_mlp, mnist_lenet have no finished cell for this figure" in skipped.reason
    assert not list(tmp_path.iterdir())


def test_files_are_written_and_one_seed_has_no_bars(tmp_path):
    study = measured(scores(seeds=1))
    for name in ("fig_devices", "fig_length"):
        made = render.render(name, study, tmp_path, "test")
        assert [path.suffix for path in made.paths] == [".pdf", ".png", ".csv"]
    assert "interval" not in made.caption


def test_a_user_s_device_beside_the_curve_of_fig2a_changes_nothing():
    plain = figures.find("fig2a").table(measured())
    assert set(plain["usability"]) == {0.9, 0.5}


def later(which="later"):
    """The first devices of the later table, each at a sigma of either table."""
    conditions = list(perovskite_conditions().values())[:4]
    ours = {book.device: book.whole.sigma_log for book in perovskite_workbooks() if book.stands}
    sigma = [one.sigma_log for one in conditions] if which == "later" else [ours[one.device] for one in conditions]
    labels = {
        "usability": tuple(float(np.exp(-value)) for value in sigma),
        "device": ["measured"] * 4,
        "curve_source": ["measured"] * 4,
        "specimen": [one.device for one in conditions],
    }
    data = workload({"accuracy": np.random.default_rng(2).random((2, 3, 4, 4))}, **labels)
    return tree(mnist_lenet=data.assign_coords(sigma_log=("condition", np.array(sigma))))


def test_the_authors_accuracies_stand_at_their_own_sigma_alone():
    figure = figures.find("fig_devices")
    rows = figure.table(later())
    wanted = {name: device.lenet for name, device in perovskite_conditions().items()}
    assert set(rows["sigma_of"]) == {"later"}
    assert all(row.authors == wanted[row.specimen] for row in rows.itertuples())
    (axes,) = drawn(later(), figure).axes
    crosses = next(line for line in axes.get_lines() if line.get_marker() == "x")
    assert len(crosses.get_xdata()) == 4
    assert axes.get_title("left") == "LeNet, the authors' later σ"
    rows = figure.table(later("whole"))
    assert set(rows["sigma_of"]) == {"whole"}
    assert rows["authors"].isna().all()
    assert "Crosses" not in figure.caption(rows)


def test_two_of_the_authors_accuracies_lie_off_their_trend():
    found = _authors()
    assert sorted(found.loc[found["off"], "sigma_log"].round(3)) == [0.266, 0.783]
    # Monotonicity does not explain them: both lie above the median.
    assert (found.loc[found["off"], "monotonicity"] > found["monotonicity"].median()).all()


def timed():
    """A cube with two devices that a study sweeps by seconds, and one that it does not."""
    labels = {
        "usability": (1.0,) * 5,
        "device": ["lognormal", "rram40", "rram40", "pcm", "pcm"],
        "crossbar": ["weights", "chip", "chip", "cool", "cool"],
    }
    scores = np.random.default_rng(2).random((2, 3, 5, 4))
    data = workload({"accuracy": scores}, **labels)
    return scores, tree(mnist_mlp=data.assign_coords(seconds=("condition", [np.nan, 1.0, 1e5, 20.0, 3600.0])))


def test_times_are_rows_and_each_kind_of_cells_has_its_panel():
    scores, cube = timed()
    figure = figures.find("fig_time")
    rows = figure.table(cube)
    assert len(rows) == 8
    row = rows[(rows["contestant"] == "bayesmulti") & (rows["seconds"] == 1e5)].iloc[0]
    assert (row["device"], row["crossbar"], row["n"]) == ("rram40", "chip", 12)
    assert row["mean"] == pytest.approx(scores[1, :, 2].mean())
    panels = drawn(cube, figure).axes
    assert [axes.get_title("left") for axes in panels] == ["MLP, PCM", "MLP, RRAM"]
    assert all(axes.get_xscale() == "log" for axes in panels)


def test_a_cube_without_times_gives_no_rows():
    assert figures.find("fig_time").table(measured()).empty
