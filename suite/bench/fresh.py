"""What a command costs in a process of its own: processor time and peak memory, start and end included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass


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
        _, status, used = os.wait4(process.pid, 0)
        # wait4 has reaped it: Popen must not look for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (printed, told):
            file.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: {told.read()}")
        # Linux counts kilobytes of 1,024, macOS bytes.
        unit = 1 if sys.platform == "darwin" else 1024
        return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, printed.read())
