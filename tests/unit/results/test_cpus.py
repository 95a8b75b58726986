"""How many processors this process may use."""

import os

import pytest

from suite.results import cpus
from suite.results.cpus import allowed_cpus


@pytest.fixture(autouse=True)
def no_quota(monkeypatch, tmp_path):
    monkeypatch.setattr(cpus, "OWN_GROUPS", tmp_path / "none")


@pytest.mark.parametrize(
    ("slurm", "affinity", "allowed"),
    [(None, 6, 6), ("4", 6, 4), ("8", 6, 6), ("", 6, 6), ("0", 6, 6), ("all", 6, 6)],
)
def test_the_smaller_of_slurms_share_and_the_affinity_mask(monkeypatch, slurm, affinity, allowed):
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    if slurm is not None:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", slurm)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(affinity)), raising=False)
    assert allowed_cpus() == allowed


@pytest.mark.parametrize(("slurm", "machine", "allowed"), [(None, 10, 10), ("3", 10, 3), ("3", 2, 2), (None, None, 1)])
def test_a_system_without_affinity_masks_counts_the_machine(monkeypatch, slurm, machine, allowed):
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    if slurm is not None:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", slurm)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: machine)
    assert allowed_cpus() == allowed


@pytest.mark.parametrize(
    ("groups", "files", "allowed"),
    [
        ("0::/pod", {"pod/cpu.max": "250000 100000"}, 2),
        ("0::/", {"cpu.max": "50000 100000"}, 1),
        ("0::/pod/inner", {"pod/cpu.max": "300000 100000", "pod/inner/cpu.max": "max 100000"}, 3),
        ("0::/seen/from/outside", {"cpu.max": "400000 100000"}, 4),
        ("4:cpu,cpuacct:/pod", {"cpu/pod/cpu.cfs_quota_us": "500000", "cpu/pod/cpu.cfs_period_us": "100000"}, 5),
        ("4:cpu:/pod", {"cpu/pod/cpu.cfs_quota_us": "-1", "cpu/pod/cpu.cfs_period_us": "100000"}, 64),
        ("3:cpuset:/pod\n0::/", {}, 64),
    ],
)
def test_a_containers_quota_counts_rounded_down(monkeypatch, tmp_path, groups, files, allowed):
    for name, words in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{words}\n")
    (tmp_path / "own").write_text(f"{groups}\n")
    monkeypatch.setattr(cpus, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(cpus, "OWN_GROUPS", tmp_path / "own")
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)), raising=False)
    assert allowed_cpus() == allowed
