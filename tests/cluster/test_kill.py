"""kill -9 of `suite run` in the middle of tuning, fit, sweep and cube write: the same cube, and nothing done twice."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.cluster.killing import PHASES, STUDY, Kills, command, events, kill_until_done

pytestmark = pytest.mark.slow


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "partial" not in path.name
    }


def test_killed_and_resumed_equals_undisturbed(tmp_path: Path) -> None:
    study = tmp_path / "kill.yaml"
    study.write_text(STUDY)
    subprocess.run(command(study, tmp_path / "calm", "serial"), check=True, stdout=subprocess.DEVNULL)

    rng, killed = random.Random(1), Kills()
    for number in range(12):
        results = tmp_path / f"killed{number}"
        kill_until_done(study, results, "serial", killed, times=2, rng=rng)
        assert files(results / "kill/cube.zarr") == files(tmp_path / "calm/kill/cube.zarr")
        assert files(results / "store") == files(tmp_path / "calm/store")
        endings = Counter(event["hash"] for event in events(results) if event["status"] == "done")
        assert max(endings.values()) == 1, "a finished unit was run again"
        if killed.enough(2):
            break
    assert killed.enough(2), f"{killed.kills} kills hit only {dict(killed.hits)} of {PHASES}"
