"""The processors that this process may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CONTROL_GROUPS, OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def allowed_cpus() -> int:
    """Processors this process may use: the least of Slurm's share for a task, the affinity mask and the quota of its
    control group, which containers have (rounded down).

    ``SLURM_CPUS_PER_TASK`` counts where it is set to a positive whole number. Where the system keeps no affinity
    mask (macOS, Windows) all processors of the machine count in its place. At least 1.
    """
    share = os.environ.get("SLURM_CPUS_PER_TASK", "")
    granted = int(share) if share.isdecimal() else 0
    bounds = [_visible_cpus(), *([granted] if granted else []), *map(int, _quotas())]
    return max(1, min(bounds))


def _quotas() -> Iterator[float]:
    """Processors' worth of time that this process's control groups, and those around them, may take."""
    for folder, name in _groups():
        for group in (folder / name, *(folder / outer for outer in PurePosixPath(name).parents)):
            limit = _words(group / "cpu.max") or [
                *_words(group / "cpu.cfs_quota_us"),
                *_words(group / "cpu.cfs_period_us"),
            ]
            if len(limit) == 2 and limit[0].isdecimal():
                yield int(limit[0]) / int(limit[1])


def _groups() -> Iterator[tuple[Path, str]]:
    """Where the kernel's cpu controller is mounted, with the path of our group below: version 2, then version 1."""
    for line in OWN_GROUPS.read_text().splitlines() if OWN_GROUPS.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield CONTROL_GROUPS, path.lstrip("/")
        elif "cpu" in controllers.split(","):
            yield CONTROL_GROUPS / "cpu", path.lstrip("/")


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _visible_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
