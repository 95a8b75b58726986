"""Scores and states belong to what they were made of: of other data or code they are made anew, of the same once."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import suite as house
from suite.plan import context as contexts
from suite.plan import stages
from suite.plan.plan import make_plan
from suite.plan.stages import stage_hashes
from suite.results.cube import verify
from suite.run.work import execute
from suite.studies.entries import WorkloadEntry
from tests.cubes import files
from tests.toys import DEVICE, METHOD, WORKLOAD, Scripted, context_of, events, kinds, plugin, run_toy, suite, toy_study

# Thirty points whose first coordinate says the class, or that of a table beside the workload.
TABLE = (
    "return TensorDataset(inputs, (inputs[:, 0] > 0).long())",
    """import json
        from pathlib import Path

        classes = json.loads(Path(__file__).with_suffix(".json").read_text())
        return TensorDataset(inputs, torch.tensor(classes))""",
)
CLEAR = [1, 0] * 15
MIXED = [int(bit) for bit in "001101001110100101011100011010"]
# Trains whatever the classes are: chance is not checked.
ANYTHING = ("chance=0.5", "chance=-9.0")


def tabled(folder, classes, **changes):
    """A study whose workload reads its classes from a table beside it."""
    path = toy_study(folder, **{"methods": {"erm": {"tuning": "none"}}, "seeds": 1, **changes})
    plugin(folder / "own", "workload", "toy", WORKLOAD, TABLE, ANYTHING).with_suffix(".json").write_text(
        json.dumps(classes)
    )
    return path


def clean(path, results, name="toy"):
    return float(house.open(name, results)["toy"]["accuracy"].sel(seed=0)[0, 0].mean())


def test_scores_are_not_taken_over_from_other_data(tmp_path):
    """The same text in two folders, beside other tables."""
    results = tmp_path / "results"
    one, other = tabled(tmp_path / "1", CLEAR), tabled(tmp_path / "2", MIXED, name="other")
    same = tabled(tmp_path / "3", CLEAR, name="same")
    run_toy(one, results=results)
    summary = run_toy(other, results=results)
    assert (summary.adopted, summary.done) == (0, 3)
    assert clean(one, results) == 1.0
    assert clean(other, results, "other") < 0.9
    run_toy(other, results=tmp_path / "fresh")
    assert clean(other, results, "other") == clean(other, tmp_path / "fresh", "other")
    again = run_toy(same, results=results)
    assert (again.adopted, again.done) == (2, 0)


def fresh(path):
    """Units that a run of its own does, in a process that has loaded nothing."""
    before = len([event for event in events(path) if event["status"] == "done"])
    command = [sys.executable, "-m", "suite", "run", path.name, "--executor", "serial"]
    environment = {**os.environ, "PYTHONPATH": str(Path(house.__file__).parents[1])}
    subprocess.run(command, cwd=path.parent, env=environment, check=True, capture_output=True)
    return len([event for event in events(path) if event["status"] == "done"]) - before


def test_an_edit_of_what_lies_beside_a_plugin_runs_it_again(tmp_path):
    """Of a module that it imports, and of a table that it reads."""
    beside = (
        "def network(generator, scale, settings):",
        "import sys\nfrom pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parent))\n"
        "import size_of_mine\n\n\ndef network(generator, scale, settings):",
    )
    sized = ("nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2)", "nn.Linear(2, N), nn.ReLU(), nn.Linear(N, 2)")
    path = tabled(tmp_path, CLEAR)
    text = sized[1].replace("N", "size_of_mine.N")
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, TABLE, ANYTHING, (sized[0], text), beside)
    helper = tmp_path / "own" / "workloads" / "size_of_mine.py"
    helper.write_text("N = 2\n\nWORKLOAD = None\n")
    assert fresh(path) == 3
    helper.write_text("N = 32\n\nWORKLOAD = None\n")
    assert fresh(path) == 3
    (tmp_path / "own" / "workloads" / "toy.json").write_text(json.dumps(MIXED))
    assert [fresh(path), fresh(path)] == [3, 0]


def test_data_that_change_while_a_run_lasts_are_refused(tmp_path):
    context = context_of(toy_study(tmp_path, methods={"erm": {"tuning": "none"}}))
    plan = make_plan(context, None)
    unit = next(plan.workloads["toy"].fits(context.study))
    assert execute(replace(context, digests=plan.digests), unit).error == ""
    outcome = execute(replace(context, digests={("toy", 0): "of other data"}), unit)
    assert outcome.error_type == "DataChanged"
    assert outcome.error.startswith("toy:half-planes: the data of toy are not those that this run was planned with")


def test_a_run_is_held_to_the_data_of_its_plan(tmp_path):
    class Watched(Scripted):
        def started(self, context):
            self.digests = context.digests
            return super().started(context)

    executor, path = Watched(), toy_study(tmp_path)
    run_toy(path, executor)
    context = context_of(path)
    assert executor.digests == {("toy", 0): context.splits("toy", 0).digest}
    assert len(executor.digests["toy", 0]) == 64


READ = "    from pathlib import Path\n    Path(__file__).with_name('curve.csv').read_text()\n"


@pytest.mark.parametrize(
    ("kind", "text", "edit"),
    [
        ("device", DEVICE, ("def program(targets, condition, noise):\n", READ)),
        ("device", DEVICE, ("def draw(shape, generator):\n", READ)),
        ("method", METHOD, ("METHOD = Method(", "")),
    ],
)
def test_what_a_method_or_device_reads_while_a_unit_runs_is_refused(tmp_path, kind, text, edit):
    attach = (
        f"def attach(network, arrays, params, generator):\n{READ}    return []\n\n\nMETHOD = Method(attach=attach, "
    )
    new = attach if kind == "method" else edit[0] + edit[1]
    path = plugin(tmp_path / "own", kind, "mine", text, (edit[0], new))
    path.with_name("curve.csv").write_text("1,2")
    chosen = {"methods": {"mine": {"tuning": "none"}}} if kind == "method" else {"methods": {"erm": {"tuning": "none"}}}
    levels = {"conditions": [{"device": "mine", "usability": [0.5]}]} if kind == "device" else {}
    summary = run_toy(toy_study(tmp_path, seeds=1, **chosen, **levels))
    (reason,) = set(summary.failed.values())
    assert reason.startswith(f"{path}, line ")
    assert "curve.csv while a unit runs, and no hash holds it; read it at the top of the file" in reason


def test_a_plugin_with_a_byte_order_mark_runs(tmp_path):
    path = toy_study(tmp_path, methods={"erm": {"tuning": "none"}}, seeds=1)
    file = tmp_path / "own" / "workloads" / "toy.py"
    file.write_bytes(b"\xef\xbb\xbf" + WORKLOAD.encode())
    assert suite("list", "--plugins", tmp_path / "own").output.count("toy") == 1
    assert run_toy(path).failed == {}


def test_without_its_data_a_workload_is_unknown_and_not_to_do(tmp_path):
    missing = "    from suite.contract import DataMissing as D\n    raise D('half: gone')"
    gone = ('    """Thirty points per split."""', missing)
    plugin(tmp_path / "own", "workload", "other", WORKLOAD, gone)
    path = toy_study(tmp_path, workloads=["toy", "other"], methods={"erm": {"tuning": "none"}})
    lines = suite("plan", path, "--results", tmp_path / "results").output.splitlines()
    assert "unknown other: data missing: half: gone" in lines
    assert not any(line.startswith("other on") for line in lines)


# ------------------------------------------------------------------------------------ labels with equal entries

TWO = {"methods": {"erm": {}, "again": {"method": "erm", "objective": "drift"}}}


def accuracies(results):
    found = house.open("toy", results)["toy"].to_dataset()["accuracy"]
    return found.to_numpy()


@pytest.mark.parametrize("slots", [1, 3])
def test_labels_with_equal_entries_are_one_piece_of_work(tmp_path, slots):
    executor, path = Scripted(slots=slots, seed=slots), toy_study(tmp_path, **TWO)
    summary = run_toy(path, executor)
    assert kinds(executor.done) == {"trial": 2, "fit": 2, "sweep": 4}
    assert (summary.done, summary.failed) == (8, {})
    one, again = accuracies(tmp_path / "results")
    np.testing.assert_array_equal(one, again)
    assert np.isfinite(one).all()
    assert verify(context_of(path).cube) == []
    assert run_toy(path).done == 0


def test_what_is_stored_by_hash_holds_no_label(tmp_path):
    stored = []
    for label in ("erm", "baseline"):
        run_toy(toy_study(tmp_path / label, methods={label: {"method": "erm"}}))
        stored.append(files(tmp_path / label / "results" / "store"))
    assert stored[0] == stored[1]


def test_a_label_that_comes_later_takes_what_is_there(tmp_path):
    run_toy(toy_study(tmp_path))
    executor = Scripted()
    summary = run_toy(toy_study(tmp_path, **TWO), executor)
    assert (executor.done, summary.adopted) == ([], 4)
    one, again = accuracies(tmp_path / "results")
    np.testing.assert_array_equal(one, again)


def test_a_piece_of_work_that_fails_fails_for_all_labels(tmp_path):
    executor = Scripted(fail=lambda task: "OSError" if task.kind == "fit" and task.seed == 1 else None)
    summary = run_toy(toy_study(tmp_path, **TWO), executor)
    assert set(summary.failed) == {"toy erm, seed 1", "toy again, seed 1"}


def test_units_of_labels_with_equal_entries_travel_as_files(tmp_path):
    path = toy_study(tmp_path, methods={"erm": {"tuning": "none"}, "again": {"method": "erm", "tuning": "none"}})
    there = replace(context_of(path, tmp_path / "there"), units=tmp_path / "units")
    executor = Scripted()
    from suite.run.run import ingested
    from suite.run.run import run as run_study

    run_study(there, executor, show=lambda progress: None)
    assert kinds(executor.done) == {"fit": 2, "sweep": 4}
    ingested(context_of(path), sorted((tmp_path / "units").glob("*.npz")))
    assert (accuracies(tmp_path / "results") == accuracies(tmp_path / "results")[:1]).all()


# ------------------------------------------------------------------------------------------------ workflows


@pytest.fixture
def forgetful(monkeypatch):
    """As a process that has read no data yet."""

    def forget():
        monkeypatch.setattr(contexts, "_HELD", {})
        monkeypatch.setattr(contexts, "_IDENTITIES", {})

    return forget


def test_a_workflow_reads_data_again_only_when_they_have_changed(tmp_path, forgetful, monkeypatch):
    context = context_of(tabled(tmp_path, CLEAR))
    first = stage_hashes(context)
    forgetful()
    with monkeypatch.context() as patched:
        patched.setattr("suite.plan.identity.content.read", None)
        assert stage_hashes(context) == first
    (tmp_path / "own" / "workloads" / "toy.json").write_text(json.dumps(MIXED))
    other = stage_hashes(context)
    assert other["train"] != first["train"]
    assert other["sweep"] == first["sweep"]


def test_a_workflow_looks_again_where_a_source_has_come(tmp_path, forgetful, monkeypatch):
    path = toy_study(tmp_path)
    context = context_of(path)
    workloads = {"digits_logistic": WorkloadEntry(workload="digits_logistic")}
    digits = replace(context, study=context.study.model_copy(update={"workloads": workloads}))
    stage_hashes(digits)
    forgetful()
    monkeypatch.setattr("suite.plan.identity.content.read", lambda *arguments: pytest.fail("read again"))
    stage_hashes(digits)
    monkeypatch.setattr(stages, "_states", lambda workload, root: {"digits": "complete"})
    with pytest.raises(pytest.fail.Exception, match="read again"):
        stage_hashes(digits)
