"""Ray: the same bytes as serial whatever the workers, their losses and their neighbours."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.results.cube import digest
from suite.results.provenance import read_events
from suite.run.executors import Executor, Outcome
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from suite.studies.study import load_study
from tests.cluster.killing import files
from tests.toys import run_toy
from tests.unit.run.test_adapt_units import OBSERVE
from tests.unit.run.test_adapt_units import study as adapted_study

ray = pytest.importorskip("ray")

from ray.cluster_utils import Cluster  # noqa: E402

from suite.run.executors.ray import RayExecutor  # noqa: E402

pytestmark = pytest.mark.cluster

STUDY = """
name: tiny
scale: ci
workloads: [mnist_mlp]
methods: [erm, bayesmulti]
seeds: 3
realisations: 2
conditions: [{usability: [1.0, 0.6]}]
tuning: {trials: 2, random_trials: 1, realisations: 2}
"""

UNITS = 4 + 6 + 6  # trials, trainings, sweeps


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "tiny.yaml"
    path.write_text(STUDY)
    return path


def done(study: Path, results: Path, executor: Executor) -> dict[str, bytes]:
    """The bytes of every file of the cube and of the store after a run."""
    summary, _ = run(Context(load_study(study), results), executor, show=lambda progress: None)
    assert not summary.failed
    folders = (results / "tiny" / "cube.zarr", results / "store")
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(results)): path.read_bytes() for path in files if "partial" not in path.name}


@pytest.fixture(scope="module")
def serial(study: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return done(study, tmp_path_factory.mktemp("serial"), SerialExecutor())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes on this machine; the second is there to be lost."""
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    found.other = found.add_node(num_cpus=2)
    yield found
    ray.shutdown()
    found.shutdown()


class LosesAWorker(RayExecutor):
    """Kills the worker of the first unit it hands out."""

    lost: Unit | None = None

    def _assign(self) -> None:
        super()._assign()
        if self.lost is None and self._running:
            job, actor = next(iter(self._running.values()))
            self.lost = job.unit
            ray.kill(actor)


class LosesIdleWorkers(RayExecutor):
    """Kills all workers, once all are there, while they have nothing to do, as the loss of their node would."""

    lost = 0

    def _assign(self) -> None:
        if not self.lost and len(self._idle) < 3:
            return
        if not self.lost:
            self.lost = len(self._idle)
            for actor in self._idle:
                ray.kill(actor)
        super()._assign()


class LosesANode(RayExecutor):
    """Takes a node away, ungracefully, while units run on it."""

    def __init__(self, cluster: Any, **options: Any) -> None:
        super().__init__(**options)
        self.cluster, self.collected = cluster, 0

    def next(self) -> tuple[Unit, Outcome]:
        self.collected += 1
        if self.collected == 3:
            self.cluster.remove_node(self.cluster.other, allow_graceful=False)
        return super().next()


class WithoutSharedDisk(RayExecutor):
    """Its workers have no folder of the run: whatever they would write there, or read, fails."""

    def _fill(self) -> None:
        self._marks = replace(self._marks, content=b"of another run")
        self._settings = ray.put(replace(self._context, results=Path("/proc/nowhere")))
        super()._fill()


class Watched(RayExecutor):
    """Counts how often it asks the cluster for its resources, and reads the metrics of all nodes before it stops,
    waiting until Ray has exported them."""

    looks = 0

    def _hosted(self) -> int:
        self.looks += 1
        return super()._hosted()

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        self.metrics = ""
        with super().started(context):
            yield
            for _ in range(60):
                self.metrics = "".join(map(_metrics, ray.nodes()))
                if _units_total(self.metrics) == UNITS and "suite_units_pending" in self.metrics:
                    break
                time.sleep(0.5)


def _units_total(metrics: str) -> float:
    lines = [line for line in metrics.splitlines() if line.startswith("ray_suite_units_total")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def _metrics(node: dict[str, Any]) -> str:
    address = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
    try:
        return urllib.request.urlopen(address).read().decode()
    except OSError:
        return ""


def test_two_workers_give_the_serial_cube_and_count_units_by_workload_method_and_status(
    study: Path, serial: dict[str, bytes], cluster: Any, tmp_path: Path
) -> None:
    # The first test of this file: nodes go on telling what dead workers counted.
    start, executor = time.monotonic(), Watched(2, cluster.address)
    assert done(study, tmp_path, executor) == serial
    # Once a second, not once a unit.
    assert 1 <= executor.looks <= 1 + (time.monotonic() - start)
    samples = [line for line in executor.metrics.splitlines() if line.startswith("ray_suite_units_total")]
    assert any('contestant="erm"' in line for line in samples), samples
    assert _units_total(executor.metrics) == UNITS
    assert "ray_suite_unit_seconds" in executor.metrics
    assert "ray_suite_units_pending" in executor.metrics


def test_workers_that_see_no_results_hand_back_the_same_bytes(cluster: Any, tmp_path: Path) -> None:
    """Trainings, adaptations, sweeps and observations."""
    path = adapted_study(tmp_path, observe=OBSERVE)
    summary = run_toy(path, WithoutSharedDisk(2, cluster.address), results=tmp_path / "apart")
    assert (summary.done, summary.failed) == (13, {})
    run_toy(path, SerialExecutor(), results=tmp_path / "serial")
    for part in ("toy/cube.zarr", "store"):
        assert files(tmp_path / "apart" / part) == files(tmp_path / "serial" / part)


def test_a_unit_whose_only_worker_was_lost_is_done_again_with_the_same_bytes(
    study: Path, serial: dict[str, bytes], cluster: Any, tmp_path: Path
) -> None:
    executor = LosesAWorker(1, cluster.address)
    assert done(study, tmp_path, executor) == serial
    assert executor.lost is not None
    attempts = {event["hash"]: event.get("attempt") for event in read_events(tmp_path / "tiny/events.jsonl")}
    assert attempts[executor.lost.hash] == 2


def test_workers_lost_while_idle_cost_no_unit_its_tries(
    study: Path, serial: dict[str, bytes], cluster: Any, tmp_path: Path
) -> None:
    executor = LosesIdleWorkers(3, cluster.address, tries=2)
    assert done(study, tmp_path, executor) == serial
    assert executor.lost == 3


def test_a_lost_node_costs_nothing_but_time(
    study: Path, serial: dict[str, bytes], cluster: Any, tmp_path: Path
) -> None:
    assert done(study, tmp_path, LosesANode(cluster, cpus=3, address=cluster.address)) == serial


ON_ONE_CPU = """
import os, pathlib, ray, sys
os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])
from suite.plan.context import Context
from suite.run.executors.ray import RayExecutor
from suite.run.run import run
from suite.studies.study import load_study

class Told(RayExecutor):
    def _look(self):
        print(ray.cluster_resources()["CPU"])
        super()._look()

study, results = map(pathlib.Path, sys.argv[1:])
summary, _ = run(Context(load_study(study), results), Told(), show=lambda progress: None)
assert not summary.failed
"""


def test_two_clusters_side_by_side_the_one_on_as_many_cpus_as_its_affinity_mask_has(
    study: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "suite", "run", study, "--results", tmp_path / "one", "--cpus", "1"]
    beside = subprocess.Popen(command)
    code = [sys.executable, "-c", ON_ONE_CPU, study, tmp_path / "two"]
    told = subprocess.run(code, stdout=subprocess.PIPE, text=True, check=True)
    assert beside.wait() == 0
    assert set(told.stdout.split()) == {"1.0"}
    assert digest(tmp_path / "one/tiny/cube.zarr") == digest(tmp_path / "two/tiny/cube.zarr")


@pytest.mark.parametrize(
    ("setting", "options", "told"),
    [
        (
            {"HOME": "no-folder"},
            [],
            ["no-folder/.ray", "Ray writes below HOME", "or RAY_AUTH_TOKEN to a token"],
        ),
        ({"RAY_AUTH_TOKEN_PATH": "no-file"}, [], ["no-file", "check --address and RAY_AUTH_TOKEN"]),
        (
            {"RAY_AUTH_MODE": "token"},
            ["--address", "127.0.0.1:1"],
            ["joined at 127.0.0.1:1", "no authentication"],
        ),
    ],
)
def test_a_ray_that_cannot_be_set_up_is_refused_with_the_fix(
    study: Path, tmp_path: Path, setting: dict[str, str], options: list[str], told: list[str]
) -> None:
    (tmp_path / "no-folder").touch()
    (tmp_path / "home").mkdir()
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    paths = {name: str(tmp_path / value) if value.startswith("no-") else value for name, value in setting.items()}
    command = [sys.executable, "-m", "suite", "run", str(study), "--results", str(tmp_path / "results"), *options]
    environment = {**own, "HOME": str(tmp_path / "home"), **paths}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for part in (*told, "use --executor serial"):
        assert part in done.stderr
