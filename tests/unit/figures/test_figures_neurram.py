"""Figures of the NeuRRAM workloads: their tables, and that they draw what a cube has of them."""

import numpy as np
import pytest
import xarray

from suite import figures
from suite.figures.figs_neurram_lines import COUNTED
from tests.unit.figures.figure_trees import drawn, tree, workload

DEVICES = ("generic", "generic", "generic", "rram40", "rram40", "lognormal")
CROSSBARS = ("weights", "weights", "weights", "chip", "chip", "voltage")
LEVELS = {"noise": (0.0, 0.1, 0.2, *[np.nan] * 3), "seconds": (*[np.nan] * 3, 1.0, 1e5, np.nan)}


def group(*scores):
    values = {score: 0.5 + 0.4 * np.random.default_rng(3).random((2, 2, 6, 3)) for score in scores}
    usability = [np.nan] * 5 + [1.0]
    data = workload(values, "mnist:official", usability=usability, device=DEVICES, crossbar=CROSSBARS)
    return data.assign_coords({name: ("condition", np.array(levels)) for name, levels in LEVELS.items()})


def lines(at):
    """Two tiles whose slopes go with the inverse of the conductance, and a line that never changes."""
    sums = np.array([10.0, 20.0, 40.0, 10.0, 20.0, 40.0, 5.0])
    slope = np.array([*(3 / sums[:3]), *(6 / sums[3:6]), np.nan])
    values = {"conductance_uS": sums, "slope": slope, "offset": slope, "residual": 0.5 / slope, "spread": 1 / slope}
    values |= {"shown": slope, "tile": np.array([0, 0, 0, 1, 1, 1, 1])}
    texts = {"array": ["weight"] * 7, "direction": ["forward"] * 7}
    return xarray.Dataset({name: (("line",), some) for name, some in {**values, **texts}.items()}, attrs=at)


def cube():
    place, at = "/neurram_rbm/observations", {"source": "mnist:official", "realisation": 0, "seed": 0}
    at |= {"contestant": "erm", "condition": "rram40(seconds=100000)@chip"}
    pixels = xarray.Dataset(
        {"pixel": (("corruption", "picture", "state", "row", "column"), np.zeros((2, 8, 3, 28, 28)))}, attrs=at
    )
    names = np.array(["network", "mean", "median"], dtype=object)
    filters = xarray.Dataset(
        {"reduction": (("corruption", "filter"), np.arange(6.0).reshape(2, 3)), "filter": (("filter",), names)},
        attrs=at,
    )
    energy = {name: (("array_read",), np.array([1.0, 3.0])) for name in (*COUNTED, "low_J", "high_J")}
    energy |= {"array": (("array_read",), ["first", "second"]), "relative": (("array_read",), np.array([0.5, 1.0]))}
    found = tree(neurram_mnist=group("accuracy"), neurram_rbm=group("reduction", "reduction@bottom"))
    nodes = {node.path: node.to_dataset(inherit=False) for node in found.subtree}
    nodes |= {f"{place}/recovered/a": pixels, f"{place}/filters/a": filters}
    nodes |= {f"{place}/lines/a": lines(at), f"{place}/energy/a": xarray.Dataset(energy, attrs=at)}
    return xarray.DataTree.from_dict(nodes)


NAMES = (
    *("fig_neurram_scores", "fig_neurram_noise", "fig_neurram_effects", "fig_neurram_pictures"),
    *("fig_neurram_lines", "fig_neurram_energy"),
)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_drawn_of_what_a_cube_has(name):
    assert drawn(cube(), figures.find(name)).get_axes()


@pytest.mark.parametrize("name", NAMES)
def test_a_cube_without_them_gives_no_rows(name):
    assert figures.find(name).table(tree(mnist_mlp=workload())).empty


def test_scores_are_of_software_and_of_the_chip_after_the_longest_time():
    rows = figures.find("fig_neurram_scores").table(cube())
    assert set(rows["seconds"].dropna()) == {1e5}
    assert set(rows["noise"].dropna()) == {0.0, 0.1}
    assert {*zip(rows["workload"], rows["score"], strict=True)} == {
        ("neurram_mnist", "accuracy"),
        ("neurram_rbm", "reduction"),
        ("neurram_rbm", "reduction@bottom"),
    }


def test_effects_are_of_crossbars_with_a_circuit():
    rows = figures.find("fig_neurram_effects").table(cube())
    assert {*rows["crossbar"]} == {"chip", "voltage"}
    assert (rows["n"] == 6).all()


def test_filters_stand_beside_the_network():
    rows = figures.find("fig_neurram_pictures").table(cube())
    bottom = rows[rows["corruption"] == "bottom"].set_index("filter")["reduction"]
    assert bottom.to_dict() == {"network": 3.0, "mean": 4.0, "median": 5.0}


def test_lines_are_told_by_tile_without_those_that_never_change():
    rows = figures.find("fig_neurram_lines").table(cube())
    assert rows["lines"].tolist() == [3, 3]
    assert rows["r_inverse_conductance"].tolist() == pytest.approx([1, 1])
    assert rows["scaled_slope_spread"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert rows["residual_codes"].tolist() == pytest.approx([0.5, 0.5])
    assert rows["residual_share"].tolist() == pytest.approx([0.5, 0.5])


def test_energy_of_all_arrays_is_in_units_of_what_all_take_in_current_mode():
    rows = figures.find("fig_neurram_energy").table(cube()).set_index("array")
    assert rows.loc["all", "high_nJ"] == pytest.approx(4e9)
    assert rows.loc["all", "relative"] == pytest.approx(4 / (1 / 0.5 + 3 / 1.0))
