"""How many processors this process may use."""

import os

import pytest

from suite.results.cpus import allowed_cpus


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
