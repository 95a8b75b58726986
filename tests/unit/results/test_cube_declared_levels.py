"""Levels that devices declare are coordinates of the cube, chosen as a usability is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray

from suite.contract import Condition
from suite.results.cube import Cube, Layout, export_csv, open_tree, to_frame
from tests import cubes

CONDITIONS = [
    *(Condition.of(device="pcm", levels={"seconds": seconds}) for seconds in (3600, 1)),
    *(Condition.of(usability=usability) for usability in (0.74, 1.0)),
    *(Condition.of(device="vsa", levels={"noise": noise, "sparsity": 0.5}) for noise in (0.0, 0.1)),
]


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    return cubes.filled_cube(tmp_path / "cube.zarr", Layout.make(("erm",), (0, 1), CONDITIONS, (0, 1), (2, 2)))


def accuracy(path: Path) -> xarray.DataArray:
    return open_tree(path)["mnist_mlp"]["accuracy"]


def values(condition: Condition) -> list[list[float]]:
    return [[cubes.value("accuracy", "erm", seed, condition.key, r) for r in range(2)] for seed in (0, 1)]


def test_a_level_is_chosen_by_its_name(cube: Cube) -> None:
    chosen = accuracy(cube.path).sel(contestant="erm", seconds=3600)
    assert chosen.dims == ("seed", "realisation")
    assert chosen.values.tolist() == values(CONDITIONS[0])
    assert list(accuracy(cube.path).sel(sparsity=0.5).noise) == [0.0, 0.1]
    assert accuracy(cube.path).sel(contestant="erm", usability=0.74).values.tolist() == values(CONDITIONS[2])
    with pytest.raises(KeyError, match="seconds"):
        accuracy(cube.path).sel(seconds=2)


def test_conditions_without_usability_come_last_and_what_they_lack_is_nan(cube: Cube) -> None:
    scores = accuracy(cube.path)
    order = [CONDITIONS[number].key for number in (3, 2, 0, 1, 4, 5)]
    assert scores.condition.values.tolist() == order
    np.testing.assert_equal(scores.usability.values, [1.0, 0.74] + 4 * [np.nan])
    np.testing.assert_equal(scores.seconds.values, [np.nan, np.nan, 3600, 1, np.nan, np.nan])
    np.testing.assert_equal(scores.sparsity.values, 4 * [np.nan] + [0.5, 0.5])


def test_a_cube_reads_back_the_conditions_that_were_written(cube: Cube) -> None:
    assert [condition for condition in cube.layout("mnist_mlp").conditions if condition] == CONDITIONS


def test_tables_have_a_column_per_level(cube: Cube, tmp_path: Path) -> None:
    frame = to_frame(cube.path)
    assert [*frame.columns[5:15]] == [
        "usability", "sigma_log", "device", "crossbar", "curve_source", "specimen", "noise", "seconds", "sparsity",
        "realisation",
    ]  # fmt: skip
    assert set(frame.loc[frame["seconds"] == 3600, "condition"]) == {CONDITIONS[0].key}
    assert len(frame) == 2 * 2 * len(CONDITIONS) * 2
    export_csv(cube.path, tmp_path / "scores.csv")
    assert ",pcm,weights,,,,3600.0,,0," in (tmp_path / "scores.csv").read_text()


def test_a_cube_without_such_levels_has_no_such_column(tmp_path: Path) -> None:
    columns = to_frame(cubes.filled_cube(tmp_path / "cube.zarr").path).columns
    assert [*columns[10:12]] == ["specimen", "realisation"]
