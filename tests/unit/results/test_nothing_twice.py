"""What one study has done, another does not do again: states by the store, scores from cube to cube."""

import shutil

import numpy as np
import pytest
import yaml

import suite as house
from suite.results.cube import Cube, Status, digest, verify
from tests.toys import Scripted, context_of, kinds, run_toy, suite, toy_study

METHODS = {"methods": ["erm", "bayesmulti"], "tuning": {"trials": 2, "random_trials": 1, "batch": 2, "realisations": 1}}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    path = toy_study(tmp_path_factory.mktemp("first"), **METHODS)
    run_toy(path)
    return path


@pytest.fixture
def study(first, tmp_path):
    """A copy of a folder in which the study `toy` was run."""
    folder = shutil.copytree(first.parent, tmp_path / "copy")
    return folder / first.name


def other(study, **changes):
    """A second study file beside the first, with the same results folder."""
    content = yaml.safe_load(study.read_text()) | {"name": "other", **changes}
    path = study.with_name("other.yaml")
    path.write_text(yaml.safe_dump(content))
    return path


def values(study, name):
    return house.open(name, study.parent / "results")["toy"].to_dataset()["accuracy"]


def test_a_study_that_asks_the_same_runs_nothing(study):
    second, executor = other(study), Scripted()
    summary = run_toy(second, executor)
    assert executor.done == []
    # two methods, two seeds, two blocks
    assert (summary.done, summary.adopted, summary.failed) == (0, 8, {})
    np.testing.assert_array_equal(values(study, "other"), values(study, "toy"))
    assert verify(context_of(second).cube) == []


def test_it_is_the_cube_that_a_run_of_its_own_would_have_made(study, tmp_path):
    second = other(study)
    run_toy(second)
    run_toy(second, results=tmp_path / "elsewhere")
    assert digest(context_of(second).cube) == digest(tmp_path / "elsewhere" / "other" / "cube.zarr")


def test_only_what_is_new_is_run(study):
    more = {"seeds": 3, "methods": {"erm": {}, "plain": {"method": "erm", "tuning": "none"}}}
    second, executor = other(study, conditions=[{"usability": [1.0, 0.5, 0.7]}], **more), Scripted()
    summary = run_toy(second, executor)
    # ERM: one more training with four blocks, and 0.7 alone with the old seeds; `plain`: three trainings.
    assert kinds(executor.done) == {"fit": 1 + 3, "sweep": 4 + 4 + 12}
    assert summary.adopted == 4
    shared = values(study, "other").sel(contestant="erm")
    assert not np.isnan(shared).any()


def test_two_labels_of_one_method_take_the_same_scores(study):
    second, executor = other(study, methods={"erm": {}, "again": {"method": "erm"}}), Scripted()
    assert run_toy(second, executor).adopted == 8
    assert executor.done == []
    both = values(study, "other")
    np.testing.assert_array_equal(both.sel(contestant="erm"), both.sel(contestant="again"))


def test_other_code_or_data_is_not_taken(study):
    second, executor = other(study, entropy=5), Scripted()
    assert run_toy(second, executor).adopted == 0
    assert kinds(executor.done) == {"trial": 4, "fit": 4, "sweep": 8}


def test_a_torn_chunk_is_computed_and_not_taken(study):
    cube = context_of(study).cube
    chunk = next(path for path in sorted((cube / "toy" / "accuracy" / "c").rglob("*")) if path.is_file())
    chunk.write_bytes(chunk.read_bytes()[:-3])
    second, executor = other(study), Scripted()
    assert run_toy(second, executor).adopted == 7
    assert kinds(executor.done) == {"sweep": 1}


def test_what_is_pending_elsewhere_is_computed(study):
    theirs = Cube.open(context_of(study).cube)
    blocks = list(theirs.layout("toy").blocks())
    theirs.mark("toy", blocks[:3], Status.PENDING)
    executor = Scripted()
    assert run_toy(other(study), executor).adopted == 5
    assert kinds(executor.done) == {"sweep": 3}


def test_scores_under_an_old_hash_give_way_to_those_of_another_study(study):
    second = other(study)
    run_toy(second)
    mine = Cube.open(context_of(second).cube)
    block = next(mine.layout("toy").blocks())
    mine.mark("toy", [block], Status.DONE, [77])
    executor = Scripted()
    assert run_toy(second, executor).adopted == 1
    assert executor.done == []
    assert verify(context_of(second).cube) == []


def test_the_user_is_told(study):
    done = suite("run", other(study), "--results", study.parent / "results", "--executor", "serial")
    assert done.exit_code == 0, done.output
    assert "8 units were done before" in done.output


def test_candidates_of_one_workload_are_tried_at_the_same_time(tmp_path):
    """Two methods with two candidates in a batch each: four trials are in flight before any has ended."""

    class Watched(Scripted):
        most = 0

        def next(self):
            trials = [task for task in self._waiting if task.kind == "trial"]
            self.most = max(self.most, len(trials))
            return super().next()

    executor = Watched(slots=8)
    tuning = {"trials": 2, "random_trials": 2, "batch": 2, "realisations": 1}
    run_toy(toy_study(tmp_path, **{**METHODS, "tuning": tuning}), executor)
    assert executor.most == 4
