"""What a piece of work adds to this process's memory at its peak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def peak_mb(work: Callable[[], Any]) -> float:
    """10^6 bytes above what this process held before; NaN where the system does not tell (all but Linux)."""
    try:
        # Resets the peak to what is held now (proc(5)).
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return float("nan")
    before = largest_mb("self")
    work()
    return largest_mb("self") - before


def largest_mb(process: int | str) -> float:
    """Largest resident memory of a process so far, 10^6 bytes; NaN where the system does not tell, or no longer."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return float("nan")
    found = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return found[0] * 1024 / 1e6 if found else float("nan")
