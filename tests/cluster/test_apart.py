"""Workers on nodes that share no disk with the driver: the same bytes, whatever is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from suite.run.executors.serial import SerialExecutor
from tests.toys import run_toy
from tests.unit.run.test_adapt_units import OBSERVE
from tests.unit.run.test_adapt_units import study as adapted_study

ray = pytest.importorskip("ray")

from suite.run.executors.ray import RayExecutor  # noqa: E402

pytestmark = pytest.mark.cluster


class WithoutSharedDisk(RayExecutor):
    """Its workers have no folder of the run: whatever they would write there, or read, fails."""

    def _fill(self) -> None:
        self._marks = replace(self._marks, content=b"of another run")
        self._settings = ray.put(replace(self._context, results=Path("/proc/nowhere")))
        super()._fill()


def files(results: Path) -> dict[str, bytes]:
    """Cube and store."""
    folders = (results / "toy" / "cube.zarr", results / "store")
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(results)): path.read_bytes() for path in paths}


def test_workers_that_see_no_results_hand_back_the_same_bytes(tmp_path: Path) -> None:
    """Trainings, adaptations, sweeps and observations."""
    path = adapted_study(tmp_path, observe=OBSERVE)
    summary = run_toy(path, WithoutSharedDisk(2), results=tmp_path / "apart")
    assert (summary.done, summary.failed) == (13, {})
    run_toy(path, SerialExecutor(), results=tmp_path / "serial")
    assert files(tmp_path / "apart") == files(tmp_path / "serial")
