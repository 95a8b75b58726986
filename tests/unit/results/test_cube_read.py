"""What readers see: a tree, a table and a digest, whatever the cube's history."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray

from suite.results.cube import Cube, Status, digest, export_csv, open_tree, to_frame
from tests import cubes

FINAL = {"contestants": ("erm", "sgd", "bayesmulti"), "seeds": (0, 1, 2), "usabilities": (1.0, 0.85, 0.9, 0.8, 0.3)}


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return cubes.filled_cube(tmp_path / "fresh" / "cube.zarr", cubes.layout(**FINAL)).path


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    """The same study, reached in three steps, with a condition and a contestant that were given up on the way."""
    cube = cubes.filled_cube(tmp_path / "grown" / "cube.zarr", cubes.layout(("bayesmulti",), (2, 0), (0.8, 0.66), (1,)))
    for wanted in (cubes.layout(("adam", "erm"), (0,), (0.9, 1.0, 0.8), (0, 1)), cubes.layout(**FINAL)):
        cubes.ensure(cube, wanted)
        cubes.fill(cube, cubes.missing(cube))
    return cube.path


def test_every_cell_is_where_its_labels_say(grown: Path) -> None:
    dataset = open_tree(grown)["mnist_mlp"].to_dataset().drop_indexes(["usability", "sigma_log"])
    assert dataset.sizes == {"contestant": 3, "seed": 3, "condition": 5, "realisation": 3}
    for name in cubes.MEASURES:
        for cell in dataset[name].stack(cell=dataset[name].dims):
            labels = (str(cell.contestant.item()), int(cell.seed), str(cell.condition.item()), int(cell.realisation))
            assert float(cell) == cubes.value(name, *labels)


def test_coordinates_and_attributes(fresh: Path) -> None:
    tree = open_tree(fresh)
    dataset = tree["mnist_mlp"].to_dataset()
    assert tree.attrs == {"study": "quick", "entropy": 3}
    assert dataset.usability.values.tolist() == [1.0, 0.9, 0.85, 0.8, 0.3]
    np.testing.assert_allclose(dataset.sigma_log, -np.log(dataset.usability), atol=1e-15)
    assert dataset.contestant.values.tolist() == ["erm", "sgd", "bayesmulti"]
    assert set(dataset.data_vars) == {"accuracy", "loss@unseen", "n_nonfinite"}
    assert dataset.device.values.tolist() == ["lognormal"] * 5
    assert dataset.attrs["source"] == cubes.SOURCE
    assert dataset.attrs["measures"]["loss@unseen"] == {"title": "Loss", "chance": 2.3, "higher_is_better": False}


def test_lazy_is_eager(grown: Path) -> None:
    lazy = open_tree(grown, chunks={})["mnist_mlp"].to_dataset()
    assert lazy.accuracy.chunks is not None
    xarray.testing.assert_identical(lazy.load(), open_tree(grown)["mnist_mlp"].to_dataset())
    assert open_tree(grown, chunks={"seed": 1})["mnist_mlp"].accuracy.chunks[1] == (1, 1, 1)


def test_cells_that_are_not_done(tmp_path: Path) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    cubes.fill(cube, blocks[:2])
    cubes.write(cube.path, blocks[2])
    dataset = open_tree(cube.path)["mnist_mlp"].to_dataset()
    assert int(dataset.accuracy.count()) == 6
    np.testing.assert_array_equal(dataset.n_nonfinite == -1, np.isnan(dataset.accuracy))
    assert len(to_frame(cube.path)) == 6 * len(cubes.MEASURES)


def test_an_empty_cube(tmp_path: Path) -> None:
    path = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3).path
    assert list(open_tree(path).children) == []
    assert to_frame(path).empty


def test_growth_leaves_no_trace_in_digest_and_tree(fresh: Path, grown: Path) -> None:
    assert digest(grown) == digest(fresh)
    xarray.testing.assert_identical(open_tree(grown), open_tree(fresh))


def test_a_digest_sees_every_number(fresh: Path) -> None:
    before = digest(fresh)
    block = next(Cube.open(fresh).layout("mnist_mlp").blocks())
    Cube.open(fresh).mark("mnist_mlp", [block], Status.FAILED)
    failed = digest(fresh)
    Cube.open(fresh).mark("mnist_mlp", [block], Status.DONE, [cubes.unit_hash(block)])
    assert before == digest(fresh) != failed


def test_export(fresh: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables" / "scores.csv"
    export_csv(fresh, out)
    rows = list(csv.DictReader(out.open(newline="")))
    assert ",".join(rows[0]) == (
        "workload,source,contestant,seed,condition,usability,sigma_log,device,crossbar,curve_source,specimen,"
        "realisation,score,value,n_nonfinite"
    )
    assert {row["condition"] for row in rows} == {c.key for c in cubes.conditions(*FINAL["usabilities"])}
    assert len(rows) == 3 * 3 * 5 * 3 * 2
    keys = {condition.usability: condition.key for condition in cubes.conditions(*FINAL["usabilities"])}
    for row in rows:
        labels = (row["contestant"], int(row["seed"]), keys[float(row["usability"])], int(row["realisation"]))
        assert float(row["value"]) == cubes.value(row["score"], *labels)
        assert (row["workload"], row["source"], row["n_nonfinite"]) == ("mnist_mlp", cubes.SOURCE, "0")
    content = out.read_bytes()
    export_csv(fresh, out)
    assert out.read_bytes() == content
