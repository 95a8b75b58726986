"""Torn files of a cube are found and their units computed again; nothing else is touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from suite.results.cube import Block, CorruptCube, Cube, Status, digest, open_tree, verify, write_block
from suite.results.cube import arrays as cube_arrays
from suite.results.files import replace_folder, sibling
from tests import cubes


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    return cubes.filled_cube(tmp_path / "cube.zarr")


def block_of(cube: Cube, number: int = 5) -> Block:
    return list(cube.layout("mnist_mlp").blocks())[number]


def chunk(cube: Cube, name: str, block: Block) -> Path:
    file = cube.path / "mnist_mlp" / name / "c" / "/".join(map(str, block.grid))
    assert file.is_file()
    return file


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [truncate, empty, flip, Path.unlink])
@pytest.mark.parametrize("name", ["accuracy", "loss@unseen", "n_nonfinite", "unit_hash"])
def test_a_torn_chunk_resets_its_unit_and_no_other(cube: Cube, name: str, damage: Callable[[Path], object]) -> None:
    before = digest(cube.path)
    block = block_of(cube)
    damage(chunk(cube, name, block))
    assert [finding.block for finding in verify(cube.path, repair=False)] == [block]
    assert cubes.missing(Cube.open(cube.path)) == []
    (finding,) = verify(cube.path)
    assert finding.block == block
    assert name in str(finding) and "erm, seed 1" in str(finding)
    assert cubes.missing(Cube.open(cube.path)) == [block]
    open_tree(cube.path)
    cubes.fill(Cube.open(cube.path), [block])
    assert verify(cube.path) == []
    assert digest(cube.path) == before


def test_every_byte_of_a_chunk_matters(tmp_path: Path) -> None:
    cube = cubes.filled_cube(tmp_path / "one.zarr", cubes.layout(("erm",), (0,), (1.0, 0.9), (0, 1)))
    (block,) = cube.layout("mnist_mlp").blocks()
    file = chunk(cube, "accuracy", block)
    sound = file.read_bytes()
    for place in range(len(sound)):
        content = bytearray(sound)
        content[place] ^= 1 << place % 8
        file.write_bytes(content)
        assert [finding.block for finding in verify(cube.path, repair=False)] == [block], place


def test_readers_name_the_torn_file_and_the_fix(cube: Cube) -> None:
    truncate(chunk(cube, "accuracy", block_of(cube)))
    for reader in (open_tree, digest):
        with pytest.raises(CorruptCube, match=r"mnist_mlp/accuracy: .*`suite verify"):
            reader(cube.path)


def test_a_done_unit_without_its_hash_is_reset(cube: Cube) -> None:
    block = block_of(cube)
    write_block(cube.path, "mnist_mlp", block, cubes.scores(block), np.zeros(block.shape), 77)
    (finding,) = verify(cube.path)
    assert "not the one that was marked" in finding.reason
    assert cubes.missing(Cube.open(cube.path)) == [block]


def test_a_unit_marked_but_never_written_is_reset(tmp_path: Path) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    cube.mark("mnist_mlp", blocks[:1], Status.DONE, [9])
    assert [finding.block for finding in verify(cube.path)] == blocks[:1]
    assert Cube.open(cube.path).status("mnist_mlp")[blocks[0].grid] == Status.PENDING


def test_a_torn_chunk_of_a_pending_unit_is_removed(cube: Cube) -> None:
    block = block_of(cube)
    cube.mark("mnist_mlp", [block], Status.FAILED)
    flip(chunk(cube, "accuracy", block))
    assert len(verify(cube.path)) == 1
    assert verify(cube.path) == []
    assert Cube.open(cube.path).status("mnist_mlp")[block.grid] == Status.FAILED


@pytest.mark.parametrize("name", ["status", "done_hash"])
@pytest.mark.parametrize("damage", ["chunk", "folder"])
def test_a_torn_ledger_is_rebuilt(cube: Cube, name: str, damage: str) -> None:
    cube.mark("mnist_mlp", [block_of(cube)], Status.PENDING)
    before = digest(cube.path)
    if damage == "chunk":
        truncate(next(file for file in (cube.path / "mnist_mlp" / name / "c").rglob("0") if file.is_file()))
        with pytest.raises(CorruptCube, match=f"{name}.*`suite verify"):
            Cube.open(cube.path).hashes("mnist_mlp")
    else:
        shutil.rmtree(cube.path / "mnist_mlp" / name)
    (finding,) = verify(cube.path)
    assert name in str(finding)
    assert verify(cube.path) == []
    assert cubes.missing(Cube.open(cube.path)) == [block_of(cube)]
    assert digest(cube.path) == before


class Killed(BaseException):
    """kill -9, as far as a test can."""


@pytest.mark.parametrize("name", ["status", "done_hash"])
def test_a_growth_killed_between_two_renames_goes_on(
    cube: Cube, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(new: Path, path: Path) -> None:
        if path.name != name:
            return replace_folder(new, path)
        path.rename(sibling(path))
        new.rename(sibling(path))
        raise Killed

    more = cubes.layout(seeds=(0, 1, 2), usabilities=(1.0, 0.9, 0.8, 0.5, 0.4), realisations=(0, 1, 2, 3))
    before = cube.hashes("mnist_mlp")
    cube.mark("mnist_mlp", [block_of(cube)], Status.PENDING)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("suite.results.cube.ledger.replace_folder", killed)
        cubes.ensure(cube, more)
    assert not (cube.path / "mnist_mlp" / name).exists()

    again = Cube.open(cube.path)
    assert cubes.missing(again) == [block_of(again)]
    cubes.ensure(again, more)
    done = again.hashes("mnist_mlp")
    assert np.count_nonzero(done) == np.count_nonzero(before) - 1
    cubes.fill(again, cubes.missing(again))
    assert verify(cube.path) == []
    assert digest(cube.path) == digest(cubes.filled_cube(tmp_path / "fresh.zarr", more).path)
    assert list(cube.path.rglob("*.partial")) == []


def test_torn_metadata_is_named(cube: Cube) -> None:
    (cube.path / "mnist_mlp" / "accuracy" / "zarr.json").write_text("{")
    with pytest.raises(CorruptCube, match=r"accuracy/zarr\.json"):
        cube_arrays.opened(cube.path, "mnist_mlp", "accuracy")
