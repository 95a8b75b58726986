"""The three figures of state machines, from observations and scores made by hand."""

import numpy as np
import pytest
import xarray

from suite import figures
from suite.figures.render import Skipped, render
from tests.unit.figures.figure_trees import both, drawn

LABEL = "/vsa_fsm/machine"
DIMS = ("contestant", "seed", "condition", "realisation")
CONDITIONS = ("lognormal(sigma_log=0)@weights", "ternary(zeros=0.9)@weights", "ternary(zeros=0.95)@weights")
LAST = "lognormal(sigma_log=0)@pairs"


def scores():
    shape = (1, 2, 4, 3)
    values = np.linspace(1, 0, 4)[None, None, :, None] * np.ones(shape)
    nan = np.nan
    return xarray.Dataset(
        dict.fromkeys(("success", "overlap", "ignored", "held"), (DIMS, values)),
        coords={
            "contestant": ["erm"],
            "seed": [0, 1],
            "condition": [*CONDITIONS, LAST],
            "sigma_log": ("condition", [0.0, nan, nan, 0.0]),
            "usability": ("condition", [1.0, nan, nan, 1.0]),
            "zeros": ("condition", [nan, 0.9, 0.95, nan]),
            "device": ("condition", ["lognormal", "ternary", "ternary", "lognormal"]),
            "crossbar": ("condition", ["weights", "weights", "weights", "pairs"]),
        },
        attrs={"title": "a machine", "source": "automaton:walks", "measures": {"success": {}}},
    )


def unit(condition, arrays):
    attrs = {"contestant": "erm", "seed": 0, "realisation": 0, "condition": condition, "source": "automaton:walks"}
    return xarray.Dataset(arrays, attrs=attrs)


def walk(condition):
    time = np.arange(30)
    return unit(
        condition,
        {
            "similarity": (("time", "state"), np.outer(time, [0.01, 0.02])),
            "edge_similarity": (("time", "edge"), np.outer(time, [0.01, 0.0, 0.03])),
            "output_similarity": (("time", "output"), np.zeros((30, 1))),
            "stimulus": (("time",), np.where(time > 10, 1, -1)),
        },
    )


def capacity(neurons):
    states = np.linspace(0.2, 2.0, 9) * 0.02 * neurons
    success = np.repeat((states < 0.02 * neurons)[:, None], 4, 1).astype(float)
    arrays = {"states": (("size",), states), "edges": (("size",), states), "success": (("size", "trial"), success)}
    return unit(CONDITIONS[0], {**arrays, "neurons": ((), neurons), "active": ((), 0)})


@pytest.fixture
def cube():
    nodes = {LABEL: scores()}
    nodes |= {f"{LABEL}/observations/walk/{number}": walk(name) for number, name in enumerate(CONDITIONS[:2])}
    nodes |= {f"{LABEL}/observations/capacity/0": capacity(1000)}
    nodes |= {"/vsa_fsm/n500": scores(), "/vsa_fsm/n500/observations/capacity/0": capacity(500)}
    zeros = {"zeros": ((), 0.93), "count": (("bin",), [1]), "edge": (("bin_edge",), [0.0, 1.0])}
    nodes |= {f"{LABEL}/observations/weights/0": unit(CONDITIONS[1], zeros)}
    return xarray.DataTree.from_dict(nodes)


def test_a_walk_has_a_column_for_each_condition(cube):
    figure = figures.find("fig_vsa_walk")
    rows = figure.table(cube)
    assert list(rows) == [
        *("workload", "source", "condition", "time", "stimulus"),
        *("state 0", "state 1", "edge 0", "edge 1", "edge 2", "output 0"),
    ]
    assert len(rows) == 60
    assert len(drawn(cube, figure).axes) == 6


def test_noise_is_drawn_by_device_and_by_crossbar_with_the_zeros_that_were_reached(cube):
    figure = figures.find("fig_vsa_noise")
    rows = figure.table(cube)
    ternary = rows[
        (rows["device"] == "ternary") & (rows["score"] == "overlap") & (rows["workload"] == "vsa_fsm/machine")
    ]
    assert ternary[["level", "x", "mean", "n"]].to_numpy().tolist() == [
        ["zeros", 0.9, pytest.approx(2 / 3), 6],
        ["zeros", 0.95, pytest.approx(1 / 3), 6],
    ]
    assert ternary["zeros"].tolist()[0] == 0.93
    titles = [axes.get_title(loc="left") for axes in drawn(cube, figure).axes]
    assert titles == ["ternary: zeros", "By crossbar: success"]
    assert "Zeros reached by ternary weights: 93.0 % for 90 %" in figure.caption(rows)


def test_capacity_has_its_points_and_its_fits(cube):
    figure = figures.find("fig_vsa_capacity")
    rows = figure.table(cube).set_index("quantity")
    assert len(rows.loc["success"]) == 18
    assert rows.loc["per_neuron", "value"] == pytest.approx(0.02, rel=0.1)
    assert rows.loc["exponent_dense", "value"] == pytest.approx(1, abs=0.05)
    assert "edge_cost" not in rows.index
    assert len(drawn(cube, figure).axes) == 3


@pytest.mark.parametrize("name", ["fig_vsa_walk", "fig_vsa_capacity", "fig_vsa_noise"])
def test_a_cube_without_state_machines_has_none_of_it(name, tmp_path):
    assert isinstance(render(name, both(), tmp_path, "test"), Skipped)
