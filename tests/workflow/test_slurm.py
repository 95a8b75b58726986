"""The Slurm launcher and profile, as far as they can be tested without Slurm."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

SLURM = Path(__file__).parents[2] / "clusters" / "slurm"


def launch(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Dry run with a `scontrol` that names three nodes."""
    scontrol = tmp_path / "scontrol"
    scontrol.write_text("#!/bin/sh\nprintf 'n1\\nn2\\nn3\\n'\n")
    scontrol.chmod(0o755)
    job = {"SLURM_JOB_ID": "12345", "SLURM_JOB_NODELIST": "n[1-3]", "SLURM_CPUS_PER_TASK": "8", "LAUNCH_DRY_RUN": "1"}
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    values = {name: value for name, value in {**job, **environment}.items() if value}
    return subprocess.run(
        ["bash", str(SLURM / "launch"), *arguments], env={"PATH": path, **values}, capture_output=True, text=True
    )


def test_one_head_the_other_nodes_join_and_the_study_runs_on_the_cluster(tmp_path: Path) -> None:
    done = launch(tmp_path, "paper", "--max-hours", "11")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    heads = [line for line in lines if "ray start --head" in line]
    joins = [line for line in lines if "ray start --address n1:" in line]
    assert len(heads) == 1 and "--nodelist=n1" in heads[0]
    assert {node for node in ("n2", "n3") for line in joins if f"--nodelist={node}" in line} == {"n2", "n3"}
    assert all("--num-cpus 8" in line for line in heads + joins)
    run = lines[-1] if "suite run" in lines[-1] else next(line for line in lines if "suite run" in line)
    assert "suite run paper --max-hours 11 --executor ray --address n1:" in run


def test_jobs_get_ports_of_their_own_and_no_secret_on_a_command_line(tmp_path: Path) -> None:
    first = launch(tmp_path, "paper", RAY_AUTH_TOKEN="s3cret")
    second = launch(tmp_path, "paper", SLURM_JOB_ID="12346")
    assert set(first.stdout.split()) & set(second.stdout.split()) >= {"ray", "start"}
    ports = [{word for word in done.stdout.split() if word.startswith("n1:")} for done in (first, second)]
    assert len(ports[0]) == 1 and ports[0].isdisjoint(ports[1])
    assert "s3cret" not in first.stdout
    assert "ray stop" not in first.stdout


def test_outside_a_job_it_says_what_to_do(tmp_path: Path) -> None:
    done = launch(tmp_path, "paper", SLURM_JOB_ID="")
    assert done.returncode != 0
    assert "sbatch" in done.stderr


def test_the_shell_parses_and_the_profiles_name_rules_that_exist() -> None:
    assert subprocess.run(["bash", "-n", str(SLURM / "launch")]).returncode == 0
    rules = "".join(path.read_text() for path in (SLURM.parents[1] / "suite/run/rules").glob("*.smk"))
    profile = yaml.safe_load((SLURM / "config.yaml").read_text())
    for rule in (*profile["set-threads"], *profile["set-resources"]):
        assert f"rule {rule}:" in rules
