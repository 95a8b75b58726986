"""Units booked one by one: readers see them at once, a kill loses none, and the arrays take them in."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from suite.results.cube import Cube, Status, digest, open_tree, verify
from suite.results.cube import arrays as cube_arrays
from suite.results.cube.journal import RECORD, Journal
from suite.results.files import ResultsNotWritable
from tests import cubes

NAME = "mnist_mlp"


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    made = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    cubes.ensure(made, cubes.layout())
    return made


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrays take nothing in but by `settle`."""
    monkeypatch.setattr("suite.results.cube.ledger.Ledger._due", lambda self: False)


def book(cube: Cube, number: int) -> None:
    for block in cubes.missing(cube)[:number]:
        cubes.write(cube.path, block)
        cube.book(NAME, block, cubes.unit_hash(block))


def journal(cube: Cube) -> Path:
    return cube.path / NAME / "status" / "journal"


def stored(cube: Cube) -> np.ndarray:
    return np.asarray(cube_arrays.opened(cube.path, NAME, "status")[...])


def test_every_reader_sees_what_is_only_in_the_journal(cube: Cube, late: None) -> None:
    book(cube, 3)
    assert (stored(cube) != Status.DONE).all()
    for reader in (cube, Cube.open(cube.path)):
        assert (reader.status(NAME) == Status.DONE).sum() == 3
        assert len(cubes.missing(reader)) == 13
    seen = open_tree(cube.path)[NAME].accuracy.notnull().sum()
    assert verify(cube.path) == []
    before = digest(cube.path)
    cube.settle()
    assert not journal(cube).exists()
    assert (stored(cube) == Status.DONE).sum() == seen == open_tree(cube.path)[NAME].accuracy.notnull().sum()
    assert digest(cube.path) == before


def test_booked_one_by_one_is_marked_at_once_byte_for_byte(cube: Cube, tmp_path: Path) -> None:
    book(cube, 16)
    cube.settle()
    assert cubes.files(cube.path) == cubes.files(cubes.filled_cube(tmp_path / "other.zarr").path)


def test_the_first_unit_reaches_the_arrays_at_once(cube: Cube) -> None:
    book(cube, 1)
    assert not journal(cube).exists()
    assert (stored(cube) == Status.DONE).any()


def test_the_larger_the_cube_the_rarer_its_arrays_are_written(cube: Cube, monkeypatch: pytest.MonkeyPatch) -> None:
    now, writes = [0.0], []
    monkeypatch.setattr("suite.results.cube.ledger.time", SimpleNamespace(monotonic=lambda: now[0]))

    def slow(*arguments: object) -> None:
        writes.append(now[0])
        now[0] += 0.5

    monkeypatch.setattr("suite.results.cube.ledger._store", slow)
    for block in cubes.missing(cube):
        now[0] += 20.0
        cube.book(NAME, block, 1)
    # Two arrays of half a second each, then a hundred times as long without.
    assert writes[::2] == [20.0, 121.0, 222.0, 323.0]


def test_a_run_that_was_killed_goes_on_from_the_journal(cube: Cube, late: None) -> None:
    book(cube, 5)
    again = Cube.open(cube.path)
    wanted = cubes.layout(seeds=(0, 1, 2), usabilities=(1.0, 0.9, 0.8, 0.5, 0.4))
    before = set(cubes.layout().blocks()) - set(cubes.missing(again))
    grown = cubes.ensure(again, wanted)
    assert not journal(cube).exists()
    done = {block.grid for block in grown.blocks()} - {block.grid for block in cubes.missing(again)}
    assert done == {block.grid for block in before}
    assert len(done) == 5


@pytest.mark.parametrize("torn", [1, RECORD.itemsize - 1])
def test_a_torn_record_is_no_unit_and_harms_no_later_one(cube: Cube, late: None, torn: int) -> None:
    book(cube, 2)
    content = journal(cube).read_bytes()
    journal(cube).write_bytes(content + content[:torn])
    again = Cube.open(cube.path)
    assert len(cubes.missing(again)) == 14
    book(again, 2)
    assert len(journal(cube).read_bytes()) == 4 * RECORD.itemsize
    assert len(cubes.missing(Cube.open(cube.path))) == 12
    assert verify(cube.path) == []


def test_records_that_cannot_be_are_passed_over(cube: Cube, late: None) -> None:
    book(cube, 1)
    kept = Journal(journal(cube).parent)
    kept.append((9, 0, 0, 0), 7)
    kept.append((0, 0, 0, 0), 0)
    assert len(cubes.missing(Cube.open(cube.path))) == 15


def test_a_later_mark_outdoes_the_journal(cube: Cube, late: None) -> None:
    book(cube, 2)
    first = next(cube.layout(NAME).blocks())
    cube.mark(NAME, [first], Status.FAILED)
    for reader in (cube, Cube.open(cube.path)):
        assert reader.status(NAME)[first.grid] == Status.FAILED
        assert reader.hashes(NAME)[first.grid] == 0
        assert len(cubes.missing(reader)) == 15


def test_a_write_cut_short_before_the_journal_is_cleared_says_the_same(
    cube: Cube, late: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(cube, 4)
    before = digest(cube.path)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Journal, "clear", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
        cube.settle()
    assert journal(cube).exists()
    again = Cube.open(cube.path)
    assert digest(cube.path) == before
    assert len(cubes.missing(again)) == 12
    cubes.ensure(again, cubes.layout())
    assert not journal(cube).exists()
    assert digest(cube.path) == before


def test_a_torn_ledger_is_rebuilt_with_what_was_booked(cube: Cube, late: None) -> None:
    book(cube, 4)
    before = digest(cube.path)
    file = next(file for file in (cube.path / NAME / "status" / "c").rglob("*") if file.is_file())
    file.write_bytes(b"")
    (finding,) = verify(cube.path)
    assert "status" in str(finding)
    assert digest(cube.path) == before
    assert len(cubes.missing(Cube.open(cube.path))) == 12


def test_a_full_disk_leaves_the_unit_undone(cube: Cube, late: None, monkeypatch: pytest.MonkeyPatch) -> None:
    book(cube, 1)
    with monkeypatch.context() as patched:
        cubes.refuse_writes(patched, errno.ENOSPC)
        with pytest.raises(ResultsNotWritable, match=r"journal.*refused.*free space"):
            cube.book(NAME, cubes.missing(cube)[0], 5)
    for reader in (cube, Cube.open(cube.path)):
        assert len(cubes.missing(reader)) == 15


def test_zarr_itself_does_not_see_the_journal(cube: Cube, late: None, recwarn: pytest.WarningsRecorder) -> None:
    import zarr

    book(cube, 1)
    group = zarr.open_group(cube.path, mode="r", use_consolidated=False)[NAME]
    assert {name for name, _ in group.members()} >= {"status", "done_hash", "accuracy"}
    assert not recwarn.list
