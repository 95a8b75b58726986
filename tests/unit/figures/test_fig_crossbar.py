"""The figure of one array: what it shows of a cube, and of one that lacks half of it."""

import numpy as np
import pytest
import xarray

from suite import figures
from suite.figures.observed import last_per_method, observed
from suite.figures.render import Skipped, render
from tests.unit.figures.figure_trees import drawn, tree, workload

CROSSBARS = ("weights", "weights", "pairs", "pairs", "all")
LEVELS = (1.0, 0.9, 1.0, 0.9, 0.9)
FIGURE = figures.find("fig_crossbar")


def scores():
    return {"accuracy": 0.3 + 0.6 * np.random.default_rng(5).random((2, 2, len(LEVELS), 3))}


def group():
    return workload(scores(), source="digits:sklearn", usability=LEVELS, crossbar=CROSSBARS)


def labels(contestant="erm", seed=0, crossbar="all"):
    return {
        "contestant": contestant,
        "seed": seed,
        "realisation": 0,
        "condition": f"lognormal(sigma_log=0.1)@{crossbar}",
        "usability": 0.9,
        "sigma_log": 0.1,
        "crossbar": crossbar,
        "source": "digits:sklearn",
    }


def unit(name, dims, values, **at):
    return xarray.Dataset({name: (dims, values)}, attrs=labels(**at))


def energy(low, **at):
    joules = {"low_J": low, "high_J": 100 * low, "power_W": low / 10e-9, "write_low_J": low, "write_high_J": 1e5 * low}
    return xarray.Dataset({name: ((), value) for name, value in joules.items()}, attrs=labels(**at))


def whole():
    place = "/crossbar_10x10/observations"
    nodes = {"/crossbar_10x10": group()}
    for contestant in ("erm", "bayesmulti"):
        clean = unit("count", ("target", "predicted"), np.eye(5, dtype=int), contestant=contestant, crossbar="weights")
        nodes[f"{place}/confusion/{contestant}-clean"] = clean
        counts = np.arange(25).reshape(5, 5)
        nodes[f"{place}/confusion/{contestant}"] = unit("count", ("target", "predicted"), counts, contestant=contestant)
        cells = np.arange(100.0).reshape(10, 10)
        nodes[f"{place}/array/{contestant}"] = unit(
            "conductance_uS", ("word_line", "bit_line"), cells, contestant=contestant
        )
        for seed in (0, 1):
            nodes[f"{place}/energy/{contestant}-{seed}"] = energy((seed + 1) * 1e-14, contestant=contestant, seed=seed)
    return xarray.DataTree.from_dict(nodes)


def titles(drawing):
    return [axes.get_title(loc="left") for axes in drawing.axes if axes.get_title(loc="left")]


def test_all_panels_of_a_whole_cube():
    drawing = drawn(whole(), FIGURE)
    assert titles(drawing) == [
        "By crossbar, at σ = 0.105361",
        "By usability",
        "ERM, all",
        "BayesMulti, all",
        "BayesMulti: cells (µS)",
        "Energy (fJ)",
    ]
    first = drawing.axes[0]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["weights", "pairs", "all"]
    table = FIGURE.table(whole())
    expected = table[(table.quantity == "accuracy") & (table.contestant == "erm") & (table.usability == 0.9)]
    assert first.containers[0].lines[0].get_ydata() == pytest.approx(expected["mean"])


def test_the_confusion_is_that_of_the_last_crossbar_at_the_first_seed():
    chosen = last_per_method(observed(whole(), "crossbar_10x10", "confusion"))
    assert {contestant: one.attrs["crossbar"] for contestant, one in chosen.items()} == {
        "erm": "all",
        "bayesmulti": "all",
    }
    later = [unit("count", ("a", "b"), np.eye(2), seed=seed) for seed in (0, 1)]
    assert last_per_method(later)["erm"].attrs["seed"] == 0
    drawing = drawn(whole(), FIGURE)
    assert [text.get_text() for text in drawing.axes[2].texts] == [str(count) for count in range(25)]


def test_energies_are_means_over_seeds_in_femtojoule():
    table = FIGURE.table(whole())
    low = table[(table.quantity == "energy_low_fJ") & (table.contestant == "erm")]
    assert low["mean"].tolist() == pytest.approx([15.0])
    assert low["std"].tolist() == pytest.approx([np.sqrt(50)])
    assert low[["n_seeds", "n_realisations", "n"]].to_numpy().tolist() == [[2, 1, 2]]


def test_without_observations_the_scores_are_drawn_alone():
    drawing = drawn(tree(crossbar_10x10=group()), FIGURE)
    assert titles(drawing) == ["By crossbar, at σ = 0.105361", "By usability"]
    assert "Confusion" not in FIGURE.caption(FIGURE.table(tree(crossbar_10x10=group())))


def test_a_cube_without_the_workload_is_skipped_with_a_reason(tmp_path):
    result = render("fig_crossbar", tree(mnist_mlp=workload()), tmp_path, "quick")
    assert result == Skipped("fig_crossbar", "crossbar_10x10 is not in this cube")
    assert list(tmp_path.iterdir()) == []


def test_equal_numbers_give_equal_files(tmp_path):
    files = [render("fig_crossbar", whole(), tmp_path / name, "crossbar").paths for name in "ab"]
    assert [path.suffix for path in files[0]] == [".pdf", ".png", ".csv"]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    assert (tmp_path / "a" / "fig_crossbar.csv").read_text().startswith("workload,source,quantity,contestant,crossbar,")


def test_nothing_was_observed_of_a_workload_that_is_not_there():
    assert observed(whole(), "mnist_mlp", "confusion") == []
    assert observed(whole(), "crossbar_10x10", "embedding") == []


def test_several_levels_of_a_crossbar_and_gaps_are_drawn():
    place = "/crossbar_10x10/observations/energy"
    nodes = {path: node for path, node in whole().to_dict().items() if not path.startswith(f"{place}/bayesmulti")}
    strange = {**energy(5e-14).attrs, "condition": "another", "sigma_log": 0.9}
    whole_tree = xarray.DataTree.from_dict({**nodes, f"{place}/erm-another": energy(5e-14).assign_attrs(strange)})
    rows = FIGURE.table(whole_tree)
    assert (rows["quantity"] == "energy_low_fJ").sum() == 2
    assert "Energy (fJ)" in titles(drawn(whole_tree, FIGURE))


def test_the_first_seed_is_shown_also_where_several_conditions_were_observed():
    found = [unit("count", ("a", "b"), np.eye(2), seed=seed, crossbar=bar) for seed in (0, 1) for bar in ("x", "y")]
    assert last_per_method(found)["erm"].attrs["seed"] == 0
    assert last_per_method(found)["erm"].attrs["crossbar"] == "y"
