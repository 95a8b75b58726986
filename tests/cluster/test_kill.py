"""kill -9 of `suite run` in the middle of tuning, fit, sweep and cube write: the same cube, and nothing done twice."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.cluster.killing import PHASES, STUDY, command, events, kill_until

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

    killed = kill_until(study, tmp_path / "killed", "serial", times=2, most=40, seed=1)

    assert killed.enough(2), f"{killed.kills} kills hit only {dict(killed.hits)} of {PHASES}"
    assert files(tmp_path / "killed/kill/cube.zarr") == files(tmp_path / "calm/kill/cube.zarr")
    assert files(tmp_path / "killed/store") == files(tmp_path / "calm/store")
    endings = Counter(event["hash"] for event in events(tmp_path / "killed") if event["status"] == "done")
    assert max(endings.values()) == 1, "a finished unit was run again"
