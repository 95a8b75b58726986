"""The run of a study: any order of outcomes, lack of time, failures, and runs that follow."""

from contextlib import contextmanager

import pytest

from suite.results.cube import Cube, Status, arrays, digest
from suite.run.driver import Progress
from suite.run.run import run
from tests.toys import Scripted, context_of, cube_files, events, kinds, run_toy, toy_study

METHODS = {"methods": ["erm", "bayesmulti"], "tuning": {"trials": 4, "random_trials": 1, "batch": 2, "realisations": 1}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("undisturbed"), **METHODS)
    run_toy(path)
    return path


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_outcomes_changes_no_byte_of_the_cube(tmp_path, undisturbed, seed):
    path = toy_study(tmp_path, **METHODS)
    executor = Scripted(slots=3, seed=seed)
    run_toy(path, executor)
    assert kinds(executor.done) == {"trial": 8, "fit": 4, "sweep": 8}
    assert digest(context_of(path).cube) == digest(context_of(undisturbed).cube)
    assert cube_files(path) == cube_files(undisturbed)


def test_orders_do_differ(tmp_path):
    orders = []
    for seed in range(2):
        executor = Scripted(slots=3, seed=seed)
        run_toy(toy_study(tmp_path / str(seed), **METHODS), executor)
        orders.append([task.hash for task in executor.done])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_a_rerun_with_nothing_missing_runs_nothing(tmp_path):
    path = toy_study(tmp_path)
    run_toy(path)
    before, executor = cube_files(path), Scripted()
    summary = run_toy(path, executor)
    assert executor.done == []
    assert (summary.done, summary.failed, summary.out_of_time) == (0, {}, False)
    assert cube_files(path) == before


def test_without_time_nothing_runs_and_a_later_run_does_it_all(tmp_path):
    path, executor = toy_study(tmp_path), Scripted()
    summary = run_toy(path, executor, max_hours=0.0)
    assert executor.done == []
    assert (summary.done, summary.failed, summary.out_of_time) == (0, {}, True)
    assert not run_toy(path, max_hours=1.0).out_of_time
    assert (Cube.open(context_of(path).cube).status("toy") == Status.DONE).all()


def test_workers_that_start_slowly_use_up_no_time(tmp_path, monkeypatch):
    now = 0.0

    class SlowToStart(Scripted):
        @contextmanager
        def started(self, context):
            nonlocal now
            now += 100.0
            with super().started(context):
                yield

    monkeypatch.setattr("suite.run.driver.time.monotonic", lambda: now)
    summary = run_toy(toy_study(tmp_path), SlowToStart(), max_hours=1 / 3600)
    assert summary.done > 0
    assert not summary.out_of_time


@pytest.mark.parametrize("kind", ["fit", "sweep"])
def test_a_unit_that_failed_is_marked_told_and_tried_again(tmp_path, undisturbed, kind):
    path = toy_study(tmp_path, **METHODS)

    def fails(task):
        return (
            "RuntimeError"
            if task.kind == kind and (task.labels["contestant"], task.labels["seed"]) == ("erm", 1)
            else None
        )

    summary = run_toy(path, Scripted(fail=fails))
    assert summary.failed == {"toy erm, seed 1": "RuntimeError made by the test"}
    status = Cube.open(context_of(path).cube).status("toy")
    assert (status[0, 1] == Status.FAILED).all()
    assert (status == Status.DONE).sum() == status.size - 2
    (event, *_) = [event for event in events(path) if event["status"] == "failed"]
    assert (event["kind"], event["contestant"], event["seed"]) == (kind, "erm", 1)
    assert event["error"] == "RuntimeError made by the test"

    again = Scripted()
    assert run_toy(path, again).failed == {}
    assert kinds(again.done) == ({"fit": 1, "sweep": 2} if kind == "fit" else {"sweep": 2})
    assert cube_files(path) == cube_files(undisturbed)


def test_a_unit_whose_hash_is_stale_is_computed_again(tmp_path):
    path = toy_study(tmp_path)
    run_toy(path)
    before, cube = cube_files(path), Cube.open(context_of(path).cube)
    block = next(cube.layout("toy").blocks())
    cube.mark("toy", [block], Status.DONE, [12345])
    executor = Scripted()
    run_toy(path, executor)
    assert [task.block for task in executor.done] == [block]
    assert cube_files(path) == before


def test_stale_units_are_pending_until_they_are_replaced(tmp_path):
    path = toy_study(tmp_path)
    run_toy(path)
    cube = Cube.open(context_of(path).cube)
    cube.mark("toy", [next(cube.layout("toy").blocks())], Status.DONE, [1])
    run_toy(path, Scripted(), max_hours=0.0)
    status = Cube.open(context_of(path).cube).status("toy")
    assert (status == Status.PENDING).sum() == 1
    assert (status == Status.DONE).sum() == status.size - 1


def test_a_lost_state_is_trained_again_only_if_it_is_needed(tmp_path):
    path = toy_study(tmp_path)
    run_toy(path)
    before = cube_files(path)
    for state in (tmp_path / "results" / "store").glob("*.safetensors"):
        state.unlink()
    executor = Scripted()
    run_toy(path, executor)
    assert executor.done == []
    run_toy(toy_study(tmp_path, realisations=3), executor)
    assert kinds(executor.done) == {"fit": 2, "sweep": 2}
    run_toy(path, executor)
    assert {name for name in before if "/c/" in name and "status" not in name} <= set(cube_files(path))


def test_an_interrupted_run_leaves_its_units_in_the_arrays(tmp_path):
    path = toy_study(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_toy(path, Scripted(stop_after=6))
    cube = context_of(path).cube
    (block, *_) = Cube.open(cube).layout("toy").blocks()
    assert (arrays.opened(cube, "toy", "status")[...] == Status.DONE).sum() == 2 * block.shape[0] * block.shape[1]
    assert not list(cube.rglob("journal"))


def test_a_failure_outside_the_units_still_stops_the_executor(tmp_path):
    class Lost(Scripted):
        stopped = False

        def next(self):
            raise RuntimeError("the cluster is gone")

        @contextmanager
        def started(self, context):
            try:
                yield
            finally:
                self.stopped = True

    executor = Lost()
    with pytest.raises(RuntimeError, match="cluster is gone"):
        run_toy(toy_study(tmp_path), executor)
    assert executor.stopped


def test_progress_counts_what_is_known(tmp_path):
    shown = []

    def show(progress: Progress):
        shown.append((progress.done, progress.failed, progress.total, progress.running))

    run(context_of(toy_study(tmp_path)), Scripted(slots=2), show=show)
    assert shown[-1] == (8, 0, 8, 0)
    assert max(running for *_, running in shown) == 2
    assert all(done + failed + running <= total for done, failed, total, running in shown)
