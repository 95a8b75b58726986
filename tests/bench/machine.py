"""Clocks and processes of all measurements, and the rate of the machine's own matrix product, their floor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from time import process_time
from typing import Any

from suite.results.cpus import allowed_cpus
from suite.run.allocator import keep_freed_memory

SGEMM_SIDE = 2048
LOOK_S, BUSY_PERCENT = 1.0, 10.0
# At its end a fresh process says what it used: CPU seconds of its threads, largest resident memory where Linux tells.
TELL = """
import atexit, os, sys, time
def tell():
    peak = [line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line] if os.path.exists("/proc") else []
    print(time.process_time(), *peak or ["nan"], file=sys.stderr)
atexit.register(tell)
"""

# run(function, *arguments) -> what the function, one of a module, returns there.
Run = Callable[..., Any]


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of this process."""
    start = process_time()
    work()
    return process_time() - start


def turns(repeats: int, **ways: Callable[[], float]) -> dict[str, float]:
    """Medians of what each way measures. They take turns, so that the load of the machine falls on all alike; the first
    turn, which loads libraries, does not count."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(1 + repeats):
        for name, measure in ways.items():
            found[name].append(measure())
    return {name: median(values[1:]) for name, values in found.items()}


def sgemm_rate() -> float:
    """Operations per CPU second of one float32 product of two large matrices."""
    import torch

    left, right = torch.ones(2, SGEMM_SIDE, SGEMM_SIDE)
    return 2 * SGEMM_SIDE**3 / seconds(lambda: torch.mm(left, right))


@contextmanager
def processes() -> Iterator[tuple[Run, Run]]:
    """Two processes of one thread each: (one as the suite's workers are, one as anybody's script is). They differ in
    what `suite.run.allocator` does."""
    with _process(_as_worker) as worker, _process(_as_script) as script:
        yield worker, script


@contextmanager
def _process(begin: Callable[[], None]) -> Iterator[Run]:
    # Spawned: a fork would have the memory and the buffers of this process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=begin) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


def _as_worker() -> None:
    keep_freed_memory()
    _as_script()


def _as_script() -> None:
    import torch

    torch.set_num_threads(1)


@dataclass(frozen=True)
class Usage:
    """Of a fresh process, its start included. cpu_s: of all threads; peak_gb: largest resident memory, 10^9 bytes, NaN
    where the system does not tell; output: what it printed."""

    cpu_s: float
    peak_gb: float
    output: str


def fresh(code: str) -> Usage:
    """Python code in a process of its own; raises RuntimeError with its messages where it fails."""
    done = subprocess.run([sys.executable, "-c", TELL + code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{code}: {done.stderr}")
    cpu_s, peak = done.stderr.splitlines()[-1].split()
    return Usage(float(cpu_s), float(peak) * 1024 / 1e9, done.stdout)


def verb(*arguments: object) -> Usage:
    """A verb of the command line in a process of its own."""
    return fresh(f"from suite.cli import main; main({[*map(str, arguments)]})")


def at_rest(cores: int) -> bool:
    """Whether so many cores may be ours, and all that we may use are nearly idle for a second: clock times of several
    workers mean nothing otherwise."""
    import psutil

    if allowed_cpus() < cores:
        return False
    busy = psutil.cpu_percent(interval=LOOK_S, percpu=True)
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(len(busy))
    return all(busy[core] < BUSY_PERCENT for core in ours)
