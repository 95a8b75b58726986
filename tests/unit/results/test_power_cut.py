"""What is said to be on disk is there after a power cut, and never old scores under a new hash."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from suite.results import files, store
from suite.results.cube import Cube, Place, Writer, arrays, expect, write_block, write_observation
from suite.results.cube.journal import RECORD
from suite.results.files import write_bytes
from tests import cubes
from tests.power import Disk

NAME = "mnist_mlp"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path, monkeypatch)


def test_a_file_that_was_written_is_there(tmp_path: Path, disk: Disk) -> None:
    write_bytes(tmp_path / "new" / "file", b"one")
    assert disk.left(tmp_path / "new" / "file") == b"one"
    write_bytes(tmp_path / "new" / "file", b"two")
    assert disk.left(tmp_path / "new" / "file") == b"two"


def test_a_trained_state_that_was_written_is_there(tmp_path: Path, disk: Disk) -> None:
    store.save(tmp_path, "key", {"weight": torch.ones(2)}, {})
    assert disk.left(store.file_of(tmp_path, "key"))
    assert disk.lost() == []


def test_nothing_is_lost_of_a_cube_that_was_made_filled_and_grown(tmp_path: Path, disk: Disk) -> None:
    cube = cubes.filled_cube(tmp_path / "cube.zarr")
    cubes.ensure(cube, cubes.layout(seeds=(0, 1, 2), usabilities=(1.0, 0.9, 0.8, 0.5)))
    cubes.fill(cube, cubes.missing(cube))
    assert disk.lost() == []


def test_an_observation_that_was_written_is_there(tmp_path: Path, disk: Disk) -> None:
    cube = cubes.filled_cube(tmp_path / "cube.zarr")
    place = Place(NAME, "points", "erm", 0, cubes.conditions(1.0)[0], 0)
    expect(cube.path, NAME, {place: "one"})
    for unit_hash in ("one", "two"):
        found = {"points": np.ones((3, 2)), "names": np.array(["a", "b", "c"])}
        write_observation(cube.path, place, found, {"points": ("point", "axis"), "names": ("point",)}, unit_hash)
        assert disk.lost() == []


def test_at_no_moment_of_a_unit_s_writing_are_scores_of_another_hash_left(tmp_path: Path, disk: Disk) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    block = next(cubes.ensure(cube, cubes.layout()).blocks())
    chunks = {
        name: arrays.chunk_file(arrays.opened(cube.path, NAME, name), block.grid)
        for name in (*cubes.MEASURES, arrays.NONFINITE, arrays.UNIT_HASH)
    }
    moments: list[dict[str, bytes | None]] = []
    disk.on_sync = lambda: moments.append({name: disk.left(file) for name, file in chunks.items()})
    whole = []
    for unit_hash in (11, 22):
        scores = {name: np.full(block.shape, unit_hash / 100) for name in cubes.MEASURES}
        write_block(cube.path, NAME, block, scores, np.full(block.shape, unit_hash), unit_hash)
        whole.append({name: file.read_bytes() for name, file in chunks.items()})
        assert moments[-1] == whole[-1]
    of_hash = {unit[arrays.UNIT_HASH]: unit for unit in whole}
    with_hash = [moment for moment in moments if moment[arrays.UNIT_HASH] in of_hash]
    assert len(with_hash) < len(moments)
    for moment in with_hash:
        assert moment == of_hash[moment[arrays.UNIT_HASH]]  # type: ignore[index]


@pytest.mark.parametrize("at_once", [True, False])
def test_of_units_written_together_each_file_has_its_name_after_what_it_must_follow(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """A name may be on disk as soon as it is given: its content must be by then, and scores before their hash."""
    if not at_once:
        monkeypatch.setattr(files, "_syncfs", lambda: None)
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks, writer, replace = list(cubes.ensure(cube, cubes.layout()).blocks()), Writer(cube.path), Path.replace
    stages: dict[Path, list[dict[Path, bytes]]] = {}

    def named(partial: Path, file: Path) -> Path:
        if file in stages:
            assert disk.holds(partial)
            of_unit, content = stages[file], partial.read_bytes()
            done = next(number for number, stage in enumerate(of_unit) if stage.get(file) == content)
            for earlier in of_unit[:done]:
                assert all(disk.left(other) == chunk for other, chunk in earlier.items())
        return replace(partial, file)

    monkeypatch.setattr(Path, "replace", named)
    for unit_hash, some in ((11, blocks[::2]), (22, blocks)):
        with files.Batch() as batch:
            for block in some:
                scores = {name: np.full(block.shape, unit_hash / 100) for name in cubes.MEASURES}
                of_unit = writer.stages(NAME, block, scores, np.full(block.shape, unit_hash), unit_hash)
                assert len(of_unit) == (3 if unit_hash == 22 and block in blocks[::2] else 2)
                stages |= {file: of_unit for stage in of_unit for file in stage}
                batch.add(of_unit)
            batch.commit()
        assert disk.lost() == []


def test_the_journal_is_synced_once_per_second_and_at_the_end(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    cubes.ensure(cube, cubes.layout())
    now = [100.0]
    monkeypatch.setattr("suite.results.cube.ledger.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("suite.results.cube.ledger.Ledger._due", lambda self: False)
    journal, left = cube.path / NAME / "status" / "journal", []
    for block, passed in zip(cubes.missing(cube), (0.0, 0.4, 0.4, 0.4, 0.9, 0.2), strict=False):
        now[0] += passed
        cubes.write(cube.path, block)
        cube.book(NAME, block, cubes.unit_hash(block))
        left.append(len(disk.left(journal) or b"") // RECORD.itemsize)
    assert left == [1, 1, 1, 4, 4, 6]
    cube.settle()
    assert disk.lost() == []
    assert disk.left(journal) is None
