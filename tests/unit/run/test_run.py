"""Results folders that are held, foreign, full or read-only: told with the path and the fix, and nothing is lost."""

import errno
import os
import signal
import socket
import threading
from pathlib import Path

import pytest
import torch

from suite.contract import SuiteError
from suite.results.cube import Cube, ForeignCube, ForeignSource, Status
from suite.results.files import ResultsNotWritable
from suite.run.driver import NothingCanBeWritten
from suite.run.run import StudyBusy, locked
from tests.toys import (
    WORKLOAD,
    Scripted,
    context_of,
    cube_files,
    events,
    kinds,
    plugin,
    refused,
    run_toy,
    suite,
    toy_study,
)

FULL = [(errno.EROFS, "Read-only file system"), (errno.ENOSPC, "No space left on device")]


def refuse(patch, code, below=""):
    """From now on the file system refuses to make or open for writing what has `below` in its path."""

    def refusing(original, writes):
        def wrapped(path, *rest, **more):
            new = not os.path.isdir(path)
            if new and below in str(path) and writes(*rest, **more):
                raise OSError(code, os.strerror(code), str(path))
            return original(path, *rest, **more)

        return wrapped

    def to_write(mode="r", *rest, **more):
        return any(letter in mode for letter in "wax+")

    def flags_write(flags, *rest, **more):
        return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    patch.setattr(Path, "open", refusing(Path.open, to_write))
    patch.setattr(os, "mkdir", refusing(os.mkdir, lambda *rest, **more: True))
    patch.setattr(os, "open", refusing(os.open, flags_write))


class Filling(Scripted):
    """The disk fills up, below `below`, once `after` tasks are done."""

    def __init__(self, patch: pytest.MonkeyPatch, code: int, after: int, below: str):
        super().__init__()
        self._patch, self._code, self._after, self._below = patch, code, after, below

    def next(self):
        if len(self.done) == self._after:
            refuse(self._patch, self._code, self._below)
        return super().next()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("undisturbed"))
    run_toy(path)
    return path


@pytest.mark.parametrize(("code", "cause"), FULL)
@pytest.mark.parametrize("before", [False, True], ids=["no folder yet", "a folder"])
def test_a_folder_that_refuses_from_the_start_is_told(tmp_path, monkeypatch, code, cause, before):
    path, results = toy_study(tmp_path), tmp_path / "results"
    if before:
        run_toy(path, max_hours=0.0)
    with monkeypatch.context() as patch:
        refuse(patch, code, str(results))
        message = refused("run", path, "--results", results, "--executor", "serial")
    assert f"{results / 'toy'}: cannot write results ({cause}); free space there or make it writable" in message
    assert run_toy(path).done == 8


@pytest.mark.parametrize(("code", "cause"), FULL)
@pytest.mark.parametrize(
    ("below", "after"),
    # Two trials, two fits, four sweeps: each place is written at its own time.
    [
        ("store", 0),
        ("store", 1),
        ("store", 2),
        ("store", 3),
        ("cube.zarr", 4),
        ("cube.zarr", 6),
        ("events.jsonl", 0),
        ("events.jsonl", 3),
        ("events.jsonl", 5),
    ],
)
def test_a_disk_that_fills_up_ends_the_run_and_loses_nothing(
    tmp_path, monkeypatch, undisturbed, code, cause, below, after
):
    path = toy_study(tmp_path)
    with monkeypatch.context() as patch, pytest.raises((ResultsNotWritable, NothingCanBeWritten)) as caught:
        first = Filling(patch, code, after, below)
        run_toy(path, first)
    assert str(tmp_path / "results") in str(caught.value)
    assert f"cannot write results ({cause})" in str(caught.value)
    assert "give the same command again" in str(caught.value)

    second = Scripted()
    assert run_toy(path, second).failed == {}
    assert not [task for task in second.done if task in first.done[:after]]
    assert len(second.done) <= 8 - after
    assert cube_files(path) == cube_files(undisturbed)


def test_the_reason_of_a_full_disk_is_in_the_event_log(tmp_path, monkeypatch):
    path = toy_study(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(NothingCanBeWritten):
        run_toy(path, Filling(patch, errno.ENOSPC, 2, "store"))
    (event,) = [event for event in events(path) if event["status"] == "failed"]
    assert "cannot write results (No space left on device)" in event["error"]


def test_a_cube_of_another_entropy_is_not_touched(tmp_path):
    run_toy(toy_study(tmp_path))
    path = toy_study(tmp_path, entropy=5)
    before = cube_files(path)
    message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial")
    assert f"{tmp_path / 'results/toy/cube.zarr'}: this cube belongs to study 'toy', entropy 20241202779" in message
    assert "not to study 'toy', entropy 5" in message
    assert "choose another `name` in the study file, or delete the folder" in message
    assert cube_files(path) == before


def test_a_cube_of_another_study_is_not_touched(tmp_path):
    run_toy(toy_study(tmp_path, name="other"))
    (tmp_path / "results" / "other").rename(tmp_path / "results" / "toy")
    with pytest.raises(ForeignCube, match="belongs to study 'other'"):
        run_toy(toy_study(tmp_path))


def test_real_data_and_standins_are_never_mixed(tmp_path):
    run_toy(toy_study(tmp_path / "one"), results=tmp_path / "results")
    path = toy_study(tmp_path / "two", standins="allow")
    plugin(tmp_path / "two" / "own", "workload", "toy", WORKLOAD, ("toy:half-planes", "synthetic:half-planes"))
    with pytest.raises(ForeignSource, match="holds scores on 'toy:half-planes', this run has 'synthetic:half-planes'"):
        run_toy(path, results=tmp_path / "results")


def test_a_second_run_is_refused_and_told_who_holds_the_study(tmp_path):
    path = toy_study(tmp_path)
    with locked(context_of(path)):
        message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial")
        with pytest.raises(StudyBusy):
            run_toy(path)
    held = (
        f"{tmp_path / 'results/toy'}: held by process {os.getpid()} on {socket.gethostname()}; wait for it (`--wait`)"
    )
    assert held in message
    assert run_toy(path).done == 8


def test_the_job_that_holds_a_study_is_named(tmp_path, monkeypatch):
    path = toy_study(tmp_path)
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    with locked(context_of(path)):
        assert f"on {socket.gethostname()} (Slurm job 4711); wait" in refused(
            "run", path, "--results", tmp_path / "results", "--executor", "serial"
        )


def test_a_second_run_may_wait(tmp_path):
    path, done = toy_study(tmp_path), []
    with locked(context_of(path)):
        waiting = threading.Thread(target=lambda: done.append(run_toy(path, Scripted(), wait=True).done))
        waiting.start()
        waiting.join(0.2)
        assert done == []
    waiting.join()
    assert done == [8]


def test_the_study_is_free_again_after_an_interruption(tmp_path):
    path = toy_study(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_toy(path, Scripted(stop_after=3))
    executor = Scripted()
    run_toy(path, executor)
    assert len(executor.done) == 5


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (("toy:half", "synthetic:half"), "only a stand-in (synthetic:half-planes) is at hand and the study forbids"),
        (
            ('floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    needs=('no_such_package',),"),
            "needs no_such_package: pip install no_such",
        ),
        (
            ('floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    methods=('bayesmulti',),"),
            "none of the study's methods applies",
        ),
    ],
)
def test_where_nothing_can_run_the_reasons_are_told(tmp_path, edit, reason):
    path = toy_study(tmp_path)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, edit)
    with pytest.raises(SuiteError, match=r"toy\.yaml: field workloads: nothing can run here: toy: ") as caught:
        run_toy(path)
    assert reason in str(caught.value)


def test_workloads_that_cannot_run_do_not_stop_the_others(tmp_path):
    plugin(tmp_path / "own", "workload", "absent", WORKLOAD, ("toy:half-planes", "synthetic:half-planes"))
    path = toy_study(tmp_path, workloads=["absent", "toy"])
    executor = Scripted()
    assert run_toy(path, executor).failed == {}
    assert kinds(executor.done) == {"trial": 2, "fit": 2, "sweep": 4}
    assert Cube.open(context_of(path).cube).workloads == ["toy"]
    assert (Cube.open(context_of(path).cube).status("toy") == Status.DONE).all()


def test_cuda_without_cuda_is_refused_before_anything_runs(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    message = refused(
        "run", toy_study(tmp_path), "--executor", "serial", "--device", "cuda", "--results", tmp_path / "r"
    )
    assert "torch sees no CUDA device" in message


def test_an_unknown_figure_is_refused_before_anything_runs(tmp_path):
    study = toy_study(tmp_path, figures=["fig2b_"])
    message = refused("run", study, "--executor", "serial", "--results", tmp_path / "results")
    assert "field figures: unknown figure 'fig2b_'" in message


def test_verify_and_ingest_wait_for_nobody_who_holds_the_study(tmp_path):
    study, results = toy_study(tmp_path), tmp_path / "results"
    run_toy(study)
    with locked(context_of(study)):
        for words in (("verify", study), ("ingest", study, tmp_path / "unit.npz")):
            assert "held by process" in refused(*words, "--results", results)


def test_a_study_may_have_no_crossbar_called_weights(tmp_path):
    levels = [{"usability": [1.0, 0.5], "crossbar": "all"}]
    study = toy_study(tmp_path, crossbars={"all": {"cells": "all_parameters"}}, conditions=levels)
    assert not run_toy(study).failed


def test_an_interrupted_run_says_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr("suite.run.executors.serial.SerialExecutor", lambda: Scripted(stop_after=1))
    result = suite("run", toy_study(tmp_path), "--executor", "serial", "--results", tmp_path / "results")
    assert result.exit_code == 1
    assert "interrupted; what is done is kept, and the same command goes on" in result.output


class Told(Scripted):
    """Told to end by a scheduler, while it waits for a unit."""

    def next(self):
        os.kill(os.getpid(), signal.SIGTERM)
        return super().next()


def test_sigterm_ends_a_run_as_ctrl_c_does(tmp_path, monkeypatch):
    monkeypatch.setattr("suite.run.executors.serial.SerialExecutor", Told)
    before = signal.getsignal(signal.SIGTERM)
    result = suite("run", toy_study(tmp_path), "--executor", "serial", "--results", tmp_path / "results")
    assert result.exit_code == 1
    assert "interrupted; what is done is kept, and the same command goes on" in result.output
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_next_step_keeps_the_results_folder(tmp_path):
    study, results = toy_study(tmp_path), tmp_path / "results"
    trained = suite("run", study, "--executor", "serial", "--stage", "train", "--results", results).output
    assert f"next: suite run {study} --results {results}" in trained
    done = suite("run", study, "--executor", "serial", "--results", results).output
    assert f"next: suite report {study} --results {results} --figures" in done
