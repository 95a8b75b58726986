"""A unit that is written anew while others read it: at no moment does anyone get scores of one hash under another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from suite.contract import Score
from suite.results.cube import (
    CorruptCube,
    Cube,
    Place,
    Status,
    Writer,
    adopt,
    arrays,
    expect,
    read_scores,
    write_block,
    write_observation,
)
from suite.results.cube.chunks import Chunks
from suite.results.cube.observations import read_observation
from suite.results.files import write_bytes
from tests import cubes

NAME = "mnist_mlp"
LAYOUT = cubes.layout(contestants=("erm",), seeds=(0,), usabilities=(1.0,), realisations=(0,), chunk=(1, 1))
(BLOCK,) = LAYOUT.blocks()
OLD, NEW = 11, 22
# At most: the score, the counts of non-finite samples and the hash.
READS = 3
Steps = Sequence[Callable[[], None]]
Found = TypeVar("Found")


@pytest.fixture
def cube(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cube:
    """One unit, done under OLD."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    made = made_cube(tmp_path / "cube.zarr")
    write_block(made.path, NAME, BLOCK, *content(OLD))
    made.mark(NAME, [BLOCK], Status.DONE, [OLD])
    return made


def made_cube(path: Path) -> Cube:
    made = Cube.create_or_open(path, "quick", 3)
    made.ensure(NAME, LAYOUT, {"accuracy": Score("Accuracy", 0.1)}, cubes.SOURCE, "MNIST")
    return made


def content(unit_hash: int) -> tuple[dict[str, np.ndarray], np.ndarray, int]:
    return {"accuracy": np.array([[float(unit_hash)]])}, np.array([[unit_hash]]), unit_hash


def accuracy(cube: Cube) -> float:
    return read_scores(cube.path, NAME, LAYOUT)["accuracy"].item()


def steps(cube: Cube, unit_hash: int) -> Steps:
    """What the writer of a unit does, chunk by chunk."""
    stages = Writer(cube.path).stages(NAME, BLOCK, *content(unit_hash))
    return [partial(write_bytes, file, chunk) for stage in stages for file, chunk in stage.items()]


def read_while_rewritten(cube: Cube, read: Callable[[], Found]) -> Iterator[Found]:
    """What `read` gives with the writer's steps before, between and after its own, in every way there is."""
    restoring, writing = steps(cube, OLD), steps(cube, NEW)
    for moments in combinations_with_replacement(range(READS + 1), len(writing)):
        for step in restoring:
            step()
        yield interleaved(read, [*zip(moments, writing, strict=True)])


def interleaved(read: Callable[[], Found], left: list[tuple[int, Callable[[], None]]]) -> Found:
    """What `read` gives when each step comes after so many of the chunks that it reads."""
    plain, done = Chunks.at, 0

    def at(self: Chunks, grid: Sequence[int]) -> np.ndarray:
        nonlocal done
        while left and left[0][0] <= done:
            left.pop(0)[1]()
        done += 1
        return plain(self, grid)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chunks, "at", at)
        return read()


def test_a_writer_takes_the_hash_away_first_and_gives_the_new_one_last(cube: Cube) -> None:
    seen = []
    for step in [lambda: None, *steps(cube, NEW)]:
        step()
        names = (arrays.UNIT_HASH, "accuracy", arrays.NONFINITE)
        seen.append([float(arrays.opened(cube.path, NAME, name)[0, 0, 0, 0]) for name in names])
    assert seen == [
        [OLD, OLD, OLD],
        [0, OLD, OLD],
        [0, NEW, OLD],
        [0, NEW, NEW],
        [NEW, NEW, NEW],
    ]


def test_a_unit_that_is_being_rewritten_is_never_adopted(cube: Cube, tmp_path: Path) -> None:
    mine, adopted = made_cube(tmp_path / "mine.zarr"), []
    for number in read_while_rewritten(cube, lambda: adopt(mine, NAME, {BLOCK: OLD}, [cube.path])):
        adopted.append(number)
        if number:
            assert (mine.hashes(NAME).item(), accuracy(mine)) == (OLD, OLD)
            mine.mark(NAME, [BLOCK], Status.PENDING)
    assert {*adopted} == {0, 1}


def test_a_unit_that_is_being_rewritten_is_read_as_it_was_or_not_at_all(cube: Cube) -> None:
    found = np.array([*read_while_rewritten(cube, lambda: accuracy(cube))])
    assert {*found[~np.isnan(found)]} == {OLD}
    assert np.isnan(found).any()


def test_an_observation_that_is_rewritten_is_never_read_in_part(cube: Cube, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(NAME, "points", "erm", 0, BLOCK.conditions[0], 0)
    expect(cube.path, NAME, {place: "old"})

    def write(unit_hash: str, value: float) -> None:
        found = dict.fromkeys(("first", "second"), np.array([value]))
        write_observation(cube.path, place, found, dict.fromkeys(found, ("point",)), unit_hash)

    write("old", 1.0)
    read = arrays.read
    monkeypatch.setattr(arrays, "read", lambda *asked: (write("new", 2.0), read(*asked))[1])
    with pytest.raises(CorruptCube, match="written anew meanwhile"):
        read_observation(cube.path, place, "old")
    assert read_observation(cube.path, place, "new")["first"][1] == 2.0


def test_a_unit_whose_ledger_gives_another_hash_than_its_chunk_is_neither_adopted_nor_read(
    cube: Cube, tmp_path: Path
) -> None:
    cube.mark(NAME, [BLOCK], Status.DONE, [NEW])
    assert adopt(made_cube(tmp_path / "mine.zarr"), NAME, {BLOCK: NEW}, [cube.path]) == 0
    assert np.isnan(accuracy(cube))
