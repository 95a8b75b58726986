"""What a command costs in a process of its own: processor time and peak memory, start and end included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from tests.bench.memory import largest_mb

LOOK_S = 0.02


@dataclass(frozen=True)
class Usage:
    """cpu_s: of all threads; peak_mb: largest resident memory, 10^6 bytes; output: what it printed."""

    cpu_s: float
    peak_mb: float
    output: str


def python(*arguments: object) -> Usage:
    """`python ARGUMENTS` in a fresh process; raises RuntimeError with its messages where it fails."""
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=printed, stderr=told)
        ended, peak_mb = 0, 0.0
        while not ended:
            # Asked of the process itself: its resource usage has the memory of ours, from which it was forked.
            # max keeps the number that it has: the last look finds none.
            peak_mb = max(peak_mb, largest_mb(process.pid))
            time.sleep(LOOK_S)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        # wait4 has reaped it: Popen must not look for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (printed, told):
            file.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: {told.read()}")
        return Usage(used.ru_utime + used.ru_stime, peak_mb, printed.read())
