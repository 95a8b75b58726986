"""What many units leave is written together: the same bytes, whatever happens between write, sync and mark."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite.plan.units import SweepUnit, Unit
from suite.results import files
from suite.results.cube import Block, Cube, Status, Writer, arrays
from suite.results.provenance import read_events
from suite.run.driver import NothingCanBeWritten
from suite.run.executors import Outcome
from suite.run.keeping import Scores
from tests import cubes
from tests.power import Disk
from tests.together import Together
from tests.toys import kinds, run_toy, toy_study
from tests.unit.run.test_adapt_units import OBSERVE
from tests.unit.run.test_adapt_units import study as adapted_study

SLOTS, SWEEPS = 10, 16
ENTRIES = {
    f"erm/{name}": {"method": "erm", "tuning": "none", "params": {"weight_decay": rate}}
    for name, rate in (("plain", 0.0), ("decay", 0.001))
}


def kept_files(results: Path) -> dict[str, bytes]:
    """Cube and store, less what a killed process left under no name."""
    found = {part: cubes.files(results / part) for part in ("toy/cube.zarr", "store")}
    return {f"{part}/{name}": found[part][name] for part in found for name in found[part] if "partial" not in name}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose sweeps are missing."""
    path = toy_study(tmp_path_factory.mktemp("trained"), methods=ENTRIES, seeds=4)
    run_toy(path, train_only=True)
    return path


@pytest.fixture(scope="module")
def calm(trained: Path) -> dict[str, bytes]:
    """What an undisturbed serial run leaves."""
    results = trained.parent / "calm"
    shutil.copytree(trained.parent / "results", results)
    assert run_toy(trained, results=results).done == SWEEPS
    return kept_files(results)


def test_every_kind_of_unit_kept_together_leaves_the_same_bytes(tmp_path: Path) -> None:
    path = adapted_study(tmp_path, observe=OBSERVE)
    done: list[Unit] = []

    class Noting(Together):
        def outcome(self, unit: Unit) -> Outcome:
            done.append(unit)
            return super().outcome(unit)

    summary = run_toy(path, Noting(SLOTS), results=tmp_path / "together")
    assert (summary.done, summary.failed) == (13, {})
    assert {*kinds(done)} >= {"fit", "adapt", "sweep", "observe"}
    run_toy(path, results=tmp_path / "serial")
    assert kept_files(tmp_path / "together") == kept_files(tmp_path / "serial")
    assert not list((tmp_path / "together").rglob("*.partial"))


def killed(study: str, results: str, moment: str) -> None:
    """A run that ends by SIGKILL before it syncs for the n-th time what it wrote together (`moment`: n), or before its
    first mark (0)."""
    left = [int(moment)]
    sync_all, book = files.sync_file_system, Cube.book

    def sync(folder: Path) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        sync_all(folder)

    def mark(cube: Cube, workload: str, block: Block, unit_hash: int) -> None:
        if moment == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        book(cube, workload, block, unit_hash)

    files.FEW = 2
    files.sync_file_system = sync
    Cube.book = mark  # type: ignore[method-assign]
    run_toy(Path(study), Together(SLOTS), results=Path(results))


@pytest.mark.skipif(files._syncfs() is None, reason="this system has no sync of a whole file system")
@pytest.mark.parametrize(
    ("moment", "marked", "chunks"),
    [
        ("1", 0, (0, 0)),
        ("2", 0, (SLOTS, 0)),
        ("3", 0, (SLOTS, SLOTS)),
        ("0", 0, (SLOTS, SLOTS)),
        ("4", SLOTS, (SLOTS, SLOTS)),
    ],
)
def test_killed_between_a_write_and_its_sync_and_its_mark(
    trained: Path, calm: dict[str, bytes], tmp_path: Path, moment: str, marked: int, chunks: tuple[int, int]
) -> None:
    """chunks: those of scores and of hashes that have their names by then."""
    results = tmp_path / "results"
    shutil.copytree(trained.parent / "results", results)
    code = f"from tests.unit.run.test_keeping import killed; killed({str(trained)!r}, {str(results)!r}, {moment!r})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    cube = results / "toy" / "cube.zarr"
    named = [len([*(cube / "toy" / name / "c").glob("*/*/*/*[0-9]")]) for name in ("accuracy", arrays.UNIT_HASH)]
    assert (*named,) == chunks
    assert (Cube.open(cube).status("toy") == Status.DONE).sum() == marked
    summary = run_toy(trained, results=results)
    assert (summary.done, summary.failed) == (SWEEPS - marked, {})
    assert kept_files(results) == calm
    told = [(event["kind"], event["status"]) for event in read_events(results / "toy" / "events.jsonl")]
    assert told.count(("sweep", "done")) == SWEEPS


def test_a_unit_is_marked_once_all_that_it_leaves_is_on_disk(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    shutil.copytree(trained.parent / "results", results)
    disk, book, checked = Disk(results, monkeypatch), Cube.book, []

    def mark(cube: Cube, workload: str, block: Block, unit_hash: int) -> None:
        for name in ("accuracy", arrays.NONFINITE, arrays.UNIT_HASH):
            file = arrays.chunk_file(arrays.opened(cube.path, workload, name), block.grid)
            assert disk.left(file) == file.read_bytes()
            checked.append(file)
        book(cube, workload, block, unit_hash)

    monkeypatch.setattr(Cube, "book", mark)
    assert run_toy(trained, Together(SLOTS), results=results).done == SWEEPS
    assert len({*checked}) == 3 * SWEEPS


def test_a_unit_that_cannot_be_kept_takes_no_other_one_along(trained: Path, tmp_path: Path) -> None:
    class Spoiling(Together):
        def outcome(self, unit: Unit) -> Outcome:
            outcome = super().outcome(unit)
            if not isinstance(unit, SweepUnit) or unit is not self._running[1]:
                return outcome
            (product,) = outcome.products
            assert isinstance(product, Scores)
            spoilt = {name: np.full_like(values, np.nan) for name, values in product.scores.items()}
            return replace(outcome, products=(replace(product, scores=spoilt),))

    results = tmp_path / "results"
    shutil.copytree(trained.parent / "results", results)
    summary = run_toy(trained, Spoiling(SLOTS), results=results)
    status = Cube.open(results / "toy" / "cube.zarr").status("toy")
    assert (status == Status.FAILED).sum() == 2 == SWEEPS - summary.done
    assert all("without NaN" in reason for reason in summary.failed.values())


@pytest.mark.parametrize("sync", ["sync", "sync_names", "sync_file_system"])
def test_a_disk_that_refuses_a_sync_ends_the_run_and_marks_nothing(
    trained: Path, calm: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: str
) -> None:
    results = tmp_path / "results"
    shutil.copytree(trained.parent / "results", results)

    def refused(path: Path) -> None:
        raise OSError(errno.EIO, "refused", str(path))

    class Refused(Together):
        def outcome(self, unit: Unit) -> Outcome:
            patch.setattr(files, sync, refused)
            return super().outcome(unit)

    with monkeypatch.context() as patch:
        if sync != "sync_file_system":
            patch.setattr(files, "_syncfs", lambda: None)
        with pytest.raises(NothingCanBeWritten, match=r"toy.*refused.*free space"):
            run_toy(trained, Refused(SLOTS), results=results)
    assert (Cube.open(results / "toy" / "cube.zarr").status("toy") == Status.PENDING).all()
    assert not list(results.rglob("*.partial"))
    run_toy(trained, results=results)
    assert kept_files(results) == calm


def test_a_writer_follows_its_cube_as_it_grows(tmp_path: Path) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    cubes.ensure(cube, cubes.layout())
    writer = Writer(cube.path)
    for wanted in (cubes.layout(), cubes.layout(seeds=(0, 1, 2), realisations=range(6))):
        cubes.ensure(cube, wanted)
        for block in (missing := cubes.missing(cube)):
            unit = cubes.scores(block), np.zeros(block.shape, int), cubes.unit_hash(block)
            files.write_files(*writer.stages("mnist_mlp", block, *unit))
        cube.mark("mnist_mlp", missing, Status.DONE, [cubes.unit_hash(block) for block in missing])
    grown = Cube.create_or_open(tmp_path / "other.zarr", "quick", 3)
    cubes.ensure(grown, cubes.layout())
    cubes.fill(grown, cubes.missing(grown))
    cubes.ensure(grown, cubes.layout(seeds=(0, 1, 2), realisations=range(6)))
    cubes.fill(grown, cubes.missing(grown))
    assert cubes.files(cube.path) == cubes.files(grown.path)
