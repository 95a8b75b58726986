"""What was written when a contestant was called a method is read as if it had been written today."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas
import pytest
import xarray

from suite.contract import Condition
from suite.results.cube import Cube, Place, adopt, digest, ingest, open_tree, verify
from suite.results.cube.units import load_unit_npz
from suite.run.precision_record import _lines
from suite.run.publish import against
from suite.statistics.comparison.scores import published_scores
from tests import cubes
from tests.toys import WORKLOAD, context_of, plugin, run_toy, suite, toy_study

OBSERVE = {"what": "confusion", "workloads": ["toy"], "conditions": [{"usability": [1.0]}], "seeds": [0, 1]}
EDITS = [
    ("accuracy, seeded", "accuracy, confusion, seeded"),
    ("WORKLOAD = Workload(\n", "WORKLOAD = Workload(\n    observations={'confusion': confusion(2)},\n"),
]


def aged(cube: Path) -> Path:
    """The cube as it was written under the former name: in the labels of every group, in the names of dimensions."""
    for file in cube.rglob("zarr.json"):
        file.write_text(re.sub(r'"contestant(s?)"', r'"method\1"', file.read_text()))
    assert '"methods"' in (cube / next(cube.glob("*/zarr.json")).parent.name / "zarr.json").read_text()
    return cube


def test_a_cube_reads_alike(tmp_path: Path) -> None:
    today = cubes.filled_cube(tmp_path / "today.zarr").path
    former = aged(cubes.filled_cube(tmp_path / "former.zarr").path)
    xarray.testing.assert_identical(open_tree(former), open_tree(today))
    assert digest(former) == digest(today)
    assert verify(former) == []


def test_a_cube_grows_and_is_then_as_if_it_had_always_been_called_so(tmp_path: Path) -> None:
    cube = Cube.open(aged(cubes.filled_cube(tmp_path / "former.zarr").path))
    wanted = cubes.layout(contestants=("erm", "bayesmulti", "sgd"), seeds=(0, 1, 2))
    cubes.ensure(cube, wanted)
    left = cubes.missing(cube)
    assert {block.contestant for block in left if block.seed < 2} == {"sgd"}
    cubes.fill(cube, left)
    assert digest(cube.path) == digest(cubes.filled_cube(tmp_path / "today.zarr", wanted).path)


def test_units_of_a_cube_are_taken_over(tmp_path: Path) -> None:
    former = aged(cubes.filled_cube(tmp_path / "former.zarr").path)
    cube = Cube.create_or_open(tmp_path / "other.zarr", "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    assert adopt(cube, "mnist_mlp", {block: cubes.unit_hash(block) for block in blocks}, [former]) == len(blocks)


def test_a_run_goes_on_with_a_cube_and_its_observations(tmp_path: Path) -> None:
    path = toy_study(tmp_path, observe=[OBSERVE])
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, *EDITS)
    assert run_toy(path).done == 2 + 2 + 4 + 2
    cube, before = context_of(path).cube, suite("status", path, "--results", tmp_path / "results").output
    tree = open_tree(cube)
    assert len(tree["toy/observations/confusion"].children) == 2
    aged(cube)
    assert suite("status", path, "--results", tmp_path / "results").output == before
    xarray.testing.assert_identical(open_tree(cube), tree)
    assert run_toy(path).done == 0
    xarray.testing.assert_identical(open_tree(cube), tree)


def test_the_place_of_an_observation_stays() -> None:
    place = Place("toy", "confusion", "erm", 0, Condition.of(usability=1.0), 2)
    assert place.name == "confusion/06ec1f4e40a77b67"


def test_a_unit_file_is_ingested(tmp_path: Path) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    counts = np.zeros(blocks[0].shape, int)
    today = cubes.save_unit_npz(
        tmp_path, "mnist_mlp", blocks[0], cubes.scores(blocks[0]), counts, cubes.unit_hash(blocks[0])
    )
    with np.load(today) as content:
        labels = json.loads(str(content["labels"]))
        labels["method"] = labels.pop("contestant")
        np.savez(tmp_path / "former.npz", **{**content, "labels": np.array(json.dumps(labels))})
    assert load_unit_npz(tmp_path / "former.npz").contestant == blocks[0].contestant
    assert ingest(cube.path, [tmp_path / "former.npz"]).written == 1


def test_published_tables_are_read(tmp_path: Path) -> None:
    path = toy_study(tmp_path)
    run_toy(path)
    cube, tables = context_of(path).cube, tmp_path / "tables"
    suite("publish", path, "--results", tmp_path / "results", "--to", tables)
    today, file = published_scores(tables), tables / "scores.csv"
    file.write_text(file.read_text().replace("contestant", "method", 1))
    assert "method" in pandas.read_csv(file).columns
    pandas.testing.assert_frame_equal(published_scores(tables), today)
    assert against(cube, tables, 1e-6) == []


@pytest.mark.parametrize("name", ["method", "contestant"])
def test_a_record_of_precision_is_told(name: str) -> None:
    cell = {name: "erm", "condition": "c", "score": "accuracy", "reached_half_width": 0.1, "variance": {"test_set": 0}}
    record = {"half_width": 0.2, "realisations": 5, "pilot": 5, "complete": True, "cells": [cell]}
    (line,) = _lines("toy", record)
    assert line.endswith("the widest is 0.1 (erm, c, accuracy)")
