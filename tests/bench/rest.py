"""Whether others use this machine: clock times of several threads or workers mean nothing while they do."""

from __future__ import annotations

import os

import psutil

from suite.results.cpus import allowed_cpus

LOOK_S, BUSY_PERCENT = 1.0, 10.0


def at_rest(cores: int) -> bool:
    """Whether so many cores may be ours, and all that we may use are nearly idle for a second."""
    if allowed_cpus() < cores:
        return False
    busy = psutil.cpu_percent(interval=LOOK_S, percpu=True)
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(len(busy))
    return all(busy[core] < BUSY_PERCENT for core in ours)
