"""The Slurm launcher and profile without Slurm: stand-ins take the place of its commands, of Ray and of the study.

`tests/cluster/test_slurm.py` has the real ones.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

SLURM = Path(__file__).parents[2] / "clusters" / "slurm"
STANDINS = {
    "scontrol": 'if [ "$1" = show ]; then printf "localhost\\nn2\\n"; fi',
    # On the other side of a real one the step's first process gets the signals that srun gets.
    "srun": 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"',
    "ray": 'if [ "$1" = start ]; then exec PYTHON -c "$LISTENS" "$@"; fi',
    "python": 'if [ "$STUDY" = lasts ]; then exec PYTHON -c "$LASTS"; else exit "$STUDY"; fi',
}
LISTENS = """
import signal, socket, sys
if "--head" in sys.argv:
    server = socket.create_server(("localhost", int(sys.argv[sys.argv.index("--dashboard-port") + 1])))
signal.pause()
"""
LASTS = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *told: sys.exit(1))
pathlib.Path("running").touch()
signal.pause()
"""


@dataclass
class Launched:
    """A launcher that runs, and what its stand-ins were called with."""

    process: subprocess.Popen[str]
    folder: Path

    @property
    def calls(self) -> list[str]:
        return [line.strip() for line in (self.folder / "calls").read_text().splitlines()]

    def of(self, name: str) -> list[str]:
        return [call.removeprefix(f"{name} ") for call in self.calls if call.startswith(f"{name} ")]

    def told(self, what: signal.Signals) -> int:
        """Send a signal once the study runs; the launcher's exit code."""
        while not (self.folder / "running").exists():
            time.sleep(0.05)
        self.process.send_signal(what)
        return self.process.wait()

    def left(self) -> str:
        """What is left of its session, and of its folder."""
        session = subprocess.run(["ps", "-o", "args=", "-s", str(self.process.pid)], capture_output=True, text=True)
        return session.stdout + " ".join(path.name for path in self.folder.glob("suite-*"))


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[object]:
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in STANDINS.items():
        noted = f'echo "{name} $(echo "$*" | tr "\\n" " ")" >> {tmp_path}/calls'
        (commands / name).write_text(f"#!/bin/bash\n{noted}\n{text.replace('PYTHON', sys.executable)}\n")
        (commands / name).chmod(0o755)
    started: list[subprocess.Popen[str]] = []

    def launched(*arguments: str, **environment: str) -> Launched:
        job = {"SLURM_JOB_ID": "12345", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_CPUS_PER_TASK": "8", "STUDY": "0"}
        fixed = {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "TMPDIR": str(tmp_path),
            "LISTENS": LISTENS,
            "LASTS": LASTS,
        }
        values = {name: value for name, value in {**fixed, **job, **environment}.items() if value}
        options = {"env": values, "cwd": tmp_path, "text": True, "start_new_session": True, "stderr": subprocess.PIPE}
        process = subprocess.Popen(["bash", str(SLURM / "launch"), *arguments], **options)  # type: ignore[call-overload]
        started.append(process)
        return Launched(process, tmp_path)

    yield launched
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_one_head_the_other_nodes_join_and_the_study_runs_on_the_cluster(launch) -> None:  # type: ignore[no-untyped-def]
    job = launch("paper", "--max-hours", "11")
    assert job.process.wait() == 0
    nodes = [word for step in job.of("srun") for word in step.split() if word.startswith("--nodelist=")]
    assert sorted(nodes) == ["--nodelist=localhost", "--nodelist=n2"]
    starts = [call for call in job.of("ray") if call.startswith("start")]
    assert all("--num-cpus 8" in call for call in starts)
    assert sum("--head" in call for call in starts) == 1 and sum("--address localhost:" in call for call in starts) == 1
    assert job.of("python") == [
        line for line in job.of("python") if "suite run paper --max-hours 11 --executor" in line
    ]
    assert job.left() == ""


def test_jobs_get_ports_of_their_own_and_no_secret_on_a_command_line(launch) -> None:  # type: ignore[no-untyped-def]
    for number in ("12345", "12346"):
        assert launch("paper", SLURM_JOB_ID=number, RAY_AUTH_TOKEN="s3cret").process.wait() == 0
    job = launch("paper", SLURM_JOB_ID="32345")
    assert job.process.wait() == 0
    ports = [int(call.rpartition(":")[2]) for call in job.of("python")]
    assert len(set(ports)) == 3 and all(20000 <= port < 32768 for port in ports)
    assert "s3cret" not in "".join(job.calls)
    assert not any("stop" in call for call in job.of("ray"))


def test_told_to_end_it_tells_the_study_and_leaves_nothing(launch) -> None:  # type: ignore[no-untyped-def]
    job = launch("paper", STUDY="lasts")
    assert job.told(signal.SIGTERM) == 143
    assert job.left() == ""
    assert not any(call.startswith("requeue") for call in job.of("scontrol"))


def test_near_the_time_limit_it_queues_itself_again(launch) -> None:  # type: ignore[no-untyped-def]
    job = launch("paper", STUDY="lasts")
    assert job.told(signal.SIGUSR1) == 75
    assert job.of("scontrol")[-1] == "requeue 12345"
    assert job.left() == ""


@pytest.mark.parametrize(("code", "again"), [("75", True), ("1", False), ("2", False)])
def test_of_all_ends_of_a_study_time_alone_queues_it_again(launch, code: str, again: bool) -> None:  # type: ignore[no-untyped-def]
    job = launch("paper", STUDY=code)
    assert job.process.wait() == int(code)
    assert ("requeue 12345" in job.of("scontrol")) == again
    assert job.left() == ""


def test_outside_a_job_it_says_what_to_do(launch) -> None:  # type: ignore[no-untyped-def]
    job = launch("paper", SLURM_JOB_ID="")
    assert "sbatch" in job.process.communicate()[1]
    assert job.process.returncode != 0


def test_the_profile_names_rules_that_exist() -> None:
    rules = "".join(path.read_text() for path in (SLURM.parents[1] / "suite/run/rules").glob("*.smk"))
    profile = yaml.safe_load((SLURM / "config.yaml").read_text())
    # Rules of the workflow take as many as there are, and Snakemake asks for a number.
    assert profile["cores"] >= max(profile["set-threads"].values())
    for rule in (*profile["set-threads"], *profile["set-resources"]):
        assert f"rule {rule}:" in rules
