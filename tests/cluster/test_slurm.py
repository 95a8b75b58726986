"""The launcher and the profile on a real Slurm: whatever is lost or ended, the cube is the serial one, and nothing is
left behind.

Skipped where root or Slurm's packages lack; .ci/run installs them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.hosts import ROOT, wait_for
from tests.cluster.killing import files
from tests.cluster.slurm import LACKING, Slurm, slurm

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.skipif(bool(LACKING), reason=LACKING)]
LAUNCH = ROOT / "clusters" / "slurm" / "launch"
STUDY = """
name: small
scale: ci
workloads: [mnist_mlp]
methods: [erm, bayesmulti]
seeds: 10
realisations: 4
conditions: [{usability: [1.0, 0.8, 0.6, 0.4]}]
tuning: {trials: 2, random_trials: 1, realisations: 2}
figures: [fig2a]
"""
# Seconds after a job's end within which all of it must be gone.
GONE_AFTER = 15


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    with slurm(tmp_path_factory.mktemp("slurm")) as found:
        (found.folder / "small.yaml").write_text(STUDY)
        yield found


@pytest.fixture(scope="module")
def serial(cluster: Slurm) -> dict[str, bytes]:
    """Cube and store of a serial run."""
    run_here(cluster, cluster.folder / "serial")
    return kept(cluster.folder / "serial")


def run_here(cluster: Slurm, results: Path) -> None:
    """Serially, without Slurm."""
    command = [sys.executable, "-m", "suite", "run", cluster.folder / "small.yaml", "--results", results]
    subprocess.run([*command, "--executor", "serial"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def kept(results: Path) -> dict[str, bytes]:
    parts = ("small/cube.zarr", "store")
    return {f"{part}/{name}": content for part in parts for name, content in files(results / part).items()}


@dataclass
class Job:
    """A job of the launcher on the study."""

    cluster: Slurm
    results: Path
    number: str

    @property
    def events(self) -> list[dict[str, Any]]:
        path = self.results / "small" / "events.jsonl"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def workers(self) -> set[str]:
        """Addresses that units were done at."""
        return {event["worker"].split(":")[0] for event in self.events if event.get("worker")}

    def done(self) -> int:
        return sum(event["status"] == "done" for event in self.events)

    def goes_on(self, units: int = 3) -> None:
        """Wait until so many more units are done."""
        before = self.done()
        self.reaches(lambda: self.done() >= before + units)

    def reaches(self, there: Callable[[], bool]) -> None:
        """Wait until the job, which must still run then, is there."""
        wait_for(lambda: there() or self.cluster.state(self.number) not in ("RUNNING", "PENDING"))
        assert self.cluster.state(self.number) in ("RUNNING", "PENDING"), self.cluster.said(self.number)

    def left_nothing(self) -> None:
        for _ in range(GONE_AFTER):
            if not self.cluster.left():
                break
            time.sleep(1)
        assert self.cluster.left() == []
        assert not (self.results / "small" / ".dashboard").exists()

    def ends(self, state: str = "COMPLETED") -> None:
        assert self.cluster.ended(self.number) == state, self.cluster.said(self.number)
        self.left_nothing()


def submitted(cluster: Slurm, name: str, *options: str, arguments: tuple[str, ...] = ()) -> Job:
    """The launcher's job, with results in a folder of that name."""
    results = cluster.folder / name
    launched = (LAUNCH, cluster.folder / "small.yaml", "--results", results, *arguments)
    return Job(cluster, results, cluster.submit("--cpus-per-task=2", *options, *launched))


@pytest.fixture(scope="module")
def house(cluster: Slurm) -> Path:
    """A copy of the house, in which Snakemake may leave what it likes."""
    copy = cluster.folder / "house"
    for name in ("suite", "workloads", "clusters"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", copy)
    return copy


def test_the_profile_runs_a_study_and_draws_it_in_one_job(
    cluster: Slurm, serial: dict[str, bytes], house: Path
) -> None:
    results = cluster.folder / "snakemake"
    small = ["--cores", "2", "--set-threads", "run=2", "--config", f"study={cluster.folder}/small.yaml"]
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "clusters/slurm", *small, f"results={results}"]
    moved = ["env", f"--chdir={house}", f"PYTHONPATH={house}:{os.environ.get('PYTHONPATH', '')}"]
    told = cluster.controller.run(*moved, *command)
    assert kept(results) == serial, told
    assert (results / "small" / "figures" / "fig2a.pdf").exists()
    numbers = set(re.findall(r"SLURM jobid '?(\d+)", told))
    assert len(numbers) == 2, told


def test_two_nodes_make_the_serial_cube(cluster: Slurm, serial: dict[str, bytes]) -> None:
    job = submitted(cluster, "two", "--nodes=2")
    job.reaches((job.results / "small" / ".dashboard").exists)
    told = cluster.controller.run(
        sys.executable, "-m", "suite", "dashboard", cluster.folder / "small.yaml", "--results", job.results
    )
    assert " on n1\n" in told and "ssh -L 8265:127.0.0.1:" in told
    assert (job.results / "small" / ".dashboard").stat().st_mode & 0o777 == 0o600
    job.ends()
    assert len(job.workers) == 2
    assert kept(job.results) == serial
    said = cluster.said(job.number).splitlines()
    assert len(said) < 10, said


def test_of_two_jobs_of_one_study_the_second_is_told_who_holds_it(cluster: Slurm, serial: dict[str, bytes]) -> None:
    first = submitted(cluster, "held", "--nodes=1", "--nodelist=n1")
    first.goes_on(1)
    (driver,) = (line.split()[0] for line in cluster.nodes["n1"].processes() if "-m suite run" in line)
    # So that it does not end before the second one has begun.
    cluster.nodes["n1"].run("kill", "-STOP", driver)
    second = submitted(cluster, "held", "--nodes=1", "--nodelist=n2")
    assert cluster.ended(second.number) == "FAILED"
    assert cluster.of(second.number, "ExitCode") == "2:0"
    assert f"on n1 (Slurm job {first.number})" in cluster.said(second.number)
    cluster.nodes["n1"].run("kill", "-CONT", driver)
    first.ends()
    assert kept(first.results) == serial


def test_a_cancelled_job_leaves_nothing_and_the_next_one_goes_on(cluster: Slurm, serial: dict[str, bytes]) -> None:
    job = submitted(cluster, "cancelled", "--nodes=2")
    job.goes_on()
    cluster.controller.run("scancel", job.number)
    job.ends("CANCELLED")
    again = submitted(cluster, "cancelled", "--nodes=2")
    again.ends()
    assert max(Counter(event["hash"] for event in job.events if event["status"] == "done").values()) == 1
    assert kept(job.results) == serial


def test_two_jobs_share_a_node(cluster: Slurm, serial: dict[str, bytes]) -> None:
    jobs = [submitted(cluster, name, "--nodelist=n1", "--cpus-per-task=1") for name in ("left", "right")]
    for job in jobs:
        assert cluster.ended(job.number) == "COMPLETED", cluster.said(job.number)
    spans = [[event["time"] for event in job.events] for job in jobs]
    assert max(map(min, spans)) < min(map(max, spans)), "they were not there at once"
    for job in jobs:
        job.left_nothing()
        assert kept(job.results) == serial


def test_an_array_makes_the_serial_cube(cluster: Slurm, serial: dict[str, bytes]) -> None:
    results, units = cluster.folder / "array", cluster.folder / "units"
    where = f"{cluster.folder}/small.yaml --results {results}"
    part = f"--executor serial --units {units} --part $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
    job = cluster.submit("--array=1-2", "--cpus-per-task=1", f"--wrap=python -m suite run {where} {part}")
    wait_for(lambda: not cluster.controller.run("squeue", "-h", "-j", job))
    assert sorted(folder.name for folder in units.iterdir()) == ["1-of-2", "2-of-2"]
    subprocess.run(f"{sys.executable} -m suite ingest {where} {units}".split(), check=True, cwd=ROOT)
    assert kept(results) == serial


def test_near_its_time_limit_a_job_queues_itself_again_and_goes_on(cluster: Slurm, serial: dict[str, bytes]) -> None:
    job = submitted(cluster, "limited", "--nodes=1", "--time=60")
    job.goes_on()
    # What Slurm sends as the limit comes near.
    cluster.controller.run("scancel", "--batch", "--signal=USR1", job.number)
    cluster.queued_again(job.number)
    job.left_nothing()
    cluster.begin(job.number)
    job.ends()
    assert "interrupted; what is done is kept" in cluster.said(job.number)
    assert kept(job.results) == serial


def test_a_job_that_is_told_to_end_or_has_used_its_hours_leaves_nothing(
    cluster: Slurm, serial: dict[str, bytes]
) -> None:
    told = submitted(cluster, "told", "--nodes=1")
    told.goes_on()
    # What `sbatch --signal=B:TERM@...` sends.
    cluster.controller.run("scancel", "--batch", "--signal=TERM", told.number)
    told.ends("FAILED")
    assert cluster.of(told.number, "ExitCode") == "143:0"
    hours = submitted(cluster, "told", "--nodes=1", arguments=("--max-hours", "0.0005"))
    cluster.queued_again(hours.number)
    assert "time is up; go on with" in cluster.said(hours.number)
    hours.left_nothing()
    cluster.controller.run("scancel", hours.number)
    run_here(cluster, told.results)
    assert kept(told.results) == serial


def test_a_lost_node_is_done_without(cluster: Slurm, serial: dict[str, bytes]) -> None:
    job = submitted(cluster, "lost", "--nodes=2")
    job.reaches(lambda: len(job.workers) == 2)
    cluster.nodes["n2"].pull_plug()
    assert cluster.ended(job.number) == "COMPLETED", cluster.said(job.number)
    cluster.switch_on("n2")
    job.left_nothing()
    assert cluster.of(job.number, "Restarts") == "0"
    assert kept(job.results) == serial


def test_a_job_that_lost_its_head_begins_again_elsewhere(cluster: Slurm, serial: dict[str, bytes]) -> None:
    job = submitted(cluster, "headless", "--nodes=1-2")
    job.goes_on()
    cluster.nodes["n1"].pull_plug()
    cluster.queued_again(job.number)
    cluster.begin(job.number)
    assert cluster.ended(job.number) == "COMPLETED", cluster.said(job.number)
    cluster.switch_on("n1")
    job.left_nothing()
    assert kept(job.results) == serial
