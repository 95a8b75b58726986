"""The processors that this process may use."""

from __future__ import annotations

import os


def allowed_cpus() -> int:
    """Processors this process may use: the smaller of Slurm's share for a task and the affinity mask.

    ``SLURM_CPUS_PER_TASK`` counts where it is set to a positive whole number. Where the system keeps no affinity
    mask (macOS, Windows) all processors of the machine count in its place. At least 1.
    """
    share = os.environ.get("SLURM_CPUS_PER_TASK", "")
    granted = int(share) if share.isdecimal() else 0
    return min(granted, _visible_cpus()) if granted else _visible_cpus()


def _visible_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
