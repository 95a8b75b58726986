"""Units written as npz by machines without zarr become cells of a cube."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suite.results.cube import (
    Block,
    Cube,
    Layout,
    Status,
    UndefinedScore,
    digest,
    ingest,
    unit_file,
    verify,
)
from suite.results.files import ResultsNotWritable
from tests import cubes


def save(folder: Path, block: Block, workload: str = "mnist_mlp") -> Path:
    counts = np.zeros(block.shape, int)
    return cubes.save_unit_npz(folder, workload, block, cubes.scores(block), counts, cubes.unit_hash(block))


def made(tmp_path: Path, wanted: Layout) -> Cube:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    cubes.ensure(cube, wanted)
    return cube


def test_npz_units_make_the_same_cube(tmp_path: Path) -> None:
    cube = made(tmp_path, cubes.layout())
    files = [save(tmp_path / "units", block) for block in cubes.layout().blocks()]
    result = ingest(cube.path, files)
    assert (result.written, result.already_done, result.left_out) == (16, 0, {})
    assert digest(cube.path) == digest(cubes.filled_cube(tmp_path / "direct.zarr").path)
    assert verify(cube.path) == []
    again = ingest(cube.path, files)
    assert (again.written, again.already_done, again.left_out) == (0, 16, {})


def test_cells_are_matched_by_label_not_by_block(tmp_path: Path) -> None:
    cube = cubes.filled_cube(tmp_path / "cube.zarr", cubes.layout(usabilities=(0.8, 0.5), realisations=(2,)))
    cubes.ensure(cube, cubes.layout())
    files = [save(tmp_path / "units", block) for block in cubes.layout(chunk=(3, 1)).blocks()]
    result = ingest(cube.path, files)
    assert result.left_out == {}
    assert result.written > 0
    left = cubes.missing(Cube.open(cube.path))
    assert {condition.usability for block in left for condition in block.conditions} <= {0.8, 0.5}


def test_what_cannot_be_placed_is_left_out_with_its_reason(tmp_path: Path) -> None:
    cube, folder = made(tmp_path, cubes.layout()), tmp_path / "units"
    blocks = list(cubes.layout().blocks())
    part = save(folder, next(cubes.layout(chunk=(1, 1)).blocks()))
    other = save(folder, blocks[0], "mnist_lenet")
    lacking = cubes.save_unit_npz(folder, "mnist_mlp", blocks[1], {"accuracy": np.zeros((2, 1))}, np.zeros((2, 1)), 5)
    torn = save(folder, blocks[2])
    torn.write_bytes(torn.read_bytes()[:-40])
    sound = save(folder, blocks[3])
    result = ingest(cube.path, [part, other, lacking, torn, sound])
    assert result.written == 1
    assert "cover no whole unit" in result.left_out.pop(part)
    assert "'mnist_lenet' is not in this cube" in result.left_out.pop(other)
    assert "not ['accuracy', 'loss@unseen']" in result.left_out.pop(lacking)
    assert "not a sound unit" in result.left_out.pop(torn)
    assert result.left_out == {}


def test_done_units_stay_until_they_are_marked_pending(tmp_path: Path) -> None:
    cube = cubes.filled_cube(tmp_path / "cube.zarr")
    block = next(cubes.layout().blocks())
    newer = {name: values + 1 for name, values in cubes.scores(block).items()}
    file = cubes.save_unit_npz(tmp_path, "mnist_mlp", block, newer, np.zeros(block.shape), 99)
    before = digest(cube.path)
    assert ingest(cube.path, [file]).already_done == 1
    assert digest(cube.path) == before
    cube.mark("mnist_mlp", [block], Status.PENDING)
    assert ingest(cube.path, [file]).written == 1
    assert Cube.open(cube.path).hashes("mnist_mlp")[block.grid] == 99


def test_the_file_says_whether_a_unit_is_done(tmp_path: Path) -> None:
    first, second = list(cubes.layout().blocks())[:2]
    file = save(tmp_path, first)
    assert file == unit_file(tmp_path, "mnist_mlp", first, cubes.unit_hash(first))
    assert file.exists()
    assert not unit_file(tmp_path, "mnist_mlp", second, cubes.unit_hash(second)).exists()
    assert not unit_file(tmp_path, "mnist_mlp", first, 1).exists()


def test_a_unit_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = next(cubes.layout().blocks())
    with pytest.raises(UndefinedScore):
        cubes.save_unit_npz(tmp_path, "mnist_mlp", block, {"accuracy": np.full((2, 2), np.nan)}, np.zeros((2, 2)), 1)
    cubes.refuse_writes(monkeypatch, errno.ENOSPC)
    with pytest.raises(ResultsNotWritable, match=r"\.npz.*refused"):
        save(tmp_path, block)
    assert list(tmp_path.iterdir()) == []


def test_units_need_neither_zarr_nor_xarray(tmp_path: Path) -> None:
    code = f"""
import sys
for name in ("zarr", "xarray", "dask", "pandas", "torch"):
    sys.modules[name] = None
from pathlib import Path
import numpy
from tests import cubes
block = next(cubes.layout().blocks())
cubes.save_unit_npz(Path({str(tmp_path)!r}), "mnist_mlp", block, cubes.scores(block), numpy.zeros(block.shape), 5)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
    assert len(list(tmp_path.glob("*.npz"))) == 1
