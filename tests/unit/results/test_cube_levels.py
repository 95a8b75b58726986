"""Readers choose a level as they choose a contestant, whatever else shares it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray

from suite.contract import Condition
from suite.results.cube import Cube, Layout, open_tree
from tests import cubes

ON = {"plain": "weights", "chip": "chip"}
CONDITIONS = [
    *(Condition.of(usability=level, crossbar=crossbar) for level in (1.0, 0.74, 0.57) for crossbar in ON.values()),
    Condition.of(sigma_log=-math.log(0.05)),
    Condition.of(sigma_log=0.3),
]


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    """Chunks of two conditions and two realisations: each crossbar has a place that no condition takes."""
    return cubes.filled_cube(
        tmp_path / "cube.zarr", Layout.make(("erm", "bayesmulti"), (0, 1), CONDITIONS, (0, 1, 2), (2, 2))
    )


def accuracy(path: Path, **options: dict[str, int]) -> xarray.DataArray:
    return open_tree(path, **options)["mnist_mlp"]["accuracy"]


def values(condition: Condition, contestant: str = "bayesmulti") -> list[list[float]]:
    return [[cubes.value("accuracy", contestant, seed, condition.key, r) for r in range(3)] for seed in (0, 1)]


def test_a_level_of_one_condition_is_a_point(cube: Cube) -> None:
    assert None in cube.layout("mnist_mlp").conditions and None in cube.layout("mnist_mlp").realisations
    chosen = accuracy(cube.path).sel(contestant="bayesmulti", sigma_log=0.3)
    assert chosen.dims == ("seed", "realisation")
    assert chosen.values.tolist() == values(CONDITIONS[-1])


@pytest.mark.parametrize("options", [{}, {"chunks": {}}], ids=["loaded", "lazy"])
def test_a_level_of_several_conditions_is_all_of_them(cube: Cube, options: dict[str, dict[str, int]]) -> None:
    chosen = accuracy(cube.path, **options).sel(contestant="bayesmulti", usability=0.74)
    assert chosen.dims == ("seed", "condition", "realisation")
    assert dict(zip(chosen.crossbar.values, chosen.condition.values, strict=True)) == {
        condition.crossbar: condition.key for condition in CONDITIONS[2:4]
    }
    for condition in CONDITIONS[2:4]:
        assert chosen.sel(condition=condition.key).values.tolist() == values(condition)


def test_of_one_crossbar_every_level_is_a_point(cube: Cube) -> None:
    scores = accuracy(cube.path).sel(contestant="bayesmulti")
    chip = scores.where(scores.crossbar == "chip", drop=True)
    assert chip.sel(usability=0.57).values.tolist() == values(CONDITIONS[5])
    assert chip.sel(usability=[0.57, 1.0]).condition.values.tolist() == [CONDITIONS[5].key, CONDITIONS[1].key]
    assert chip.sel(usability=0.7, method="nearest").values.tolist() == values(CONDITIONS[3])


def test_a_level_given_by_its_sigma_is_found_under_its_usability(cube: Cube) -> None:
    condition = CONDITIONS[-2]
    assert condition.usability != 0.05
    assert accuracy(cube.path).sel(contestant="erm", usability=0.05).values.tolist() == values(condition, "erm")


def test_a_level_that_is_not_there_is_an_error(cube: Cube) -> None:
    with pytest.raises(KeyError, match="usability"):
        accuracy(cube.path).sel(usability=0.75)


def test_what_else_readers_do_with_scores_knows_the_levels(cube: Cube) -> None:
    scores = accuracy(cube.path)
    means = scores.mean(["seed", "realisation"]).sel(contestant="erm", usability=1.0)
    np.testing.assert_allclose(means, [np.mean(values(condition, "erm")) for condition in CONDITIONS[:2]])
    assert scores.groupby("usability").mean().sizes["usability"] == 5
    frame = scores.drop_indexes(["usability", "sigma_log"]).to_dataframe().reset_index()
    assert set(frame.loc[frame["usability"] == 0.74, "condition"]) == {one.key for one in CONDITIONS[2:4]}
    change = scores - scores.sel(condition=CONDITIONS[0].key)
    assert (change.sel(condition=CONDITIONS[0].key) == 0).all()
    assert (scores.where(scores.crossbar == "weights") - scores.mean("seed")).sizes == scores.sizes
