"""Chunks read one by one are what Zarr reads, also where there is none."""

import numpy as np
import pytest

from suite.results.cube import CorruptCube, Cube
from suite.results.cube import arrays as cube_arrays
from suite.results.cube.chunks import Chunks
from tests import cubes

NAMES = ["accuracy", "loss@unseen", "n_nonfinite", "unit_hash"]


@pytest.fixture
def cube(tmp_path):
    made = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks = list(cubes.ensure(made, cubes.layout()).blocks())
    cubes.fill(made, blocks[:7])
    return made


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_chunks_are_those_that_zarr_reads(cube, name):
    array = cube_arrays.opened(cube.path, "mnist_mlp", name)
    chunks = Chunks(array)
    for contestant in range(2):
        row = chunks.row(contestant)
        assert row.dtype == array.dtype
        np.testing.assert_array_equal(row, array[contestant])
    for block in cube.layout("mnist_mlp").blocks():
        np.testing.assert_array_equal(chunks.at(block.grid), array[block.region])


@pytest.mark.parametrize("name", NAMES)
def test_chunks_are_written_as_zarr_would(cube, name):
    array = cube_arrays.opened(cube.path, "mnist_mlp", name, "r+")
    ours = cubes.files(cube_arrays.folder(array))
    array[...] = array[...]
    assert {file: cubes.files(cube_arrays.folder(array))[file] for file in ours} == ours


def test_what_was_never_written_holds_the_fill_value(cube):
    last = list(cube.layout("mnist_mlp").blocks())[-1]
    for name, fill in zip(NAMES, (np.nan, np.nan, -1, 0), strict=True):
        found = Chunks(cube_arrays.opened(cube.path, "mnist_mlp", name)).at(last.grid)
        np.testing.assert_array_equal(found, np.full((1, 1, 2, 2), fill))


@pytest.mark.parametrize("content", [b"", b"abc", b"\0" * 40])
def test_a_torn_chunk_is_named(cube, content):
    array = cube_arrays.opened(cube.path, "mnist_mlp", "accuracy")
    cube_arrays.chunk_file(array, (0, 0, 0, 0)).write_bytes(content)
    with pytest.raises(CorruptCube, match=r"mnist_mlp/accuracy: .*`suite verify"):
        Chunks(array).row(0)
