"""Figures of the NeuRRAM workloads: their tables, and that they draw what a cube has of them."""

import numpy as np
import pytest
import xarray

from suite import figures
from tests.unit.figures.figure_trees import drawn, tree, workload

DEVICES = ("generic", "generic", "generic", "rram40", "rram40", "lognormal")
CROSSBARS = ("weights", "weights", "weights", "chip", "chip", "voltage")
LEVELS = {"noise": (0.0, 0.1, 0.2, *[np.nan] * 3), "seconds": (*[np.nan] * 3, 1.0, 1e5, np.nan)}


def group(*scores):
    values = {score: 0.5 + 0.4 * np.random.default_rng(3).random((2, 2, 6, 3)) for score in scores}
    usability = [np.nan] * 5 + [1.0]
    data = workload(values, "mnist:official", usability=usability, device=DEVICES, crossbar=CROSSBARS)
    return data.assign_coords({name: ("condition", np.array(levels)) for name, levels in LEVELS.items()})


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
    found = tree(neurram_mnist=group("accuracy"), neurram_rbm=group("reduction", "reduction@bottom"))
    nodes = {node.path: node.to_dataset(inherit=False) for node in found.subtree}
    nodes |= {f"{place}/recovered/a": pixels, f"{place}/filters/a": filters}
    return xarray.DataTree.from_dict(nodes)


NAMES = ("fig_neurram_scores", "fig_neurram_noise", "fig_neurram_effects", "fig_neurram_pictures")


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
