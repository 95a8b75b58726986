"""Kill `suite run` with SIGKILL at random moments, then let it finish: what was in flight, and what became of it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from suite.results.cube import Cube, Status

PHASES = ("trial", "fit", "sweep", "write")
STUDY = """
name: kill
scale: ci
workloads: [mnist_mlp]
methods: [erm, bayesmulti]
seeds: 3
realisations: 4
conditions: [{usability: [1.0, 0.8, 0.6, 0.4]}]
tuning: {trials: 4, random_trials: 1, realisations: 2}
"""


@dataclass
class Kills:
    """How often each phase was in flight at a kill, from the event log and from the cube."""

    hits: Counter[str] = field(default_factory=Counter)
    kills: int = 0

    def enough(self, times: int) -> bool:
        """Whether every phase was hit so often."""
        return all(self.hits[phase] >= times for phase in PHASES)


def command(study: Path, results: Path, executor: str) -> list[str]:
    """`suite run` of the study."""
    return [sys.executable, "-m", "suite", "run", str(study), "--results", str(results), "--executor", executor]


def events(results: Path) -> list[dict[str, object]]:
    """The complete lines of the event log."""
    path = results / "kill" / "events.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def in_flight(results: Path) -> list[dict[str, object]]:
    """Units that were started and never ended, in the last run."""
    open_units: dict[object, dict[str, object]] = {}
    for event in events(results):
        if event["status"] == "started":
            open_units[event["hash"]] = event
        else:
            open_units.pop(event["hash"], None)
    return list(open_units.values())


def half_written(results: Path, since_ns: int) -> bool:
    """Whether the chunk of a unit that is not marked done was written since then, whole or in part: the write was hit.

    What an earlier kill left does not count: with one unit left, no other phase would ever be hit again.
    """
    path = results / "kill" / "cube.zarr"
    if not (path / "mnist_mlp" / "zarr.json").exists():
        return False
    cube = Cube.open(path)
    pending = cube.status("mnist_mlp") != Status.DONE
    chunks = path / "mnist_mlp" / "accuracy" / "c"
    new = [file for file in chunks.rglob("*") if file.is_file() and file.stat().st_mtime_ns >= since_ns]
    written = [tuple(map(int, file.relative_to(chunks).parts)) for file in new if file.name.isdigit()]
    return len(written) < len(new) or any(pending[place] for place in written)


def run_and_kill(study: Path, results: Path, executor: str, rng: random.Random, aim: str | None) -> str | None:
    """One run that is killed at a random moment, or when the phase `aim` begins; what it was in: a phase, or "".

    None: the run came to its end before it could be killed.
    """
    begin_ns = time.time_ns()
    process = subprocess.Popen(
        command(study, results, executor), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    seen, patience = len(events(results)), rng.uniform(0.0, 0.4)
    chunks = results / "kill" / "cube.zarr" / "mnist_mlp" / "accuracy" / "c"
    before = sum(1 for _ in chunks.glob("*/*/*/*"))
    while process.poll() is None:
        if aim == "write" and sum(1 for _ in chunks.glob("*/*/*/*")) > before:
            break
        started = [event for event in events(results)[seen:] if event["status"] == "started"]
        if aim != "write" and any(aim in (None, event["kind"]) for event in started):
            time.sleep(patience)
            break
        time.sleep(0.0005)
    process.kill()
    if process.wait() == 0:
        return None
    if half_written(results, begin_ns):
        return "write"
    flying = in_flight(results)
    return str(flying[-1]["kind"]) if flying else ""


def kill_until_done(study: Path, results: Path, executor: str, found: Kills, times: int, rng: random.Random) -> None:
    """Kill runs, aiming at what was hit least, until each phase was hit `times` in all; then let the study finish."""
    while not found.enough(times):
        aim = next(phase for phase in PHASES if found.hits[phase] < times)
        hit = run_and_kill(study, results, executor, rng, aim)
        if hit is None:
            return
        found.hits[hit] += 1
        found.kills += 1
    subprocess.run(command(study, results, executor), check=True, stdout=subprocess.DEVNULL)


def killed_equals_calm(folder: Path, executor: str, times: int, seed: int) -> Kills:
    """Kills runs until each phase was hit `times`, and asserts that every one ends as an undisturbed serial run does:
    equal cubes and states, and no finished unit run again."""
    study = folder / "kill.yaml"
    study.write_text(STUDY)
    subprocess.run(command(study, folder / "calm", "serial"), check=True, stdout=subprocess.DEVNULL)
    rng, killed = random.Random(seed), Kills()
    for number in range(12):
        results = folder / f"killed{number}"
        kill_until_done(study, results, executor, killed, times, rng)
        for part in ("kill/cube.zarr", "store"):
            assert files(results / part) == files(folder / "calm" / part)
        endings = Counter(event["hash"] for event in events(results) if event["status"] == "done")
        assert max(endings.values()) == 1, "a finished unit was run again"
        if killed.enough(times):
            break
    assert killed.enough(times), f"{killed.kills} kills hit only {dict(killed.hits)} of {PHASES}"
    return killed


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, less what a killed process left half written."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "partial" not in path.name
    }
