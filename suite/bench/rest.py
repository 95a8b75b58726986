"""Whether others use this machine: clock times of several threads or workers mean nothing while they do."""

from __future__ import annotations

import psutil

from suite.cpus import allowed_cpus

LOOK_S, BUSY_PERCENT = 1.0, 10.0


def at_rest(cores: int) -> bool:
    """Whether so many cores are ours, and nearly idle for a second."""
    return allowed_cpus() >= cores and float(psutil.cpu_percent(interval=LOOK_S)) < BUSY_PERCENT
