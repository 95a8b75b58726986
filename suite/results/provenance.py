"""What differs from run to run: receipts (JSON, written last) and events (one JSON line each). Never in the cube."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import SuiteError
from suite.results.cpus import allowed_cpus
from suite.results.files import cut_torn_line, write_bytes, writing

PACKAGES = (
    "crossbar-suite",
    "dask",
    "numpy",
    "optuna",
    "ray",
    "safetensors",
    "scipy",
    "snakemake",
    "torch",
    "xarray",
    "zarr",
)


class CorruptEvents(SuiteError):
    """A line of an event log, other than the last, is not JSON."""


def receipt(*, hashes: Mapping[str, str], wall_s: Mapping[str, float], threads: int, **facts: Any) -> dict[str, Any]:
    """What a stage writes when it is complete: versions, commit, hardware, and what the caller says.

    hashes: plan, configuration, code, cube digest ...; wall_s: seconds per stage; facts: counts and the like.
    """
    return {
        **facts,
        "hashes": dict(hashes),
        "wall_s": dict(wall_s),
        "threads": threads,
        "versions": versions(),
        "commit": commit(),
        "hardware": hardware(),
    }


def write_receipt(path: Path, value: Mapping[str, Any]) -> None:
    """Writes a receipt atomically, as the last thing a stage does. Raises ResultsNotWritable."""
    write_bytes(path, (json.dumps(value, indent=2, sort_keys=True, default=_plain) + "\n").encode())


def versions() -> dict[str, str]:
    """Versions of Python and of those of our packages that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> dict[str, Any] | None:
    """{"id", "dirty"} of the git checkout that this code runs from; None where it is no checkout of its own."""
    root = Path(__file__).resolve().parents[2]
    top = _git(root, "rev-parse", "--show-toplevel")
    head = _git(root, "rev-parse", "HEAD")
    if top is None or head is None or Path(top).resolve() != root:
        return None
    return {"id": head, "dirty": bool(_git(root, "status", "--porcelain"))}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def hardware() -> dict[str, Any]:
    """CPU model, cores (of the machine, and those we may use), memory in GiB, and the GPU where torch sees one."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "cores_allowed": allowed_cpus(),
        "memory_gib": _memory_gib(),
        "gpu": _gpu(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _memory_gib() -> float | None:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)


def _gpu() -> str | None:
    torch = sys.modules.get("torch")  # not loaded: then nothing of ours has used a GPU
    if torch is None or not torch.cuda.is_available():
        return None
    return str(torch.cuda.get_device_name())


def event(path: Path, value: Mapping[str, Any]) -> None:
    """Appends one JSON line, in one write; a torn last line of a killed run is cut first. Raises ResultsNotWritable.

    One process at a time may append. Not synced: a power cut can take the last lines, on which no result depends.
    """
    line = (json.dumps(value, sort_keys=True, default=_plain) + "\n").encode()
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            cut_torn_line(file)
            file.write(line)


def read_events(path: Path) -> list[dict[str, Any]]:
    """All events, oldest first, without a torn last line; [] if there is no log. Raises CorruptEvents."""
    if not path.exists():
        return []
    complete, _, _ = path.read_bytes().rpartition(b"\n")
    events = []
    for number, line in enumerate(complete.splitlines(), 1):
        try:
            events.append(json.loads(line))
        except ValueError as error:
            raise CorruptEvents(f"{path}, line {number}: not JSON ({error}); delete that line") from error
    return events


def _plain(value: Any) -> Any:
    """Numbers of numpy and paths, as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
